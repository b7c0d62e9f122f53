// The numbers of all layers over the steps -> one chart over the time bar: layers down, steps across.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { fractionOn, stepAt } from "../../draw/axis";
import { change, goTo, pickLayerOf } from "../../state/actions";
import { chosen, folded, kindOf, most, network, type Row, turn, valueAt } from "../../state/layerChart";
import { axis, dark, place, steps } from "../../state/store";
import { Icon } from "../../ui/Icon";
import { walkList } from "../../ui/walkList";
import { split } from "../../words/format";
import { layerMeaning, print } from "../../words/metrics";

/** Rows as high as reads well, until there are too many of them. */
const HIGH = 16;
const ALL = 112;
const NAMED = 10;

export function Network() {
  const name = chosen.value;
  if (name === null || steps.value.length < 2 || network.value.length === 0) return null;
  if (folded.value) return null;
  const meaning = layerMeaning(name);
  const now = network.value.findIndex(({ layer }) => layer === place.value?.layer);
  const height = Math.max(2, Math.min(HIGH, Math.floor(ALL / network.value.length)));
  return (
    <section
      class="network"
      aria-label={`${meaning.name} of each layer over the steps`}
      style={{ "--row": `${height}px` }}
    >
      <div class="network-about">
        <h2 title={meaning.text}>{meaning.name}</h2>
        <p class="network-scale">
          <span>0</span>
          <span class="network-ramp" />
          <span>{print(most.value, meaning)}</span>
        </p>
      </div>
      <ol class={`network-names ${height < NAMED ? "network-dense" : ""}`} onKeyDown={walkList}>
        {network.value.map((row, at) => (
          <Name key={row.layer} row={row} name={name} stop={now < 0 ? at === 0 : at === now} />
        ))}
      </ol>
      <Chart height={height} name={name} />
      <button
        type="button"
        class="icon-button"
        aria-label="Fold the chart away"
        title="Fold the chart away (L)"
        onClick={() => change({ net: "none" })}
      >
        <Icon name="below" />
      </button>
    </section>
  );
}

/** The name of a layer leads to it, at the step over which it changed most; the names are one stop of the Tab key. */
function Name({ row, name, stop }: { row: Row; name: string; stop: boolean }) {
  const meaning = layerMeaning(name);
  const when = turn(row.course);
  const last = row.course.values.at(-1);
  const words = [
    `${row.layer}: ${print(last, meaning)} at the end`,
    row.frozen ? "frozen" : when ? `changed most at step ${when.step}` : "never changed",
  ].join(", ");
  return (
    <li>
      <button
        type="button"
        aria-current={place.value?.layer === row.layer}
        tabIndex={stop ? 0 : -1}
        aria-label={`Go to ${words}`}
        title={words}
        onClick={() => {
          pickLayerOf(kindOf(name), row.layer);
          if (when) goTo(when.step);
        }}
      >
        {split(row.layer)[1]}
      </button>
    </li>
  );
}

function Chart({ height, name }: { height: number; name: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [over, setOver] = useState<{ readonly row: Row; readonly at: number; readonly step: number } | null>(null);
  const rows = network.value;
  useLayoutEffect(() => {
    if (!canvas.current) return;
    const observer = new ResizeObserver(([box]) => setWidth(Math.round(box?.contentRect.width ?? 0)));
    observer.observe(canvas.current);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (canvas.current && width > 0) draw(canvas.current, rows, width, height);
  }, [rows, width, height, axis.value, dark.value, most.value]);
  const find = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = Math.max(0, Math.min(rows.length - 1, Math.floor((event.clientY - box.top) / height)));
    const step = stepAt(axis.value, (event.clientX - box.left) / box.width);
    const row = rows[at];
    return row && step !== null ? { row, at, step } : null;
  };
  const go = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    const found = find(event);
    if (!found) return;
    pickLayerOf(kindOf(name), found.row.layer);
    goTo(found.step);
  };
  const x = (step: number): string => `${(fractionOn(axis.value, step) * 100).toFixed(3)}%`;
  const now = rows.findIndex(({ layer }) => layer === place.value?.layer);
  return (
    <div class="network-box">
      <div
        class="network-chart"
        style={{ height: `${rows.length * height}px` }}
        onPointerDown={go}
        onPointerMove={(event) => setOver(find(event))}
        onPointerLeave={() => setOver(null)}
      >
        <canvas ref={canvas} role="img" aria-label={inWords(name)} />
        {now >= 0 && <span class="network-row" style={{ top: `${now * height}px` }} />}
        {place.value?.step != null && <span class="network-now" style={{ left: x(place.value.step) }} />}
        {over && (
          <span
            class={`tip network-tip ${fractionOn(axis.value, over.step) > 0.7 ? "network-tip-left" : ""}`}
            style={{ left: x(over.step), top: `${over.at * height}px` }}
          >
            {split(over.row.layer)[1]}, step {over.step}:{" "}
            <b>{over.row.frozen ? "frozen" : print(valueAt(over.row.course, over.step), layerMeaning(name))}</b>
          </span>
        )}
      </div>
    </div>
  );
}

/** Where most happened, for those who hear the page. */
function inWords(name: string): string {
  const turns = network.value.map(({ layer, course }) => ({ layer, when: turn(course) }));
  const first = turns.reduce(
    (a, b) => ((b.when?.by ?? 0) > (a.when?.by ?? 0) ? b : a),
    turns[0] ?? { layer: "", when: null },
  );
  const most = first.when ? `; ${first.layer} changed most, at step ${first.when.step}` : "; none of them changed";
  return `${layerMeaning(name).name} of ${network.value.length} layers over ${steps.value.length} steps${most}`;
}

/** One cell for each layer and stored step; how much ink it gets is its share of the largest value. */
function draw(canvas: HTMLCanvasElement, rows: readonly Row[], width: number, height: number): void {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(rows.length * height * ratio);
  const context = canvas.getContext("2d");
  if (!context) return;
  context.fillStyle = getComputedStyle(canvas).color;
  const places = steps.value.map((step) => fractionOn(axis.value, step));
  const edge = (at: number): number =>
    at <= 0 ? 0 : at >= places.length ? 1 : ((places[at - 1] ?? 0) + (places[at] ?? 0)) / 2;
  const gap = height >= 6 ? 1 : 0;
  rows.forEach(({ course }, down) => {
    steps.value.forEach((step, at) => {
      const value = valueAt(course, step);
      if (value === null) return;
      context.globalAlpha = 0.06 + 0.94 * Math.min(1, Math.max(0, value / (most.value || 1)));
      const [left, right] = [Math.round(edge(at) * canvas.width), Math.round(edge(at + 1) * canvas.width)];
      context.fillRect(left, Math.round(down * height * ratio), right - left, Math.round((height - gap) * ratio));
    });
  });
}

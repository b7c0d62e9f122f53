// Layer chart: the metric of all layers over the steps, layers down, steps across.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { fractionOn, stepAt } from "../../draw/axis";
import { goTo, pickLayerOf } from "../../state/actions";
import { chosen, died, folded, most, network, type Row, turn, valueAt } from "../../state/layerChart";
import { axis, dark, place, runColour, steps } from "../../state/store";
import { frozenThen } from "../../state/trained";
import { walkList } from "../../ui/walkList";
import { split } from "../../words/format";
import { kindOf, layerMeaning, print } from "../../words/metrics";
import { useWidth } from "../useWidth";

/** Row height in pixels, the height of all rows, and the least height at which names are readable. */
const HIGH = 14;
const ALL = 72;
const NAMED = 10;

/** Folded away where the user wants that, unless `always`. */
export function LayerChart({ always = false }: { always?: boolean }) {
  const name = chosen.value;
  if (name === null || steps.value.length < 2 || network.value.length === 0) return null;
  if (folded.value && !always) return null;
  const meaning = layerMeaning(name);
  const now = network.value.findIndex(({ layer }) => layer === place.value?.layer);
  const height = Math.max(2, Math.min(HIGH, Math.floor(ALL / network.value.length)));
  return (
    <section
      class="layer-chart"
      aria-label={`${meaning.name} of each layer over the steps`}
      style={{ "--row": `${height}px`, "--run": runColour.value ?? "var(--ink)" }}
    >
      <div class="layer-chart-about">
        <h2 title={meaning.text}>{meaning.name}</h2>
        <p class="layer-chart-scale">
          <span>0</span>
          <span class="layer-chart-ramp" />
          <span>{print(most.value, meaning)}</span>
        </p>
        {network.value.some(({ layer }) => steps.value.some((step) => died(layer, step) > 0)) && (
          <p class="layer-chart-dying" title="More of its filters are dead than at its first step">
            losing filters
          </p>
        )}
      </div>
      <ol class={`layer-chart-names ${height < NAMED ? "layer-chart-dense" : ""}`} onKeyDown={walkList}>
        {network.value.map((row, index) => (
          <Name key={row.layer} row={row} name={name} stop={now < 0 ? index === 0 : index === now} />
        ))}
      </ol>
      <Chart height={height} name={name} />
    </section>
  );
}

/** The name of a layer leads to it, at the step over which it changed most. */
function Name({ row, name, stop }: { row: Row; name: string; stop: boolean }) {
  const meaning = layerMeaning(name);
  const when = turn(row.course);
  const last = row.course.values.at(-1);
  const words = [
    `${row.layer}: ${print(last, meaning)} at the end`,
    frozenThen(row.layer, steps.value.at(-1) ?? 0)
      ? "frozen"
      : when
        ? `changed most at step ${when.step}`
        : "never changed",
    inWordsOfLoss(row.layer, steps.value.at(-1) ?? 0),
  ]
    .filter(Boolean)
    .join(", ");
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
  const width = useWidth(canvas);
  const [over, setOver] = useState<{ readonly row: Row; readonly index: number; readonly step: number } | null>(null);
  const rows = network.value;
  useLayoutEffect(() => {
    if (canvas.current && width > 0) draw(canvas.current, rows, width, height);
  }, [rows, width, height, axis.value, dark.value, most.value, runColour.value]);
  const find = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    const index = Math.max(0, Math.min(rows.length - 1, Math.floor((event.clientY - box.top) / height)));
    const step = stepAt(axis.value, (event.clientX - box.left) / box.width);
    const row = rows[index];
    return row && step !== null ? { row, index, step } : null;
  };
  const go = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    const hit = find(event);
    if (!hit) return;
    pickLayerOf(kindOf(name), hit.row.layer);
    goTo(hit.step);
  };
  const x = (step: number): string => `${(fractionOn(axis.value, step) * 100).toFixed(3)}%`;
  const now = rows.findIndex(({ layer }) => layer === place.value?.layer);
  return (
    <div class="layer-chart-box">
      <div
        class="layer-chart-cells"
        style={{ height: `${rows.length * height}px` }}
        onPointerDown={go}
        onPointerMove={(event) => setOver(find(event))}
        onPointerLeave={() => setOver(null)}
      >
        <canvas ref={canvas} role="img" aria-label={inWords(name)} />
        {now >= 0 && <span class="layer-chart-row" style={{ top: `${now * height}px` }} />}
        {place.value?.step != null && <span class="layer-chart-now" style={{ left: x(place.value.step) }} />}
        {over && (
          <span
            class={`tip layer-chart-tip ${fractionOn(axis.value, over.step) > 0.7 ? "layer-chart-tip-left" : ""}`}
            style={{ left: x(over.step), top: `${over.index * height}px` }}
          >
            {split(over.row.layer)[1]}, step {over.step}:{" "}
            <b>{print(valueAt(over.row.course, over.step), layerMeaning(name))}</b>
            {frozenThen(over.row.layer, over.step) && ", frozen"}
            {died(over.row.layer, over.step) > 0 && `, ${inWordsOfLoss(over.row.layer, over.step)}`}
          </span>
        )}
      </div>
    </div>
  );
}

/** "3 more filters dead than at its first step"; empty where none are. */
function inWordsOfLoss(layer: string, step: number): string {
  const lost = died(layer, step);
  return lost > 0 ? `${lost} more ${lost === 1 ? "filter" : "filters"} dead than at its first step` : "";
}

/** The chart in words, for screen readers. */
function inWords(name: string): string {
  const turns = network.value.map(({ layer, course }) => ({ layer, when: turn(course) }));
  const first = turns.reduce(
    (a, b) => ((b.when?.by ?? 0) > (a.when?.by ?? 0) ? b : a),
    turns[0] ?? { layer: "", when: null },
  );
  const most = first.when ? `; ${first.layer} changed most, at step ${first.when.step}` : "; none of them changed";
  return `${layerMeaning(name).name}: ${network.value.length} layers over ${steps.value.length} steps${most}`;
}

/**
 * One cell for each layer and stored step, as dark as its share of the largest value, hatched where it was frozen,
 * outlined where it has lost filters.
 */
function draw(canvas: HTMLCanvasElement, rows: readonly Row[], width: number, height: number): void {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(rows.length * height * ratio);
  const context = canvas.getContext("2d");
  if (!context) return;
  const ink = getComputedStyle(canvas).color;
  context.fillStyle = ink;
  const places = steps.value.map((step) => fractionOn(axis.value, step));
  const edge = (index: number): number =>
    index <= 0 ? 0 : index >= places.length ? 1 : ((places[index - 1] ?? 0) + (places[index] ?? 0)) / 2;
  const gap = height >= 6 ? 1 : 0;
  const hatch = hatching(context, ratio, getComputedStyle(canvas.parentElement ?? canvas).color);
  const loss = getComputedStyle(canvas).outlineColor;
  rows.forEach(({ layer, course }, down) => {
    steps.value.forEach((step, index) => {
      const value = valueAt(course, step);
      const [left, right] = [Math.round(edge(index) * canvas.width), Math.round(edge(index + 1) * canvas.width)];
      const cell = [left, Math.round(down * height * ratio), right - left, Math.round((height - gap) * ratio)] as const;
      if (value !== null) {
        context.globalAlpha = 0.08 + 0.92 * Math.min(1, Math.max(0, value / (most.value || 1)));
        context.fillStyle = ink;
        context.fillRect(...cell);
      }
      if (hatch && frozenThen(layer, step)) {
        context.globalAlpha = 0.6;
        context.fillStyle = hatch;
        context.fillRect(...cell);
      }
      if (died(layer, step) > 0) {
        const ends = (by: number): boolean => died(layer, steps.value[index + by] ?? -1) === 0;
        context.globalAlpha = 1;
        context.fillStyle = loss;
        for (const side of frame(cell, Math.round(1.5 * ratio), ends(-1), ends(1))) context.fillRect(...side);
      }
    });
  });
}

type Cell = readonly [left: number, top: number, width: number, height: number];

/** Lines along the upper and lower edge of a cell, and at its ends where an outline begins or ends there. */
function frame([left, top, width, height]: Cell, thick: number, opens: boolean, ends: boolean): Cell[] {
  const line = Math.min(thick, Math.ceil(height / 3));
  return [
    [left, top, width, line],
    [left, top + height - line, width, line],
    [left, top, opens ? line : 0, height],
    [left + width - line, top, ends ? line : 0, height],
  ];
}

/** Slanted lines, as the style sheet draws them elsewhere. */
function hatching(context: CanvasRenderingContext2D, ratio: number, ink: string): CanvasPattern | null {
  const size = Math.round(6 * ratio);
  const tile = new OffscreenCanvas(size, size);
  const lines = tile.getContext("2d");
  if (!lines) return null;
  lines.strokeStyle = ink;
  lines.lineWidth = ratio;
  lines.beginPath();
  for (const shift of [-size, 0, size]) {
    lines.moveTo(shift, size);
    lines.lineTo(shift + size, 0);
  }
  lines.stroke();
  return context.createPattern(tile, "repeat");
}

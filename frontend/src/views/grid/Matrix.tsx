// Tiles at all steps of their layer -> a matrix: tiles down, steps across, runs beside each other as lines of a tile.

import { useEffect, useRef, useState } from "preact/hooks";
import { type Loaded, load, remembered, type Wanted } from "../../data/sheets";
import { aspect, positionOf } from "../../data/tiles";
import { goTo, openTile } from "../../state/actions";
import { b, besideRuns, wantedBeside } from "../../state/compare";
import { pins } from "../../state/pinboard";
import { classes, entry, indexes, place, row, view, wantedAt } from "../../state/store";
import { arranged } from "../../state/tileOrder";
import { Picture } from "./Picture";
import { describe } from "./Tile";

const FIRST = 24;
const USUAL = 72;

export function Matrix({ loaded }: { loaded: Loaded }) {
  const [more, setMore] = useState(1);
  const all = arranged(loaded).map(({ id }) => id);
  const at = place.value;
  const chosen = pins.value
    .filter((pin) => pin.run === at?.run && pin.kind === at.kind && pin.layer === at.layer)
    .map(({ tile }) => tile);
  const rows = chosen.length ? all.filter((id) => chosen.includes(id)) : all.slice(0, FIRST * more);
  const width = view.value.size ?? USUAL;
  const style = { "--cell": `${width}px`, "--aspect": 1 / aspect(loaded) };
  const lines = [entry.value?.name ?? "", ...besideRuns.value.map((run) => indexes.value.get(run)?.name ?? run)];
  return (
    <>
      <div class={`matrix ${lines.length > 1 ? "matrix-runs" : ""}`} style={style}>
        <ol class="matrix-rows" aria-label="Tiles">
          <li class="matrix-head" />
          {rows.map((id) =>
            lines.map((name, line) => (
              <li key={`${id} ${line}`} class={`matrix-name ${line === 0 ? "matrix-first" : ""}`}>
                {line === 0 && (
                  <button type="button" title="Enlarge" data-tile={id} onClick={() => openTile(id)}>
                    {id}
                  </button>
                )}
                {lines.length > 1 && (
                  <span class="matrix-run quiet" title={name}>
                    {name}
                  </span>
                )}
              </li>
            )),
          )}
        </ol>
        {(row.value?.series.steps ?? []).map((step) => (
          <Column key={`${row.value?.series.tag} ${step}`} step={step} rows={rows} names={lines} />
        ))}
      </div>
      <p class="matrix-note quiet">
        {chosen.length
          ? `${rows.length} pinned of ${all.length} tiles. `
          : `${rows.length} of ${all.length} tiles. Pin tiles to see only those. `}
        {!chosen.length && rows.length < all.length && (
          <button type="button" class="button" onClick={() => setMore(more + 1)}>
            Show more
          </button>
        )}
      </p>
    </>
  );
}

function Column({ step, rows, names }: { step: number; rows: readonly number[]; names: readonly string[] }) {
  const head = useRef<HTMLLIElement>(null);
  const lines = useInSight(head, [wantedAt(step), ...besideRuns.value.map((run) => wantedBeside(run, step))]);
  const now = place.value?.step === step;
  useEffect(() => {
    if (now) head.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [now]);
  const isB = b.value?.step === step && b.value.run === place.value?.run;
  return (
    <ol class={`matrix-column ${now ? "matrix-now" : ""}`} aria-label={`Step ${step}`} aria-current={now}>
      <li class="matrix-head" ref={head}>
        <button type="button" aria-label={`Go to step ${step}`} onClick={() => goTo(step)}>
          {step}
        </button>
        {isB && <span class="mark mark-b">B</span>}
      </li>
      {rows.map((id) =>
        names.map((name, line) => (
          <Cell
            key={`${id} ${line}`}
            id={id}
            step={step}
            run={names.length > 1 ? name : ""}
            first={line === 0}
            loaded={lines[line] ?? null}
          />
        )),
      )}
    </ol>
  );
}

interface CellProps {
  readonly id: number;
  readonly step: number;
  /** Where several runs are lines: the name of this one. */
  readonly run: string;
  readonly first: boolean;
  readonly loaded: Loaded | null;
}

function Cell({ id, step, run, first, loaded }: CellProps) {
  const at = loaded ? positionOf(loaded, id, classes.value) : -1;
  const words = [run, `Step ${loaded?.ref.step ?? step}`].filter(Boolean).join(", ");
  const label = `${words}: ${loaded && at >= 0 ? describe(loaded, at) : `Tile ${id}`}`;
  return (
    <li class={first ? "matrix-first" : undefined}>
      <button
        type="button"
        class="matrix-cell"
        tabIndex={-1}
        aria-label={label}
        title={label}
        onClick={() => goTo(step)}
      >
        {loaded && at >= 0 && <Picture loaded={loaded} at={at} label="" />}
      </button>
    </li>
  );
}

/** The sheets of a step for as long as its column is near what is in sight: a long run has too many to draw. */
function useInSight(
  head: { current: HTMLElement | null },
  wanted: readonly (Wanted | null)[],
): readonly (Loaded | null)[] {
  const [loaded, setLoaded] = useState<readonly (Loaded | null)[]>([]);
  const key = JSON.stringify(wanted);
  useEffect(() => {
    if (!head.current) return;
    let stop = new AbortController();
    const bring = (signal: AbortSignal): void => {
      setLoaded(wanted.map((one) => (one && remembered(one)) ?? null));
      wanted.forEach((one, line) => {
        if (!one || remembered(one)) return;
        const put = (found: Loaded): void =>
          setLoaded((before) => (signal.aborted ? before : before.map((old, at) => (at === line ? found : old))));
        load(one, signal).then(put, () => undefined);
      });
    };
    const observer = new IntersectionObserver(
      ([sight]) => {
        stop.abort();
        stop = new AbortController();
        if (sight?.isIntersecting) bring(stop.signal);
        else setLoaded([]);
      },
      // Downwards a column is in sight wherever its head is.
      { root: head.current.closest(".room"), rootMargin: "100000px 200px" },
    );
    observer.observe(head.current);
    return () => {
      observer.disconnect();
      stop.abort();
    };
  }, [key]);
  return loaded;
}

// Tiles at all steps of their layer -> a matrix: tiles down, steps across; a click goes to the step.

import { useEffect, useRef, useState } from "preact/hooks";
import { goTo, openTile } from "../actions";
import { arranged } from "../arranged";
import { b } from "../compare";
import { load, remembered, type Loaded } from "../sheets";
import { classes, place, row, view, wantedAt } from "../state";
import { aspect, positionOf } from "../tiles";
import { pins } from "../tray";
import { describe } from "./Tile";
import { Picture } from "./draw";

const FIRST = 24;
const USUAL = 72;

export function Matrix({ loaded }: { loaded: Loaded }) {
  const [more, setMore] = useState(1);
  const all = arranged(loaded).map(({ id }) => id);
  const at = place.value;
  const chosen = pins.value.filter((pin) => pin.run === at?.run && pin.kind === at.kind && pin.layer === at.layer).map(({ tile }) => tile);
  const rows = chosen.length ? all.filter((id) => chosen.includes(id)) : all.slice(0, FIRST * more);
  const width = view.value.size ?? USUAL;
  const style = { "--cell": `${width}px`, "--aspect": 1 / aspect(loaded) };
  return (
    <>
      <div class="matrix" style={style}>
        <ol class="matrix-rows" aria-label="Tiles">
          <li class="matrix-head" />
          {rows.map((id) => (
            <li key={id} class="matrix-name">
              <button type="button" title="Enlarge" data-tile={id} onClick={() => openTile(id)}>
                {id}
              </button>
            </li>
          ))}
        </ol>
        {(row.value?.series.steps ?? []).map((step) => (
          <Column key={`${row.value?.series.tag} ${step}`} step={step} rows={rows} />
        ))}
      </div>
      <p class="matrix-note quiet">
        {chosen.length ? `${rows.length} pinned of ${all.length} tiles. ` : `${rows.length} of ${all.length} tiles. Pin tiles to see only those. `}
        {!chosen.length && rows.length < all.length && (
          <button type="button" class="button" onClick={() => setMore(more + 1)}>
            Show more
          </button>
        )}
      </p>
    </>
  );
}

function Column({ step, rows }: { step: number; rows: readonly number[] }) {
  const head = useRef<HTMLLIElement>(null);
  const loaded = useInSight(head, step);
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
      {rows.map((id) => (
        <Cell key={id} id={id} step={step} loaded={loaded} />
      ))}
    </ol>
  );
}

function Cell({ id, step, loaded }: { id: number; step: number; loaded: Loaded | null }) {
  const at = loaded ? positionOf(loaded, id, classes.value) : -1;
  const label = loaded && at >= 0 ? describe(loaded, at) : `Tile ${id}`;
  return (
    <li>
      <button type="button" class="matrix-cell" tabIndex={-1} aria-label={`Step ${step}: ${label}`} title={`Step ${step}: ${label}`} onClick={() => goTo(step)}>
        {loaded && at >= 0 && <Picture loaded={loaded} at={at} label="" />}
      </button>
    </li>
  );
}

/** The sheet of a step for as long as its column is near what is in sight: a long run has too many to draw. */
function useInSight(head: { current: HTMLElement | null }, step: number): Loaded | null {
  const wanted = wantedAt(step);
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const key = wanted ? `${wanted.ref.run} ${wanted.ref.tag} ${step} ${wanted.ref.at}` : "";
  useEffect(() => {
    if (!head.current || !wanted) return;
    let stop = new AbortController();
    const observer = new IntersectionObserver(
      ([sight]) => {
        stop.abort();
        stop = new AbortController();
        if (!sight?.isIntersecting) return setLoaded(null);
        const { signal } = stop;
        const held = remembered(wanted);
        if (held) setLoaded(held);
        else load(wanted, signal).then((found) => !signal.aborted && setLoaded(found), () => undefined);
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

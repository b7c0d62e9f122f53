// The enlarged tile at every stored step of its layer, in a row; a click goes to the step.

import { useEffect, useRef, useState } from "preact/hooks";
import { type Loaded, load, remembered } from "../../data/sheets";
import { aspect, positionOf } from "../../data/tiles";
import { goTo } from "../../state/actions";
import { classes, place, row, view, wantedAt } from "../../state/store";
import { stale } from "../../words/badges";
import { number, percent } from "../../words/format";
import { Picture } from "../grid/Picture";

export function Filmstrip() {
  const steps = row.value?.series.steps ?? [];
  const tag = `${place.value?.run} ${row.value?.series.tag}`;
  return (
    <ol class="filmstrip" aria-label="This tile at every stored step">
      {steps.map((step) => (
        <Frame key={`${tag} ${step}`} step={step} />
      ))}
    </ol>
  );
}

function Frame({ step }: { step: number }) {
  const item = useRef<HTMLLIElement>(null);
  const loaded = useLoaded(item, step);
  const chosen = place.value?.step === step;
  useEffect(() => {
    if (chosen) item.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [chosen]);
  const at = loaded ? positionOf(loaded, view.value.tile, classes.value) : -1;
  return (
    <li ref={item}>
      <button
        type="button"
        class="frame"
        aria-current={chosen}
        aria-label={`Go to step ${step}`}
        onClick={() => goTo(step)}
      >
        <span class="frame-picture" style={loaded ? { "--aspect": 1 / aspect(loaded) } : {}}>
          {loaded && at >= 0 && <Picture loaded={loaded} at={at} label="" />}
        </span>
        <span class="frame-text">
          <b>{step}</b>
          <span>{loaded && at >= 0 ? figure(loaded, at) : ""}</span>
        </span>
      </button>
    </li>
  );
}

function figure(loaded: Loaded, at: number): string {
  if (loaded.kind === "heatmaps") return percent(loaded.facts.tiles[at]?.probability ?? null);
  const tile = loaded.facts.tiles[at];
  return tile && stale(tile, loaded) ? `from ${tile.computed}` : number(tile?.score);
}

/** The sheet of a step, asked for when its frame comes into sight. */
function useLoaded(item: { current: HTMLLIElement | null }, step: number): Loaded | null {
  const wanted = wantedAt(step);
  const [loaded, setLoaded] = useState<Loaded | null>(() => (wanted && remembered(wanted)) ?? null);
  const key = wanted ? `${wanted.ref.run} ${wanted.ref.tag} ${step} ${wanted.ref.at}` : "";
  useEffect(() => {
    if (!item.current || !wanted) return;
    const stop = new AbortController();
    const observer = new IntersectionObserver(([sight]) => {
      if (!sight?.isIntersecting) return;
      observer.disconnect();
      load(wanted, stop.signal).then(setLoaded, () => undefined);
    });
    observer.observe(item.current);
    return () => {
      observer.disconnect();
      stop.abort();
    };
  }, [key]);
  return loaded;
}

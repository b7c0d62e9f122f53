// Filmstrip: the enlarged tile at every stored step of its layer.

import { useEffect, useRef } from "preact/hooks";
import type { Loaded } from "../../data/sheets";
import { aspect, positionOf } from "../../data/tiles";
import { goTo } from "../../state/actions";
import { classes, place, row, view, wantedAt } from "../../state/store";
import { stale } from "../../words/badges";
import { number, percent } from "../../words/format";
import { Picture } from "../grid/Picture";
import { useSheet } from "../useSheet";

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
  const loaded = useSheet(wantedAt(step), { whenVisible: item });
  const chosen = place.value?.step === step;
  useEffect(() => {
    if (chosen) item.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [chosen]);
  const position = loaded ? positionOf(loaded, view.value.tile, classes.value) : -1;
  return (
    <li ref={item}>
      <button
        type="button"
        class="card frame"
        aria-current={chosen}
        aria-label={`Go to step ${step}`}
        onClick={() => goTo(step)}
      >
        <span class="picture" style={loaded ? { "--aspect": 1 / aspect(loaded) } : {}}>
          {loaded && position >= 0 && <Picture loaded={loaded} position={position} label="" />}
        </span>
        <span class="frame-text">
          <b>{step}</b>
          <span>{loaded && position >= 0 ? figure(loaded, position) : ""}</span>
        </span>
      </button>
    </li>
  );
}

function figure(loaded: Loaded, position: number): string {
  if (loaded.kind === "heatmaps") return percent(loaded.facts.tiles[position]?.probability ?? null);
  const tile = loaded.facts.tiles[position];
  return tile && stale(tile, loaded) ? `from ${tile.computed}` : number(tile?.score);
}

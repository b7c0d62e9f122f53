// Filmstrip: the enlarged tile at the stored steps, each picture over its tick.

import { useRef } from "preact/hooks";
import type { Loaded } from "../../data/sheets";
import { aspect, positionOf } from "../../data/tiles";
import { fractionOn, spacedOn } from "../../draw/axis";
import { goTo } from "../../state/actions";
import { axis, classes, place, row, view, wantedAt } from "../../state/store";
import { stale } from "../../words/badges";
import { number, percent } from "../../words/format";
import { Picture } from "../grid/Picture";
import { useSheet } from "../useSheet";
import { useWidth } from "../useWidth";
import { TimeMarks } from "./TimeMarks";

/** Pixels from one picture to the next. */
const PACE = 58;

export function Filmstrip() {
  const strip = useRef<HTMLDivElement>(null);
  const width = useWidth(strip);
  const stored = new Set(row.value?.series.steps ?? []);
  const tag = `${place.value?.run} ${row.value?.series.tag}`;
  const shown = spacedOn(axis.value, width, PACE, place.value?.step ?? null).filter((step) => stored.has(step));
  return (
    <div class="filmstrip-box">
      <div class="filmstrip" ref={strip}>
        <TimeMarks />
        <ol aria-label="This tile at the stored steps">
          {shown.map((step) => (
            <Frame key={`${tag} ${step}`} step={step} />
          ))}
        </ol>
      </div>
    </div>
  );
}

function Frame({ step }: { step: number }) {
  const item = useRef<HTMLLIElement>(null);
  const loaded = useSheet(wantedAt(step), { whenVisible: item });
  const position = loaded ? positionOf(loaded, view.value.tile, classes.value) : -1;
  const words = loaded && position >= 0 ? figure(loaded, position) : "";
  return (
    <li ref={item} style={{ left: `${(fractionOn(axis.value, step) * 100).toFixed(3)}%` }}>
      <button
        type="button"
        class="frame"
        aria-current={place.value?.step === step}
        aria-label={`Go to step ${step}`}
        title={`Step ${step}${words && `: ${words}`}`}
        onClick={() => goTo(step)}
      >
        <span class="picture" style={loaded ? { "--aspect": 1 / aspect(loaded) } : {}}>
          {loaded && position >= 0 && <Picture loaded={loaded} position={position} label="" size="stamp" />}
        </span>
      </button>
    </li>
  );
}

function figure(loaded: Loaded, position: number): string {
  if (loaded.kind === "heatmaps") return percent(loaded.facts.tiles[position]?.probability ?? null);
  const tile = loaded.facts.tiles[position];
  return tile && stale(tile, loaded) ? `picture of step ${tile.computed}` : `score ${number(tile?.score)}`;
}

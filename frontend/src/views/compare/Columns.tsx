// The same tiles of several runs -> one column of tiles per run, row by row the same.

import type { Loaded } from "../../data/sheets";
import { type Entry, positionOf } from "../../data/tiles";
import { change } from "../../state/actions";
import { besideRuns, others, screenOf } from "../../state/compare";
import { sameFilters } from "../../state/resolveB";
import { company } from "../../state/scale";
import { classes as chosenClasses, entry, index, indexes, place, runs, screen, view } from "../../state/store";
import { arranged } from "../../state/tileOrder";
import { CAPTION, CLASSES, mostClasses } from "../grid/Classes";
import { grid, type Room, type TileShape } from "../grid/layout";
import { Tile } from "../grid/Tile";
import { strangers } from "./CompareBar";

const GAP = 24;
const HEAD = 76;

interface Props {
  readonly room: Room;
  readonly loaded: Loaded;
  readonly shape: TileShape;
}

export function Columns({ room, loaded, shape }: Props) {
  const shown = arranged(loaded);
  const count = 1 + besideRuns.value.length;
  const own = { width: (room.width - GAP * (count - 1)) / count, height: room.height - HEAD };
  const { columns, width } = grid(own, { ...shape, gap: 8, least: Math.min(shape.least, 96) }, view.value.size);
  // Rows of all runs are of one height, also where only some have several classes.
  const classes = [loaded, ...company.value].some((one) => one.kind === "heatmaps" && mostClasses(one) > 1);
  const rowHeight =
    Math.ceil(Math.min(width, own.width) * shape.aspect) + CAPTION[loaded.kind] + (classes ? CLASSES : 0);
  const style = {
    gridTemplateColumns: `repeat(${columns}, ${Math.min(width, own.width)}px)`,
    "--aspect": 1 / shape.aspect,
    gridAutoRows: `${rowHeight}px`,
  };
  return (
    <>
      <Alignment />
      <div class="columns" style={{ gridTemplateColumns: `repeat(${count}, minmax(0, 1fr))` }}>
        <section aria-label={`Run ${entry.value?.name}`}>
          <Heading name={entry.value?.name ?? ""} text={`step ${loaded.ref.step}`} />
          <ol class="grid columns-grid" style={style}>
            {shown.map(({ id, at }) => (
              <Tile key={id} id={id} at={at} loaded={loaded} />
            ))}
          </ol>
        </section>
        {besideRuns.value.map((run) => (
          <Column key={run} run={run} shown={shown} style={style} />
        ))}
      </div>
    </>
  );
}

function Column({
  run,
  shown,
  style,
}: {
  run: string;
  shown: readonly Entry[];
  style: Record<string, string | number>;
}) {
  const name = indexes.value.get(run)?.name ?? runs.value?.find((other) => other.run === run)?.name ?? run;
  const other = others.value.get(run);
  const { loaded, status, message } = screenOf(run);
  const missing = !other
    ? ""
    : !other.series
      ? `no ${place.value?.kind} of this layer`
      : other.step === null
        ? "nothing at or before this step"
        : "";
  return (
    <section aria-label={`Run ${name}`}>
      <Heading
        name={name}
        text={missing || (status === "failed" ? message : other ? `step ${other.step}` : "\u2026")}
        odd={missing !== "" || status === "failed"}
      />
      {!missing && status !== "failed" && (
        <ol class={`grid columns-grid ${status === "loading" ? "grid-waiting" : ""}`} style={style}>
          {shown.map(({ id }) => (
            <Cell key={id} id={id} loaded={loaded} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Cell({ id, loaded }: { id: number; loaded: Loaded | null }) {
  const at = loaded ? positionOf(loaded, id, chosenClasses.value) : -1;
  if (loaded && at >= 0) return <Tile id={id} at={at} loaded={loaded} />;
  return (
    <li>
      <span class="tile-picture column-none">{loaded ? "not in this run" : ""}</span>
    </li>
  );
}

function Heading({ name, text, odd = false }: { name: string; text: string; odd?: boolean }) {
  return (
    <h2 class="column-head">
      <span class="run-name" title={name}>
        {name}
      </span>
      <span class={odd ? "caption-odd" : "quiet"}>{text}</span>
    </h2>
  );
}

/** How steps of the other runs are chosen, and what their filter numbers are worth. */
function Alignment() {
  const { align } = view.value;
  const kinds = besideRuns.value.map((run) => sameFilters(index.value ?? undefined, indexes.value.get(run)));
  const worst = kinds.includes("different") ? "different" : kinds.includes("unknown") ? "unknown" : "same";
  const known = besideRuns.value.every((run) => indexes.value.has(run));
  return (
    <div class="alignment">
      <span class="quiet">Other runs at</span>
      <div class="switch switch-small" role="group" aria-label="Which steps of other runs stand beside this one">
        <button
          type="button"
          aria-pressed={align === "step"}
          title="As many epochs, or the last before"
          onClick={() => change({ align: "step" })}
        >
          the same step
        </button>
        <button
          type="button"
          aria-pressed={align === "end"}
          title="As far on the way from their start to their end"
          onClick={() => change({ align: "end" })}
        >
          the same share
        </button>
      </div>
      {place.value?.kind === "patterns" && known && <span class="quiet">{strangers(worst)}</span>}
    </div>
  );
}

/** Whether the grid is one of columns now. */
export function inColumns(): boolean {
  return besideRuns.value.length > 0 && screen.value.loaded !== null;
}

// Columns: the same tiles of several runs, one column per run.

import type { Loaded } from "../../data/sheets";
import { type Entry, positionOf } from "../../data/tiles";
import { type Area, captionHeight, grid, hasClassButtons, type TileShape } from "../../draw/layout";
import { change } from "../../state/actions";
import { besideRuns, others } from "../../state/compare";
import { sameFilters } from "../../state/resolveB";
import { onScreen, screenOf } from "../../state/slot";
import { classes as chosenClasses, entry, index, indexes, place, runs, view } from "../../state/store";
import { arranged } from "../../state/tileOrder";
import { RunName } from "../../ui/RunName";
import { Switch } from "../../ui/Switch";
import { acrossRuns } from "../../words/comparison";
import { Tile } from "../grid/Tile";

const GAP = 24;
const HEAD = 76;

interface Props {
  readonly area: Area;
  readonly loaded: Loaded;
  readonly shape: TileShape;
}

export function Columns({ area, loaded, shape }: Props) {
  const shown = arranged(loaded);
  const count = 1 + besideRuns.value.length;
  const own = { width: (area.width - GAP * (count - 1)) / count, height: area.height - HEAD };
  const { columns, width } = grid(own, { ...shape, gap: 8, least: Math.min(shape.least, 96) }, view.value.size);
  // All rows have one height, even where only some pictures have several classes.
  const classButtons = onScreen.value.some(hasClassButtons);
  const rowHeight = Math.ceil(Math.min(width, own.width) * shape.aspect) + captionHeight(loaded.kind, classButtons);
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
            {shown.map(({ id, at: position }) => (
              <Tile key={id} id={id} position={position} loaded={loaded} />
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
  const position = loaded ? positionOf(loaded, id, chosenClasses.value) : -1;
  if (loaded && position >= 0) return <Tile id={id} position={position} loaded={loaded} />;
  return (
    <li>
      <span class="picture tile-picture column-none">{loaded ? "not in this run" : ""}</span>
    </li>
  );
}

function Heading({ name, text, odd = false }: { name: string; text: string; odd?: boolean }) {
  return (
    <h2 class="column-head">
      <RunName name={name} />
      <span class={odd ? "caption-odd" : "quiet"}>{text}</span>
    </h2>
  );
}

const ALIGNMENTS = [
  { value: "step", text: "the same step", title: "After as many epochs, or the last step before" },
  { value: "end", text: "the same progress", title: "At the same fraction of training" },
] as const;

/** How steps of the other runs are matched, and whether filter numbers mean the same in them. */
export function Alignment() {
  const kinds = besideRuns.value.map((run) => sameFilters(index.value ?? undefined, indexes.value.get(run)));
  const worst = kinds.includes("different") ? "different" : kinds.includes("unknown") ? "unknown" : "same";
  const known = besideRuns.value.every((run) => indexes.value.has(run));
  return (
    <div class="alignment">
      <span class="quiet">Other runs at</span>
      <Switch
        look="small"
        label="Steps of other runs"
        value={view.value.align}
        choices={ALIGNMENTS}
        pick={(align) => change({ align })}
      />
      {place.value?.kind === "patterns" && known && <span class="quiet">{acrossRuns(worst)}</span>}
    </div>
  );
}

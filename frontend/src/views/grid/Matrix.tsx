// Matrix: tiles down, steps across; with several runs each tile has one line per run.

import { useEffect, useRef } from "preact/hooks";
import type { Examples } from "../../data/examples";
import type { Loaded } from "../../data/sheets";
import { aspect, positionOf } from "../../data/tiles";
import type { Area } from "../../draw/layout";
import { goTo, openTile } from "../../state/actions";
import { describe, describeExamples } from "../../state/captions";
import { b, besideRuns, wantedBeside } from "../../state/compare";
import { examplesBeside, gatherExamples, picturesBefore, searchedSteps, showsExamples } from "../../state/examples";
import { matrixTiles, pinnedHere, showMore } from "../../state/matrixRows";
import { classes, entry, indexes, place, row, view, wantedAt } from "../../state/store";
import { arranged } from "../../state/tileOrder";
import { Button } from "../../ui/Button";
import { RunName } from "../../ui/RunName";
import { Favourites } from "../examples/Favourites";
import { Without } from "../examples/Without";
import { useManyExamples } from "../useExamples";
import { useSheets } from "../useSheet";
import { Picture } from "./Picture";

/** Width of a cell where it fits the page: never smaller or larger. */
const LEAST = 64;
const MOST = 160;
/** Pixels before the cells, of the numbers of the tiles and the names of runs; between cells. */
const NAMES = 64;
const RUN_NAMES = 96;
const BETWEEN = 4;
/** Height of the words below the examples of a cell. */
const FAVOURITES = 20;
/** Scrolled down, a column is visible wherever its head is. */
const AROUND = "100000px 200px";

export function Matrix({ loaded, area }: { loaded: Loaded; area: Area }) {
  const favourites = showsExamples();
  useEffect(() => {
    if (favourites) gatherExamples();
  }, [row.value, favourites]);
  if (favourites && loaded.kind === "patterns" && searchedSteps().length === 0)
    return <Without loaded={loaded} fault="" />;
  const count = arranged(loaded).length;
  const chosen = pinnedHere();
  const rows = matrixTiles(loaded);
  const stored = row.value?.series.steps.length ?? 1;
  const names = NAMES + (besideRuns.value.length ? RUN_NAMES : 0);
  const fitting = Math.floor((area.width - names) / stored) - BETWEEN;
  const width = view.value.size ?? Math.max(LEAST, Math.min(MOST, fitting));
  const shape = favourites ? width / (width + FAVOURITES) : 1 / aspect(loaded);
  const style = { "--cell": `${width}px`, "--aspect": shape };
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
                  <span class="matrix-run quiet">
                    <RunName name={name} />
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
          ? `${rows.length} pinned of ${count} tiles. `
          : `${rows.length} of ${count} tiles. Pin tiles to see only those. `}
        {favourites && "Outlined: not among the examples at the step before. "}
        {!chosen.length && rows.length < count && <Button onClick={showMore}>Show more</Button>}
      </p>
    </>
  );
}

function Column({ step, rows, names }: { step: number; rows: readonly number[]; names: readonly string[] }) {
  const head = useRef<HTMLLIElement>(null);
  const wanted = [wantedAt(step), ...besideRuns.value.map((run) => wantedBeside(run, step))];
  const lines = useSheets(wanted, { whenVisible: head, near: AROUND });
  const beside = showsExamples() ? wanted.map((wish) => wish && examplesBeside(wish.ref)) : [];
  const examples = useManyExamples(beside, { whenVisible: head, near: AROUND });
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
            examples={examples[line]?.examples ?? null}
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
  /** Shown in place of the pattern. */
  readonly examples: Examples | null;
}

function Cell({ id, step, run, first, loaded, examples }: CellProps) {
  const position = loaded ? positionOf(loaded, id, classes.value) : -1;
  const words = [run, `Step ${loaded?.ref.step ?? step}`].filter(Boolean).join(", ");
  const tile = loaded && position >= 0 ? describe(loaded, position) : `Tile ${id}`;
  const label = `${words}: ${examples ? describeExamples(examples, id) : tile}`;
  return (
    <li class={first ? "matrix-first" : undefined}>
      <button
        type="button"
        class="picture matrix-cell"
        tabIndex={-1}
        aria-label={label}
        title={label}
        onClick={() => goTo(step)}
      >
        {showsExamples()
          ? examples && <Favourites examples={examples} filter={id} before={picturesBefore(examples.ref, id)} />
          : loaded && position >= 0 && <Picture loaded={loaded} position={position} label="" size="stamp" />}
      </button>
    </li>
  );
}

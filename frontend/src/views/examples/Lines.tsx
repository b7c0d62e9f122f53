// Lines: of each filter its pattern, then the parts of the user's pictures that excite it; those of B and of other runs below.

import type { Patterns } from "../../data/sheets";
import type { Entry } from "../../data/tiles";
import { aspect, positionOf } from "../../data/tiles";
import { type Area, exampleLines } from "../../draw/layout";
import { nameOfB } from "../../state/captions";
import { besideRuns, comparing } from "../../state/compare";
import { examplesBeside } from "../../state/examples";
import { bOf, positionInB } from "../../state/pairing";
import { screenOf } from "../../state/slot";
import { classes, indexes, screen, view } from "../../state/store";
import { RunName } from "../../ui/RunName";
import { Alignment } from "../compare/Columns";
import { Picture } from "../grid/Picture";
import { Tile } from "../grid/Tile";
import { type State, useManyExamples } from "../useExamples";
import { Examples, Tally } from "./Examples";
import { Without } from "./Without";

/** More of one filter are seen when it is enlarged. */
const MOST = 10;

interface Props {
  readonly loaded: Patterns;
  readonly shown: readonly Entry[];
  readonly area: Area;
}

export function Lines({ loaded, shown, area }: Props) {
  const others = othersOf(loaded);
  const [own, ...theirs] = useManyExamples(
    [loaded, ...others.map((other) => other.loaded)].map((each) => each && examplesBeside(each.ref)),
  );
  if (!examplesBeside(loaded.ref) || own?.fault) return <Without loaded={loaded} fault={own?.fault ?? ""} />;
  const most = Math.min(
    MOST,
    Math.max(1, ...(own?.examples?.facts.tiles ?? []).map(({ pictures }) => pictures.length)),
  );
  const { columns, width, narrow } = exampleLines(area.width, most, view.value.size);
  const style = {
    gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
    "--aspect": 1 / aspect(loaded),
    "--example": `${width}px`,
    "--examples": most,
  };
  const waits = screen.value.status === "loading" || own?.loading;
  return (
    <>
      {besideRuns.value.length > 0 && <Alignment />}
      <ol
        class={`grid lines ${narrow ? "lines-narrow" : ""} ${waits ? "grid-waiting" : ""}`}
        style={style}
        aria-label={`Tiles of step ${loaded.ref.step}`}
      >
        {shown.map(({ id, at }) => (
          <Tile key={id} id={id} position={at} loaded={loaded} alone={others.length > 0 && !overlaid()}>
            <Own state={own} filter={id} most={most} />
            {others.map((other, nth) => (
              <OtherLine
                key={other.key}
                other={other}
                state={theirs[nth]}
                id={id}
                position={at}
                loaded={loaded}
                most={most}
              />
            ))}
          </Tile>
        ))}
      </ol>
      {own?.examples && own.examples.ref.step !== loaded.ref.step && !own.loading && (
        <p class="matrix-note quiet">Examples are of step {own.examples.ref.step}: not searched again since.</p>
      )}
    </>
  );
}

/** Whether A and B are drawn over one another, as patterns can be and examples cannot. */
function overlaid(): boolean {
  return comparing.value && view.value.compareMode !== "side" && besideRuns.value.length === 0;
}

function Own({ state, filter, most }: { state: State | undefined; filter: number; most: number }) {
  return (
    <div class="line-examples">
      {state?.examples && (
        <>
          <Examples examples={state.examples} filter={filter} most={most} />
          <Tally examples={state.examples} filter={filter} favourite />
        </>
      )}
    </div>
  );
}

/** What stands in further lines of a filter: B, or other runs. */
interface Other {
  readonly key: string;
  /** null of another run. */
  readonly mark: "b" | null;
  readonly name: string;
  readonly loaded: Patterns | null;
  readonly waits: boolean;
}

function othersOf(loaded: Patterns): readonly Other[] {
  const patterns = (other: ReturnType<typeof bOf>): Patterns | null => (other?.kind === "patterns" ? other : null);
  if (besideRuns.value.length > 0)
    return besideRuns.value.map((run) => ({
      key: run,
      mark: null,
      name: indexes.value.get(run)?.name ?? run,
      loaded: patterns(screenOf(run).loaded),
      waits: screenOf(run).status === "loading",
    }));
  const b = { key: "b", mark: "b", name: nameOfB(), loaded: patterns(bOf(loaded)), waits: !bOf(loaded) } as const;
  return comparing.value ? [b] : [];
}

interface OtherProps {
  readonly other: Other;
  readonly state: State | undefined;
  readonly id: number;
  readonly position: number;
  readonly loaded: Patterns;
  readonly most: number;
}

function OtherLine({ other, state, id, position, loaded, most }: OtherProps) {
  const own = other.loaded;
  const at = !own ? -1 : other.mark === "b" ? positionInB(id, loaded, position) : positionOf(own, id, classes.value);
  const filter = own?.facts.tiles[at]?.filter ?? id;
  return (
    <>
      <span class="line-other">
        {!overlaid() && (
          <span class="picture tile-picture">{own && at >= 0 && <Picture loaded={own} position={at} label="" />}</span>
        )}
        <span class="line-name" title={other.name}>
          {other.mark && <span class={`mark mark-${other.mark}`}>B</span>}
          {other.mark ? <span>{other.name}</span> : <RunName name={other.name} />}
        </span>
        {!other.mark && own && <span class="line-step quiet">step {own.ref.step}</span>}
      </span>
      {own && examplesBeside(own.ref) ? (
        <Own state={state} filter={filter} most={most} />
      ) : (
        <p class="examples-none quiet">
          {other.waits ? "" : own ? "No examples there" : "Nothing of this layer there"}
        </p>
      )}
    </>
  );
}

// Pair: a tile of A and its tile of B, side by side, one over the other, or their difference.

import type { CSSProperties } from "preact";
import type { Loaded } from "../../data/sheets";
import { divider, showsB } from "../../state/pairDisplay";
import { bOf, otherClass, positionInB } from "../../state/pairing";
import { view } from "../../state/store";
import { className, shortName } from "../../words/classification";
import { Flag } from "../grid/Flag";
import { Picture } from "../grid/Picture";
import { RegionOutlines } from "../grid/RegionOutlines";
import { Difference } from "./Difference";

interface Props {
  readonly loaded: Loaded;
  readonly position: number;
  readonly id: number;
  readonly label: string;
}

export function Pair({ loaded, position, id, label }: Props) {
  const { compareMode } = view.value;
  const other = bOf(loaded);
  const positionB = positionInB(id, loaded, position);
  if (!other || positionB < 0) {
    return (
      <span class={`pair pair-${compareMode}`}>
        <Picture loaded={loaded} position={position} label={label} />
        {other && <span class={compareMode === "side" ? "pair-none" : "pair-absent on-picture"}>not in B</span>}
      </span>
    );
  }
  const style = { "--divider": `${(divider.value * 100).toFixed(2)}%` } as CSSProperties;
  const odd = unsaidClass(loaded, position, other, positionB);
  const names = other.kind === "heatmaps" ? (other.inputs?.facts.class_names ?? []) : [];
  return (
    <span
      class={`pair pair-${compareMode} ${showsB.value ? "pair-shows-b" : ""}`}
      style={compareMode === "swipe" ? style : undefined}
      onPointerMove={compareMode === "swipe" ? swipe : undefined}
    >
      {compareMode === "difference" ? (
        <Difference loaded={loaded} position={position} other={other} positionB={positionB} label={label} />
      ) : (
        <>
          <span class="pair-a">
            <Picture loaded={loaded} position={position} label={label} />
            {loaded.kind === "heatmaps" && <RegionOutlines loaded={loaded} position={position} />}
          </span>
          <span class="pair-b">
            <Picture loaded={other} position={positionB} label="" />
            {other.kind === "heatmaps" && (
              <>
                <Flag loaded={other} position={positionB} />
                <RegionOutlines loaded={other} position={positionB} />
              </>
            )}
          </span>
        </>
      )}
      {odd !== null && <span class="flag on-picture">map of {shortName(className(names, odd))} in B</span>}
    </span>
  );
}

/** The class of B's map where it is another one, unless the badge of a changed prediction names it already. */
function unsaidClass(loaded: Loaded, position: number, other: Loaded, positionB: number): number | null {
  const odd = otherClass(loaded, position, other, positionB);
  if (loaded.kind !== "heatmaps" || other.kind !== "heatmaps") return null;
  const [now, then] = [loaded.facts.tiles[position]?.predicted, other.facts.tiles[positionB]?.predicted];
  return now !== then && then === odd ? null : odd;
}

function swipe(event: PointerEvent & { currentTarget: HTMLElement }): void {
  const box = event.currentTarget.getBoundingClientRect();
  divider.value = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
}

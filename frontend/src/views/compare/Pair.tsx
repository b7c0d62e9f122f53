// A tile of A and the tile of B it is compared with -> both side by side, one over the other, or what differs.

import { signal } from "@preact/signals";
import type { CSSProperties } from "preact";
import { useEffect } from "preact/hooks";
import type { Loaded } from "../../data/sheets";
import { bOf, otherClass, positionInB } from "../../state/pairing";
import { view } from "../../state/store";
import { className, shortName } from "../../words/classification";
import { Flag } from "../grid/Flag";
import { Picture } from "../grid/Picture";
import { Difference } from "./Difference";

/** Share of the width that shows A while swiping; one divider for all tiles. */
export const divider = signal(0.5);
/** Which of the two shows while blinking. */
export const blinkB = signal(false);

interface Props {
  readonly loaded: Loaded;
  readonly at: number;
  readonly id: number;
  readonly label: string;
}

export function Pair({ loaded, at, id, label }: Props) {
  const { way } = view.value;
  const other = bOf(loaded);
  const place = positionInB(id, loaded, at);
  if (!other || place < 0) {
    return (
      <span class={`pair pair-${way}`}>
        <Picture loaded={loaded} at={at} label={label} />
        <span class="pair-none">{other ? "not in B" : ""}</span>
      </span>
    );
  }
  const style = { "--divider": `${(divider.value * 100).toFixed(2)}%` } as CSSProperties;
  const odd = unsaidClass(loaded, at, other, place);
  const names = other.kind === "heatmaps" ? (other.inputs?.facts.class_names ?? []) : [];
  return (
    <span
      class={`pair pair-${way} ${blinkB.value ? "pair-shows-b" : ""}`}
      style={way === "swipe" ? style : undefined}
      onPointerMove={way === "swipe" ? swipe : undefined}
    >
      {way === "difference" ? (
        <Difference loaded={loaded} at={at} other={other} place={place} label={label} />
      ) : (
        <>
          <span class="pair-a">
            <Picture loaded={loaded} at={at} label={label} />
          </span>
          <span class="pair-b">
            <Picture loaded={other} at={place} label="" />
            {other.kind === "heatmaps" && <Flag loaded={other} at={place} />}
          </span>
        </>
      )}
      {odd !== null && <span class="flag">map of {shortName(className(names, odd))} in B</span>}
    </span>
  );
}

/** The class of B's map where it is another one, unless the mark of the changed prediction names it already. */
function unsaidClass(loaded: Loaded, at: number, other: Loaded, place: number): number | null {
  const odd = otherClass(loaded, at, other, place);
  if (loaded.kind !== "heatmaps" || other.kind !== "heatmaps") return null;
  const [now, then] = [loaded.facts.tiles[at]?.predicted, other.facts.tiles[place]?.predicted];
  return now !== then && then === odd ? null : odd;
}

function swipe(event: PointerEvent & { currentTarget: HTMLElement }): void {
  const box = event.currentTarget.getBoundingClientRect();
  divider.value = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
}

const BLINK = 700;

/** Blinks for as long as it is on screen; not for those who asked for less motion. */
export function useBlink(on: boolean): void {
  useEffect(() => {
    if (!on || window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const timer = setInterval(() => (blinkB.value = !blinkB.value), BLINK);
    return () => clearInterval(timer);
  }, [on]);
}

// Hovered: the whole picture of the example under the pointer, next to its crop, with the place that excites the filter.

import { useEffect } from "preact/hooks";
import { classNamesOf } from "../../data/examples";
import { hovered } from "../../state/examples";
import { pageSize } from "../../state/page";
import { labelName } from "../../words/examples";
import { Crop } from "./Crop";

const SIDE = 208;
const GAP = 8;
const TEXT = 28;

export function Hovered() {
  const now = hovered.value;
  useEffect(() => {
    if (!now) return;
    const hide = (): void => {
      hovered.value = null;
    };
    // What scrolls moves the crop away from under its card.
    addEventListener("scroll", hide, true);
    return () => removeEventListener("scroll", hide, true);
  }, [now]);
  const example = now?.all[now.nth];
  if (!now || !example?.stored) return null;
  const { width, height } = pageSize.value;
  const [high, wide] = example.size;
  const tall = Math.min(SIDE, (SIDE * high) / wide) + TEXT;
  const above = now.from.top - tall - 2 * GAP;
  const left = Math.max(GAP, Math.min(width - SIDE - 2 * GAP, now.from.left + now.from.width / 2 - SIDE / 2));
  const top = above > 0 ? above : Math.min(height - tall - GAP, now.from.bottom + GAP);
  const label = labelName(example.label, classNamesOf(now.examples));
  return (
    <div class="hovered" style={{ left: `${left}px`, top: `${top}px`, width: `${SIDE}px` }} aria-hidden="true">
      <Crop example={example} whole pixels={2 * SIDE} />
      <p>
        <span class="quiet">picture {example.picture}</span> {label}
      </p>
    </div>
  );
}

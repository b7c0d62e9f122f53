// Where the object is, if the log knows -> a frame over the picture.

import type { Heatmaps } from "../sheets";
import { inputAt } from "../tiles";

/** `scale` is how far the picture is enlarged: the line stays as thin as it is. */
export function Box({ loaded, at, scale = 1 }: { loaded: Heatmaps; at: number; scale?: number }) {
  const box = loaded.inputs?.facts.tiles[inputAt(loaded, at)]?.box;
  if (!Array.isArray(box) || box.length !== 4 || !box.every(Number.isFinite)) return null;
  const [left, top, right, bottom] = box as [number, number, number, number];
  const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;
  const style = { left: percent(left), top: percent(top), width: percent(right - left), height: percent(bottom - top), "--line-width": `${1.5 / scale}px` };
  return <span class="object-box" style={style} />;
}

// Where the object and other regions are, if the log knows -> frames over the picture.

import type { Heatmaps } from "../../data/sheets";
import { inputAt } from "../../data/tiles";

/** `scale` is how far the picture is enlarged: lines and names stay as small as they are. */
export function Box({ loaded, at, scale = 1 }: { loaded: Heatmaps; at: number; scale?: number }) {
  const input = loaded.inputs?.facts.tiles[inputAt(loaded, at)];
  if (!input) return null;
  return (
    <>
      <Outline box={input.box} scale={scale} name="" />
      {Object.entries(input.regions ?? {}).map(([name, box]) => (
        <Outline key={name} box={box} scale={scale} name={name.replaceAll("_", " ")} />
      ))}
    </>
  );
}

/** A region other than the object has a name, which is shown while the picture is pointed at. */
function Outline({ box, scale, name }: { box: unknown; scale: number; name: string }) {
  if (!Array.isArray(box) || box.length !== 4 || !box.every(Number.isFinite)) return null;
  const [left, top, right, bottom] = box as [number, number, number, number];
  const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;
  const style = {
    left: percent(left),
    top: percent(top),
    width: percent(right - left),
    height: percent(bottom - top),
    "--line-width": `${1.5 / scale}px`,
    "--name-size": `${11 / scale}px`,
  };
  const places = `${top > 1 - bottom ? "name-above" : ""} ${left > 1 - right ? "name-left" : ""}`;
  return (
    <span class={name ? `object-box other-box ${places}` : "object-box"} style={style}>
      {name && <span class="box-name">{name}</span>}
    </span>
  );
}

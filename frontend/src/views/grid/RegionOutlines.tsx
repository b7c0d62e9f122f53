// Outlines of the object and of other regions of the picture.

import type { InputTile } from "../../data/contract";
import type { Heatmaps } from "../../data/sheets";
import { inputAt } from "../../data/tiles";
import { liesOnPicture } from "../../state/heatmapStyle";

/** `scale` is the zoom of the picture: lines and names keep their size. */
export function RegionOutlines({
  loaded,
  position,
  scale = 1,
}: {
  loaded: Heatmaps;
  position: number;
  scale?: number;
}) {
  const input = loaded.inputs?.facts.tiles[inputAt(loaded, position)];
  if (!input || !liesOnPicture(loaded)) return null;
  return (
    <>
      {input.box && <Outline box={input.box} scale={scale} name="" />}
      {Object.entries(input.regions ?? {}).map(([name, box]) => (
        <Outline key={name} box={box} scale={scale} name={name.replaceAll("_", " ")} />
      ))}
    </>
  );
}

/** A region other than the object has a name, shown on hover. */
function Outline({ box, scale, name }: { box: NonNullable<InputTile["box"]>; scale: number; name: string }) {
  const [left, top, right, bottom] = box;
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

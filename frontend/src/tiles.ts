// A loaded sheet -> its tiles, each under a number that stays the same over the steps.

import type { Loaded } from "./sheets";

/** Filters name patterns; heatmaps are named by their position, since their class may change. */
export function tileIds(loaded: Loaded): number[] {
  return loaded.kind === "patterns" ? loaded.facts.tiles.map((tile) => tile.filter) : loaded.facts.tiles.map((_, at) => at);
}

/** Height over width of the pictures. */
export function aspect(loaded: Loaded): number {
  const sheet = loaded.kind === "heatmaps" && loaded.inputs ? loaded.inputs.facts.sheet : loaded.facts.sheet;
  return sheet.tile[0] / sheet.tile[1];
}

/** Where the picture of a heatmap lies in the sheet of inputs; -1 where it is not stored. */
export function inputAt(loaded: Loaded & { kind: "heatmaps" }, at: number): number {
  const image = loaded.facts.tiles[at]?.image;
  return loaded.inputs?.facts.tiles.findIndex((input) => input.image === image) ?? -1;
}

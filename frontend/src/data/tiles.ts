// A loaded sheet -> its tiles, each under a number that stays the same over the steps.

import { chosenOf, groups } from "./classesPerImage";
import type { InputTile } from "./contract";
import type { Loaded } from "./sheets";

/** One tile of the grid: its number, and where in the sheet it is drawn from. */
export interface Entry {
  readonly id: number;
  readonly at: number;
}

const NONE: ReadonlyMap<number, number> = new Map();

/** Filters name patterns; heatmaps are named by the position of their picture, since the class may change. */
export function entries(loaded: Loaded, classes: ReadonlyMap<number, number> = NONE): Entry[] {
  if (loaded.kind === "patterns") return loaded.facts.tiles.map(({ filter }, at) => ({ id: filter, at }));
  const { tiles } = loaded.facts;
  return groups(tiles).map((group, id) => ({ id, at: chosenOf(group, tiles, classes.get(id)) }));
}

/** Where a tile is drawn from in the sheet; -1 where the sheet has none of that number. */
export function positionOf(loaded: Loaded, id: number | null, classes: ReadonlyMap<number, number> = NONE): number {
  return entries(loaded, classes).find((entry) => entry.id === id)?.at ?? -1;
}

/** Height over width of the pictures. */
export function aspect(loaded: Loaded): number {
  const sheet = loaded.kind === "heatmaps" && loaded.inputs ? loaded.inputs.facts.sheet : loaded.facts.sheet;
  return sheet.tile[0] / sheet.tile[1];
}

/** Where the picture of a heatmap lies in the sheet of inputs; -1 where it is not stored. */
export function inputAt(loaded: Loaded & { kind: "heatmaps" }, at: number): number {
  const image = loaded.facts.tiles[at]?.image;
  const source = loaded.facts.source ?? 0;
  const isUnder = (input: InputTile): boolean => input.image === image && (input.source ?? 0) === source;
  return loaded.inputs?.facts.tiles.findIndex(isUnder) ?? -1;
}

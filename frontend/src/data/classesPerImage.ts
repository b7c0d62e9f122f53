// Heatmap tiles -> one group per picture, since a picture may have maps of several classes.

import type { HeatmapTile } from "./contract";

/** Positions in the sheet of the maps of one picture, first class first. */
export type Group = readonly number[];

/** Maps of one picture belong together; the same class twice is a picture of its own. */
export function groups(tiles: readonly HeatmapTile[]): Group[] {
  const found: number[][] = [];
  tiles.forEach((tile, at) => {
    const own = found.find((group) => {
      const held = group.map((position) => tiles[position]);
      return held[0]?.image === tile.image && held.every((other) => other?.class_index !== tile.class_index);
    });
    if (own) own.push(at);
    else found.push([at]);
  });
  return found;
}

/** The map of the chosen class, else of the first. */
export function chosenOf(group: Group, tiles: readonly HeatmapTile[], wanted: number | undefined): number {
  return group.find((at) => tiles[at]?.class_index === wanted) ?? group[0] ?? -1;
}

/** "0:387,3:201" -> the class chosen for each picture; what is not understood is left out. */
export function parseClasses(text: string): Map<number, number> {
  const pairs = text.split(",").map((pair) => /^(\d{1,9}):(\d{1,9})$/.exec(pair));
  return new Map(pairs.filter((pair) => pair !== null).map((pair) => [Number(pair[1]), Number(pair[2])]));
}

export function writeClasses(chosen: ReadonlyMap<number, number>): string {
  return [...chosen].map(([image, index]) => `${image}:${index}`).join(",");
}

/** What was predicted for the picture then, if now it is something else. */
export function predictedBefore(tile: HeatmapTile, then: readonly HeatmapTile[] | undefined): number | null {
  const before = then?.find((other) => other.image === tile.image)?.predicted ?? null;
  return tile.predicted !== null && before !== null && before !== tile.predicted ? before : null;
}

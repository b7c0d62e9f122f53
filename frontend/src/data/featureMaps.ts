// Feature maps -> heatmaps, which everything can draw: those of all filters on all pictures, or those of one filter.

import type { FeatureFacts, FeatureTile, HeatmapTile } from "./contract";
import type { Heatmaps, Maps } from "./sheets";

/** A map of no class. */
const NO_CLASS = -1;

/** The maps as they are stored: a tile for each picture and filter. */
export function asMaps({ facts, ...rest }: Maps<FeatureFacts>): Heatmaps {
  const tiles = facts.tiles.map(asTile);
  return { kind: "heatmaps", ...rest, facts: { ...facts, tiles }, filter: "each" };
}

function asTile(tile: FeatureTile): HeatmapTile & FeatureTile {
  return { ...tile, class_index: NO_CLASS, predicted: null, score: null, probability: null };
}

/** The filter of a tile of `asMaps`. */
export function filterAt(features: Heatmaps, at: number): number {
  return (features.facts.tiles[at] as (HeatmapTile & Partial<FeatureTile>) | undefined)?.filter ?? -1;
}

/** The positions of the maps of one picture. */
export function mapsOn(features: Heatmaps, image: number): number[] {
  return features.facts.tiles.flatMap((tile, at) => (tile.image === image ? [at] : []));
}

/** Bytes that the maps of one filter may take, as many as those of one sheet. */
const MOST = 2 ** 26;

/** The tiles of heatmaps, each with the map of a filter on its picture; one that is not stored has no extremes. */
export function ofFilter(evidence: Heatmaps, features: Heatmaps, filter: number): Heatmaps {
  const [height, width] = features.facts.sheet.tile;
  const size = height * width;
  const count = evidence.facts.tiles.length;
  if (count * size > MOST) throw new Error(`feature maps: more than ${MOST} pixels`);
  const stored = new Map(
    features.facts.tiles.flatMap(({ image }, at) => (filterAt(features, at) === filter ? [[image, at]] : [])),
  );
  const data = new Uint8Array(count * size);
  const tiles = evidence.facts.tiles.map(({ entropy: _, ...tile }, at): HeatmapTile => {
    const from = stored.get(tile.image) ?? -1;
    if (from >= 0) data.set(levelsOf(features, from), at * size);
    const { minimum = null, maximum = null } = features.facts.tiles[from] ?? {};
    return { ...tile, minimum, maximum };
  });
  const sheet = { count, columns: 1, tile: features.facts.sheet.tile };
  return {
    ...evidence,
    facts: { ...evidence.facts, sheet, tiles },
    grey: { width, height: count * height, data },
    filter,
  };
}

function levelsOf({ facts: { sheet }, grey }: Heatmaps, at: number): Uint8Array {
  const [height, width] = sheet.tile;
  const [left, top] = [(at % sheet.columns) * width, Math.floor(at / sheet.columns) * height];
  const levels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) levels[y * width + x] = grey.data[(top + y) * grey.width + left + x] ?? 0;
  return levels;
}

// Feature maps of what is on screen: where they are stored, and which of them are of a picture.

import { filterAt, mapsOn } from "../data/featureMaps";
import { featuresOf, wantedOf } from "../data/series";
import type { Heatmaps, Wanted } from "../data/sheets";
import { bOf, paired, positionInB } from "./pairing";
import { indexes } from "./store";

/** The feature maps that belong to heatmaps; null where none are logged. */
export function featuresBehind({ ref }: Heatmaps): Wanted | null {
  const index = indexes.value.get(ref.run);
  const heatmaps = index?.series.find(({ tag }) => tag === ref.tag) ?? null;
  return index ? wantedOf(index, featuresOf(index, heatmaps), ref.step) : null;
}

/** B of an enlarged picture, where it is of the same layer: a filter of another one is another filter. */
export function partner(loaded: Heatmaps, position: number, id: number): { loaded: Heatmaps; position: number } | null {
  const other = paired(loaded) ? bOf(loaded) : null;
  const at = other ? positionInB(id, loaded, position) : -1;
  return other?.kind === "heatmaps" && other.ref.tag === loaded.ref.tag && at >= 0
    ? { loaded: other, position: at }
    : null;
}

/** One filter on the picture of a tile: its number, and where its map lies. */
export interface FilterMap {
  readonly filter: number;
  readonly at: number;
}

export function filterMaps(features: Heatmaps, loaded: Heatmaps, position: number): FilterMap[] {
  const image = loaded.facts.tiles[position]?.image ?? -1;
  return mapsOn(features, image).map((at) => ({ filter: filterAt(features, at), at }));
}

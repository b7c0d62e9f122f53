// Maxima of heatmaps + what they are to be measured by -> the raw value that gets the full colour.

import type { HeatmapTile } from "../data/contract";

/** What the full colour stands for. */
export const SCOPES = ["map", "picture", "layer", "all"] as const;
export type Scope = (typeof SCOPES)[number];

export const SCOPE_WORDS: Record<Scope, { readonly short: string; readonly long: string }> = {
  map: { short: "max of each map", long: "Each map by itself: shows where, hides how much" },
  picture: { short: "max of each picture", long: "Each picture over all steps: shows its evidence grow" },
  layer: { short: "max at this step", long: "All pictures of this layer and step: compares pictures" },
  all: { short: "max of this layer", long: "All pictures and steps of this layer: compares everything" },
};

/** Which scopes need the facts of steps that are not on screen. */
export function looksFurther(scope: Scope): boolean {
  return scope === "picture" || scope === "all";
}

/**
 * The raw value of the full colour, 0 where there is no evidence at all.
 *
 * `here` are the tiles of the sheet on screen, `over` those of all steps that are known.
 */
export function ceiling(
  scope: Scope,
  tile: HeatmapTile,
  here: readonly HeatmapTile[],
  over: readonly HeatmapTile[],
): number {
  switch (scope) {
    case "map":
      return maximum([tile]);
    case "picture":
      return maximum([tile, ...over.filter((other) => other.image === tile.image)]);
    case "layer":
      return maximum(here);
    case "all":
      return maximum([...here, ...over]);
  }
}

function maximum(tiles: readonly HeatmapTile[]): number {
  return tiles.reduce((most, { maximum: value }) => Math.max(most, value ?? 0), 0);
}

/** Least and most of the values that full colour stands for on screen; null where none shows evidence. */
export function span(ceilings: readonly number[]): readonly [number, number] | null {
  const some = ceilings.filter((value) => value > 0);
  return some.length ? [Math.min(...some), Math.max(...some)] : null;
}

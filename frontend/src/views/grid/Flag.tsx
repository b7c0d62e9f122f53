// Badge of a map that shows nothing, with the reason.

import type { Heatmaps } from "../../data/sheets";
import { evidence } from "../../draw/pixels";

/** An empty map must not look like a weak one. */
export function Flag({ loaded, position }: { loaded: Heatmaps; position: number }) {
  const tile = loaded.facts.tiles[position];
  const kind = tile ? evidence(tile) : "some";
  if (kind === "some") return null;
  return <span class="flag on-picture">{kind === "none" ? "no evidence" : "map not finite"}</span>;
}

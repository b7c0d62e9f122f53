// A map that shows nothing -> words on the picture that say why.

import type { Heatmaps } from "../../data/sheets";
import { evidence } from "../../draw/pixels";

/** Says that there is no map to see: an empty one must not look like a weak one. */
export function Flag({ loaded, at }: { loaded: Heatmaps; at: number }) {
  const tile = loaded.facts.tiles[at];
  const kind = tile ? evidence(tile) : "some";
  if (kind === "some") return null;
  return <span class="flag">{kind === "none" ? "no evidence" : "map not finite"}</span>;
}

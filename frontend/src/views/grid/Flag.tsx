// Badge of a map that shows nothing, or the same everywhere.

import type { Heatmaps } from "../../data/sheets";
import { type Evidence, evidence } from "../../draw/pixels";

const WORDS: Record<Exclude<Evidence, "some">, string> = {
  none: "no evidence",
  flat: "flat: the same everywhere",
  "not finite": "map not finite",
};
/** The same of the activations of a filter. */
const OF_FILTER: typeof WORDS = { none: "no activation", flat: WORDS.flat, "not finite": "no map of this filter" };

/** An empty map must not look like a weak one, nor a flat one like a strong one. */
export function Flag({ loaded, position }: { loaded: Heatmaps; position: number }) {
  const tile = loaded.facts.tiles[position];
  const kind = tile ? evidence(tile) : "some";
  if (kind === "some") return null;
  return (
    <>
      {kind === "flat" && <span class="flat" />}
      <span class="flag on-picture">{(loaded.filter === undefined ? WORDS : OF_FILTER)[kind]}</span>
    </>
  );
}

// The number of B's tile, beside that of A.

import type { Loaded } from "../../data/sheets";
import { bOf, paired, positionInB } from "../../state/pairing";
import { number, percent } from "../../words/format";

export function NumberB({ loaded, at, id }: { loaded: Loaded; at: number; id: number }) {
  const other = bOf(loaded);
  if (!other || !paired(loaded)) return null;
  const place = positionInB(id, loaded, at);
  if (place < 0) return null;
  const text =
    other.kind === "patterns"
      ? number(other.facts.tiles[place]?.score)
      : percent(other.facts.tiles[place]?.probability ?? null);
  return (
    <span class="number-b" title="The same number of B">
      {text}
    </span>
  );
}

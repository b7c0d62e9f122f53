// Score or probability of B's tile, after that of A.

import type { Loaded } from "../../data/sheets";
import { bOf, paired, positionInB } from "../../state/pairing";
import { number, percent } from "../../words/format";

export function NumberB({ loaded, position, id }: { loaded: Loaded; position: number; id: number }) {
  const other = bOf(loaded);
  if (!other || !paired(loaded)) return null;
  const positionB = positionInB(id, loaded, position);
  if (positionB < 0) return null;
  const text =
    other.kind === "patterns"
      ? number(other.facts.tiles[positionB]?.score)
      : percent(other.facts.tiles[positionB]?.probability ?? null);
  return (
    <span class="number-b" title="The same in B">
      {text}
    </span>
  );
}

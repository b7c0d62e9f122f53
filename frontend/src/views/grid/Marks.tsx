// What is to be said of a pattern -> words on its picture; why, as soon as someone points at it.

import type { Patterns } from "../../data/sheets";
import { skippedReason } from "../../state/model";
import { marksOf } from "../../words/badges";

export function Marks({ loaded, at }: { loaded: Patterns; at: number }) {
  const tile = loaded.facts.tiles[at];
  const marks = tile ? marksOf(tile, loaded, skippedReason(loaded.ref.tag)) : [];
  if (marks.length === 0) return null;
  return (
    <span class="marks">
      {marks.map(({ text, why, kind }) => (
        <span key={text} class={`tile-mark tile-mark-${kind}`}>
          {text}
          <span class="tile-why">: {why}</span>
        </span>
      ))}
    </span>
  );
}

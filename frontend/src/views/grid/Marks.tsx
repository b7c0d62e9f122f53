// Badges of a pattern, with the reason on hover.

import type { Patterns } from "../../data/sheets";
import { skippedReason } from "../../state/model";
import { marksOf } from "../../words/badges";

export function Marks({ loaded, position }: { loaded: Patterns; position: number }) {
  const tile = loaded.facts.tiles[position];
  const marks = tile ? marksOf(tile, loaded, skippedReason(loaded.ref.tag)) : [];
  if (marks.length === 0) return null;
  return (
    <span class="marks">
      {marks.map(({ text, why, kind }) => (
        <span key={text} class={`tile-mark on-picture tile-mark-${kind}`}>
          {text}
          <span class="tile-why">: {why}</span>
        </span>
      ))}
    </span>
  );
}

// The scale of the differences on screen -> what their colours mean, in numbers.

import { colours } from "../../draw/colours";
import { diverging, weight } from "../../draw/difference";
import { scaleOfDifference } from "../../state/pairing";
import { place, view } from "../../state/store";
import { number } from "../../words/format";

const STOPS = 24;

export function DifferenceLegend() {
  const full = scaleOfDifference.value;
  const patterns = place.value?.kind === "patterns";
  const absolute = patterns && view.value.sign === "absolute";
  const ends = number(full, patterns ? 3 : 2);
  const what = patterns ? "brightness, of 255" : "raw values";
  const hint = patterns
    ? "Two ascents differ a little by chance, too: a frozen layer shows how much."
    : "One scale for all pictures.";
  const least = absolute ? "0" : full > 0 ? `\u2212${ends}` : "0";
  return (
    <figure class="difference-legend" title={hint} aria-label={`Legend: A minus B, ${what}, from ${least} to ${ends}`}>
      <span class="quiet">
        A{"\u2009\u2212\u2009"}B, {what}
      </span>
      <span>{least}</span>
      <span class="difference-bar">
        <span style={{ backgroundImage: absolute ? sequential() : divergingRamp() }} />
      </span>
      <span>{full > 0 && !absolute ? `+${ends}` : ends}</span>
    </figure>
  );
}

function divergingRamp(): string {
  const table = diverging();
  return gradient((share) => {
    const level = Math.round(share * 255) * 3;
    return `rgba(${table[level]}, ${table[level + 1]}, ${table[level + 2]}, ${weight(2 * share - 1).toFixed(3)})`;
  });
}

function sequential(): string {
  const table = colours(view.value.map);
  return gradient((share) => {
    const level = Math.round(share * 255) * 3;
    return `rgb(${table[level]}, ${table[level + 1]}, ${table[level + 2]})`;
  });
}

function gradient(colour: (share: number) => string): string {
  return `linear-gradient(to right, ${Array.from({ length: STOPS + 1 }, (_, at) => colour(at / STOPS)).join(", ")})`;
}

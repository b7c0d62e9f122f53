// Legend of differences: what the ends of the colour scale stand for.

import { weight } from "../../draw/difference";
import { ramp } from "../../draw/ramp";
import { scaleOfDifference } from "../../state/pairing";
import { place, sees, view } from "../../state/store";
import { number } from "../../words/format";

/** Transparent where nothing differs, as on the pictures. */
const opacity = (share: number): number => weight(2 * share - 1);

export function DifferenceLegend() {
  const full = scaleOfDifference.value;
  const patterns = place.value?.kind === "patterns";
  const absolute = patterns && view.value.sign === "absolute";
  const places = !patterns && view.value.measure === "places";
  const ends = number(full, patterns ? 3 : 2) + (places ? "\u2009%" : "");
  const what = patterns
    ? "brightness"
    : places
      ? `share of the ${sees.value === null ? "evidence" : "activation"}`
      : "raw values";
  const hint = patterns
    ? "Brightness from 0 to 255. Two ascents differ slightly by chance alone: a frozen layer shows by how much."
    : places
      ? "Each map over its own sum: how much of its evidence a cell has. One scale for all pictures."
      : "One scale for all pictures.";
  const least = absolute ? "0" : full > 0 ? `\u2212${ends}` : "0";
  return (
    <figure class="difference-legend" title={hint} aria-label={`Legend: A minus B, ${what}, from ${least} to ${ends}`}>
      <span class="quiet">
        A{"\u2009\u2212\u2009"}B, {what}
      </span>
      <span>{least}</span>
      <span class="difference-bar">
        <span style={{ backgroundImage: absolute ? ramp(view.value.colormap) : ramp("diverging", opacity) }} />
      </span>
      <span>{full > 0 && !absolute ? `+${ends}` : ends}</span>
    </figure>
  );
}

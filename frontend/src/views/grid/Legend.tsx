// Colours, scope and threshold of the heatmaps -> what a colour over a picture means, in numbers.

import { entries } from "../../data/tiles";
import { type ColourMap, colours } from "../../draw/colours";
import { cover, type Show } from "../../draw/pixels";
import { SCOPE_WORDS, SCOPES, span } from "../../draw/scopes";
import { change } from "../../state/actions";
import { comparing } from "../../state/compare";
import { fullOf, pending } from "../../state/scale";
import { classes, guide, view } from "../../state/store";
import { explained, Menu } from "../../ui/Menu";
import { number } from "../../words/format";

const STOPS = 24;

interface Fade {
  readonly alpha: number;
  readonly floor: number;
  readonly show: Show;
}

/** A colour map as a CSS gradient; where it lies on pictures it fades exactly as the heatmaps do. */
export function ramp(map: ColourMap, fade: Fade | null = null): string {
  const table = colours(map);
  const stops = Array.from({ length: STOPS + 1 }, (_, at) => {
    const share = at / STOPS;
    const level = Math.round(share * 255) * 3;
    const opacity = fade ? opacityAt(share, fade) : 1;
    return `rgba(${table[level]}, ${table[level + 1]}, ${table[level + 2]}, ${opacity.toFixed(3)})`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

function opacityAt(share: number, { alpha, floor, show }: Fade): number {
  if (show === "picture" || share < floor) return 0;
  return show === "map" ? 1 : cover(share) * alpha;
}

export function Legend() {
  const { map, alpha, floor, show, scope } = view.value;
  // Differences have a legend of their own.
  if (comparing.value && view.value.way === "difference") return null;
  const range = fullRange();
  const options = SCOPES.map((value) => explained(value, SCOPE_WORDS[value].short, SCOPE_WORDS[value].long));
  return (
    <figure
      class="legend"
      aria-label={`Legend: clear is no evidence, full colour is the ${SCOPE_WORDS[scope].short}, ${ends(range)}`}
    >
      <span class="legend-bar">
        <span style={{ backgroundImage: ramp(map, { alpha: alpha / 100, floor: floor / 100, show }) }} />
        <input
          type="range"
          class="threshold"
          min="0"
          max="95"
          value={floor}
          title="Threshold: what lies below leaves the picture clear"
          aria-label="Threshold in percent of the full colour"
          onInput={(event) => change({ floor: Number(event.currentTarget.value) })}
        />
      </span>
      <figcaption>
        <span>0</span>
        {floor > 0 && (
          <output>
            from {range && range[0] === range[1] ? number((range[0] * floor) / 100, 2) : `${floor}\u2009%`}
          </output>
        )}
        <span>{ends(range)}</span>
      </figcaption>
      <Menu name="Full colour" value={scope} options={options} pick={(value) => change({ scope: value })} side="right">
        <span class="run-name">{pending.value > 0 ? "reading all steps\u2026" : SCOPE_WORDS[scope].short}</span>
      </Menu>
    </figure>
  );
}

/** The values that get the full colour on screen: of the enlarged tile, else of all. */
function fullRange(): readonly [number, number] | null {
  const loaded = guide.value;
  if (loaded?.kind !== "heatmaps") return null;
  const { tile } = view.value;
  const shown = entries(loaded, classes.value).filter(({ id }) => tile === null || id === tile);
  return span(shown.map(({ at }) => fullOf(loaded, at)));
}

function ends(range: readonly [number, number] | null): string {
  if (!range) return "no evidence";
  const [least, most] = [number(range[0], 2), number(range[1], 2)];
  return least === most ? most : `${least} to ${most}`;
}

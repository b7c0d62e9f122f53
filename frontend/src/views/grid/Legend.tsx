// Legend of heatmaps: what full colour stands for, and the threshold below which nothing is drawn.

import { entries } from "../../data/tiles";
import { cover, type Show } from "../../draw/pixels";
import { ramp } from "../../draw/ramp";
import { SCOPE_WORDS, span } from "../../draw/scopes";
import { change } from "../../state/actions";
import { comparing } from "../../state/compare";
import { fullOf } from "../../state/scale";
import { classes, guide, view } from "../../state/store";
import { Slider } from "../../ui/Slider";
import { number } from "../../words/format";

interface Fade {
  readonly alpha: number;
  readonly floor: number;
  readonly show: Show;
}

/** Fades as the heatmaps on the pictures do. */
function opacityAt(share: number, { alpha, floor, show }: Fade): number {
  if (show === "picture" || share < floor) return 0;
  return show === "map" ? 1 : cover(share) * alpha;
}

export function Legend() {
  const { colormap, alpha, floor, show, scope } = view.value;
  // Differences have a legend of their own.
  if (comparing.value && view.value.compareMode === "difference") return null;
  const range = fullRange();
  const fade = { alpha: alpha / 100, floor: floor / 100, show };
  return (
    <figure
      class="legend"
      aria-label={`Legend: transparent is ${nothing()}, full colour is the ${SCOPE_WORDS[scope].short}, ${ends(range)}`}
    >
      {floor > 0 ? (
        <output>from {range && range[0] === range[1] ? number((range[0] * floor) / 100, 2) : `${floor}\u2009%`}</output>
      ) : (
        <span class="quiet">0</span>
      )}
      <span class="legend-bar">
        <span style={{ backgroundImage: ramp(colormap, (share) => opacityAt(share, fade)) }} />
        <Slider
          class="threshold"
          label="Threshold in percent of the full colour"
          title="Threshold: values below it are transparent"
          min={0}
          max={95}
          value={floor}
          set={(percent) => change({ floor: percent })}
        />
      </span>
      <span class="legend-end" title={SCOPE_WORDS[scope].long}>
        {ends(range)}
      </span>
    </figure>
  );
}

/** The raw values that full colour stands for: of the enlarged tile, else of all tiles. */
function fullRange(): readonly [number, number] | null {
  const loaded = guide.value;
  if (loaded?.kind !== "heatmaps") return null;
  const { tile } = view.value;
  const shown = entries(loaded, classes.value).filter(({ id }) => tile === null || id === tile);
  return span(shown.map(({ at }) => fullOf(loaded, at)));
}

function nothing(): string {
  return guide.value?.kind === "heatmaps" && guide.value.filter !== undefined ? "no activation" : "no evidence";
}

function ends(range: readonly [number, number] | null): string {
  if (!range) return nothing();
  const [least, most] = [number(range[0], 2), number(range[1], 2)];
  return least === most ? most : `${least} to ${most}`;
}

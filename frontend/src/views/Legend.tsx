// Colour map and opacity -> what a colour over a picture means.

import { colours, type ColourMap } from "../colours";
import { cover } from "../pixels";
import { view } from "../state";

const STOPS = 24;

/** A colour map as a CSS gradient; with an opacity it fades exactly as the heatmaps do. */
export function ramp(map: ColourMap, alpha: number | null = null): string {
  const table = colours(map);
  const stops = Array.from({ length: STOPS + 1 }, (_, at) => {
    const level = Math.round((at / STOPS) * 255) * 3;
    const opacity = alpha === null ? 1 : cover(at / STOPS) * alpha;
    return `rgba(${table[level]}, ${table[level + 1]}, ${table[level + 2]}, ${opacity.toFixed(3)})`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

export function Legend() {
  const { map, alpha } = view.value;
  return (
    <figure class="legend" aria-label="Legend: clear is no evidence, full colour is the maximum of each map">
      <span class="legend-bar">
        <span style={{ backgroundImage: ramp(map, alpha / 100) }} />
      </span>
      <figcaption>
        <span>0</span>
        <span>max of each map</span>
      </figcaption>
    </figure>
  );
}

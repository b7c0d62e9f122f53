// Origin of the tiles: the shape of the layer, and on demand how its pictures were made and how to read them.

import { showsExamples } from "../../state/examples";
import { exampleOrigin, origin } from "../../state/origin";
import { guide, place, row } from "../../state/store";
import { Icon } from "../../ui/Icon";
import { Popover } from "../../ui/Popover";

const HINTS = {
  patterns: "What excites each filter most. Contrast is stretched: compare scores, not brightness.",
  examples:
    "What excites each filter most, and the parts of your pictures that do, one per picture, the strongest first.",
  heatmaps: "Where the layer finds evidence for the class named below.",
} as const;

/** Maps with fewer cells a side are too coarse for small things. */
const COARSE = 8;

export function Origin() {
  const layer = row.value;
  if (!layer) return null;
  const { short, long } = origin(layer, guide.value);
  const [height, width] = guide.value?.kind === "heatmaps" ? guide.value.facts.sheet.tile : [COARSE, COARSE];
  const coarse = Math.min(height, width) < COARSE;
  return (
    <>
      <p class="facts" title={[...short, ...long].join(", ")}>
        {short.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      <Popover
        name="How these pictures were made"
        class={coarse ? "origin origin-coarse" : "origin"}
        button={<Icon name="info" />}
      >
        <p>{HINTS[showsExamples() ? "examples" : (place.value?.kind ?? "patterns")]}</p>
        {coarse && (
          <p class="caption-odd">
            Coarse: {height} × {width} cells, smoothed over the picture. Larger input pictures or an earlier layer give
            finer maps.
          </p>
        )}
        <ul>
          {[...short, ...long, ...exampleOrigin(guide.value)].map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
        </ul>
      </Popover>
    </>
  );
}

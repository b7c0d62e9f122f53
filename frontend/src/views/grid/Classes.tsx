// The classes that a picture has maps of -> buttons to choose the map by.

import { groups } from "../../data/classesPerImage";
import type { Heatmaps } from "../../data/sheets";
import { chooseClass } from "../../state/actions";
import { className, shortName } from "../../words/classification";
import { number, percent } from "../../words/format";

/** Height of the text below a picture, and of the buttons below that. */
export const CAPTION = { patterns: 32, heatmaps: 48 } as const;
export const CLASSES = 28;

interface Props {
  readonly loaded: Heatmaps;
  /** Number of the tile. */
  readonly id: number;
  /** Position of the map that is shown. */
  readonly at: number;
  /** With the score beside the probability. */
  readonly full?: boolean;
}

export function Classes({ loaded, id, at, full = false }: Props) {
  const group = groups(loaded.facts.tiles)[id] ?? [];
  if (group.length < 2) return null;
  const names = loaded.inputs?.facts.class_names ?? [];
  return (
    <div class={`classes ${full ? "classes-full" : ""}`} role="group" aria-label={`Class of the map of picture ${id}`}>
      {group.map((place) => {
        const tile = loaded.facts.tiles[place];
        if (!tile) return null;
        const name = className(names, tile.class_index);
        return (
          <button
            key={tile.class_index}
            type="button"
            class="class"
            aria-pressed={place === at}
            aria-label={full ? undefined : `${name} ${percent(tile.probability)}`}
            title={`${name} ${percent(tile.probability)}, score ${number(tile.score)}`}
            onClick={() => chooseClass(id, tile.class_index)}
          >
            <span class="class-name">{shortName(name)}</span>
            {full && <span class="class-score">{number(tile.score)}</span>}
            <span class="class-share">{percent(tile.probability)}</span>
            <span class="class-bar" style={{ width: `${100 * (tile.probability ?? 0)}%` }} />
          </button>
        );
      })}
    </div>
  );
}

/** How many classes the picture with the most of them has. */
export function mostClasses(loaded: Heatmaps): number {
  return Math.max(0, ...groups(loaded.facts.tiles).map((group) => group.length));
}

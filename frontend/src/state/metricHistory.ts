// One tile at all steps of its layer -> each of its numbers over the steps.

import { chosenOf, groups } from "../data/classesPerImage";
import type { Course, HeatmapTile, Kind, PatternFacts, PatternTile, Series } from "../data/contract";
import { factsOf, refsOf } from "../data/facts";
import { metricOf } from "../data/tileMetrics";

/** The same filter, or the map of the same picture and class; null where a step has none. */
export function sameTile(kind: Kind, tiles: readonly object[], id: number, index: number | undefined): object | null {
  if (kind === "patterns") return (tiles as readonly PatternTile[]).find(({ filter }) => filter === id) ?? null;
  const maps = tiles as readonly HeatmapTile[];
  const found = maps[chosenOf(groups(maps)[id] ?? [], maps, index)];
  return found && found.class_index === index ? found : null;
}

export interface Past {
  readonly step: number;
  readonly tile: object | null;
  readonly refreshed: boolean;
}

/** The tile at each step whose facts are known. */
export function pastOf(run: string, series: Series, id: number, index: number | undefined): Past[] {
  return refsOf(run, series).flatMap((ref) => {
    const facts = factsOf<Partial<PatternFacts>>(ref);
    return facts?.tiles
      ? [
          {
            step: ref.step,
            tile: sameTile(series.kind as Kind, facts.tiles, id, index),
            refreshed: facts.refreshed === true,
          },
        ]
      : [];
  });
}

export function courseOf(past: readonly Past[], name: string): Course {
  return { steps: past.map(({ step }) => step), values: past.map(({ tile }) => (tile ? metricOf(tile, name) : null)) };
}

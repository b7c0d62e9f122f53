// Numbers of a heatmap and the label of its picture -> what the tile says about the class.

import type { HeatmapTile, InputFacts } from "../data/contract";

export interface Verdict {
  /** The class whose evidence the map shows. */
  readonly title: string;
  /** Does the network's answer agree with the label of the picture? */
  readonly answer: "right" | "wrong" | "unknown";
  readonly note: string;
}

export function className(names: readonly string[], index: number): string {
  return names[index] || `class ${index}`;
}

/** WordNet names list synonyms: the first is enough where room is short. */
export function shortName(name: string): string {
  return name.split(",")[0]?.trim() || name;
}

export function verdict(tile: HeatmapTile, inputs: InputFacts | null): Verdict {
  const names = inputs?.class_names ?? [];
  const label = inputs?.tiles.find((input) => input.image === tile.image)?.label ?? null;
  const title = className(names, tile.class_index);
  const named = (index: number): string => shortName(className(names, index));
  const { predicted } = tile;
  if (predicted === null || label === null) {
    const other = predicted !== null && predicted !== tile.class_index;
    return { title, answer: "unknown", note: other ? `predicted ${named(predicted)}` : "label not known" };
  }
  if (predicted === label) {
    const note = tile.class_index === label ? "correct" : `predicted ${named(predicted)}, correct`;
    return { title, answer: "right", note };
  }
  const truth = `is ${named(label)}`;
  const note = tile.class_index === predicted ? truth : `predicted ${named(predicted)}`;
  return { title, answer: "wrong", note };
}

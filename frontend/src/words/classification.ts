// Classification: whether the prediction of a picture agrees with its label, in words.

import type { HeatmapTile, InputFacts, InputTile } from "../data/contract";

export interface Verdict {
  /** The note where space is short: of another prediction its class alone. */
  readonly brief: string;
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

/** Why a picture was chosen out of a set; empty where none were. */
export function reason(input: InputTile | undefined): string {
  if (!input?.group) return "";
  return input.since === undefined ? input.group : `${input.group} at step ${input.since}`;
}

export function verdict(tile: HeatmapTile, inputs: InputFacts | null): Verdict {
  const names = inputs?.class_names ?? [];
  const label = inputs?.tiles.find((input) => input.image === tile.image)?.label ?? null;
  const title = className(names, tile.class_index);
  const named = (index: number): string => shortName(className(names, index));
  const { predicted } = tile;
  if (predicted === null || label === null) {
    const other = predicted !== null && predicted !== tile.class_index;
    const brief = other ? named(predicted) : "";
    return { title, answer: "unknown", note: other ? `predicted ${brief}` : "", brief };
  }
  if (predicted === label) {
    if (tile.class_index === label) return { title, answer: "right", note: "correct", brief: "correct" };
    return { title, answer: "right", note: `predicted ${named(predicted)}, correct`, brief: named(predicted) };
  }
  const truth = `is ${named(label)}`;
  if (tile.class_index === predicted) return { title, answer: "wrong", note: truth, brief: truth };
  return { title, answer: "wrong", note: `predicted ${named(predicted)}`, brief: named(predicted) };
}

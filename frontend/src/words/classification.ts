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

/** The true classes of the picture of a map; none where they are not known, or where it is of none. */
export function truth(tile: HeatmapTile, inputs: InputFacts | null): readonly number[] {
  const input = inputs?.tiles.find(({ image }) => image === tile.image);
  return input?.labels ?? (input?.label == null ? [] : [input.label]);
}

/** Why a picture was chosen out of a set; empty where none were. */
export function reason(input: InputTile | undefined): string {
  if (!input?.group) return "";
  return input.since === undefined ? input.group : `${input.group} at step ${input.since}`;
}

export function verdict(tile: HeatmapTile, inputs: InputFacts | null): Verdict {
  const names = inputs?.class_names ?? [];
  const labels = truth(tile, inputs);
  const title = className(names, tile.class_index);
  const named = (index: number): string => shortName(className(names, index));
  const { predicted } = tile;
  if (predicted === null || labels.length === 0) {
    const other = predicted !== null && predicted !== tile.class_index;
    const brief = other ? named(predicted) : "";
    return { title, answer: "unknown", note: other ? `predicted ${brief}` : "", brief };
  }
  if (labels.includes(predicted)) {
    if (tile.class_index === predicted) return { title, answer: "right", note: "correct", brief: "correct" };
    return { title, answer: "right", note: `predicted ${named(predicted)}, correct`, brief: named(predicted) };
  }
  const is = `is ${listed(labels.map(named))}`;
  if (tile.class_index === predicted) return { title, answer: "wrong", note: is, brief: is };
  return { title, answer: "wrong", note: `predicted ${named(predicted)}`, brief: named(predicted) };
}

/** A few names, and how many more there are. */
function listed(names: readonly string[]): string {
  if (names.length > NAMED) return `${names.slice(0, NAMED - 1).join(", ")} and ${names.length - NAMED + 1} more`;
  return names.join(" and ").replace(/ and (?=.* and )/g, ", ");
}

const NAMED = 3;

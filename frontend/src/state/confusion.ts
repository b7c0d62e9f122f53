// The confusion matrix of the step on screen, and which of the shown pictures are in a cell of it.

import { computed } from "@preact/signals";
import type { Confusion } from "../data/contract";
import type { Heatmaps, Loaded } from "../data/sheets";
import { inputAt } from "../data/tiles";
import { className, shortName } from "../words/classification";
import { model } from "./model";
import { place, screen, view } from "./store";

/** A true class and what it is taken for. */
export interface Cell {
  readonly label: number;
  readonly predicted: number;
}

/** What a set of pictures is taken for at this step; null where none is predicted. */
export const confusion = computed<Confusion | null>(() =>
  place.value?.kind === "heatmaps" ? (model.value?.confusion ?? null) : null,
);

/** The cell whose pictures are shown alone; a link may name one where there is no matrix. */
export const cell = computed<Cell | null>(() => {
  const [label, predicted] = view.value.cell.split(":").map(Number);
  return confusion.value && label !== undefined && predicted !== undefined ? { label, predicted } : null;
});

export function writeCell({ label, predicted }: Cell): string {
  return `${label}:${predicted}`;
}

/** The cell that a map's picture is in; null where its true class or the prediction is not known. */
export function cellOf(loaded: Heatmaps, at: number): Cell | null {
  const label = loaded.inputs?.facts.tiles[inputAt(loaded, at)]?.label ?? null;
  const predicted = loaded.facts.tiles[at]?.predicted ?? null;
  return label === null || predicted === null ? null : { label, predicted };
}

export function inCell(loaded: Loaded, at: number): boolean {
  if (cell.value === null || loaded.kind !== "heatmaps") return true;
  const own = cellOf(loaded, at);
  return own?.label === cell.value.label && own.predicted === cell.value.predicted;
}

/** "a cat taken for a dog", by the names that the pictures come with. */
export function inWords({ label, predicted }: Cell): string {
  const [truth, answer] = [nameOf(label), nameOf(predicted)];
  return label === predicted ? `${truth}, seen as such` : `${truth} taken for ${answer}`;
}

export function nameOf(index: number): string {
  const { loaded } = screen.value;
  const inputs = loaded?.kind === "heatmaps" ? loaded.inputs : null;
  return shortName(className(inputs?.facts.class_names ?? [], index));
}

/** How many of the shown pictures are in each cell, by `writeCell`. */
export function shownByCell(loaded: Loaded | null): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  if (loaded?.kind !== "heatmaps") return counts;
  const pictures = new Map(loaded.facts.tiles.map((tile, at) => [tile.image, at]));
  for (const at of pictures.values()) {
    const own = cellOf(loaded, at);
    if (own) counts.set(writeCell(own), (counts.get(writeCell(own)) ?? 0) + 1);
  }
  return counts;
}

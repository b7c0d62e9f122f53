// Examples on the page: whether they are shown, where those of a sheet lie, which one is looked at.

import { signal } from "@preact/signals";
import { type Examples, examplesAt, type WantedExamples } from "../data/examples";
import type { Loaded } from "../data/sheets";
import type { Example } from "../draw/examples";
import { change } from "./actions";
import { hasKind } from "./location";
import { index, indexes, place, view } from "./store";

/** Whether each pattern has its examples next to it. */
export function showsExamples(): boolean {
  return view.value.examples && place.value?.kind === "patterns";
}

export function pickExamples(): void {
  if (index.value && hasKind(index.value, "patterns"))
    change({ page: "tiles", kind: "patterns", examples: true, tile: null });
}

/** The examples that belong to a sheet: those of its layer at its step, or the last before it. */
export function examplesBeside(loaded: Loaded): WantedExamples | null {
  const own = indexes.value.get(loaded.ref.run);
  const layer = own?.series.find(({ tag }) => tag === loaded.ref.tag)?.layer;
  return own && layer ? examplesAt(own, layer, loaded.ref.step) : null;
}

/** An example whose whole picture is looked at, among those of its filter. */
export interface Looked {
  readonly all: readonly Example[];
  readonly nth: number;
  readonly examples: Examples;
}

/** The one that fills the page. */
export const opened = signal<Looked | null>(null);

export interface Hovered extends Looked {
  /** The box of its crop on the page. */
  readonly from: DOMRect;
}

/** The one under the pointer, or with the focus. */
export const hovered = signal<Hovered | null>(null);

/** To another example of the same filter. */
export function walkOpened(by: number): void {
  const now = opened.value;
  if (now?.all[now.nth + by]) opened.value = { ...now, nth: now.nth + by };
}

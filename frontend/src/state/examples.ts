// Examples on the page: whether they are shown, where those of a sheet lie, which one is looked at.

import { signal } from "@preact/signals";
import type { ExampleFacts, Ref } from "../data/contract";
import { type Examples, examplesAt, hasExamples, type WantedExamples } from "../data/examples";
import { factsOf, gather, refsOf } from "../data/facts";
import { refAt, seriesOf } from "../data/series";
import type { Example } from "../draw/examples";
import { change } from "./actions";
import { index, indexes, place, view } from "./store";

/** Whether each pattern has its examples next to it. */
export function showsExamples(): boolean {
  return view.value.examples && place.value?.kind === "patterns";
}

export function pickExamples(): void {
  if (index.value && hasExamples(index.value)) change({ page: "tiles", kind: "patterns", examples: true, tile: null });
}

/** The examples that belong to a sheet: those of its layer at its step, or the last before it. */
export function examplesBeside({ run, tag, step }: Ref): WantedExamples | null {
  const own = indexes.value.get(run);
  const layer = own?.series.find((series) => series.tag === tag)?.layer;
  return own && layer ? examplesAt(own, layer, step) : null;
}

/** All examples of the layer on screen. */
function refsHere(): readonly Ref[] {
  const at = place.value;
  const series = index.value && at && seriesOf(index.value, "examples", at.layer);
  return series && at ? refsOf(at.run, series) : [];
}

/** Steps at which the layer on screen was searched. */
export function searchedSteps(): readonly number[] {
  return refsHere().map(({ step }) => step);
}

/** Asks for the facts of all of them, without their pictures. */
export function gatherExamples(): void {
  void gather(refsHere());
}

/** Which pictures excited a filter most at the step before; null where there is none, or it is not known yet. */
export function picturesBefore({ run, tag, step }: Ref, filter: number): readonly number[] | null {
  const series = indexes.value.get(run)?.series.find((own) => own.tag === tag) ?? null;
  const ref = refAt(run, series, series?.steps.findLast((stored) => stored < step) ?? null);
  const facts = ref && factsOf<Partial<ExampleFacts>>(ref);
  return facts?.tiles?.find((tile) => tile.filter === filter)?.pictures ?? null;
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

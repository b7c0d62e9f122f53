// The facts of many steps, without their pictures: asked for when a view needs them, and kept.

import { signal } from "@preact/signals";
import { AnswerError, fetchFacts } from "./api";
import { lost } from "./connection";
import type { HeatmapTile, Ref, Series } from "./contract";
import { refAt } from "./series";
import { keyOf } from "./sheets";

/** The facts of one event; what the server does not have counts as empty. */
export interface Facts {
  readonly tiles?: readonly object[];
}

/** So many events are kept: those of a layer and its neighbours over a long run. */
const MOST = 2000;

const known = signal<ReadonlyMap<string, Facts>>(new Map());
const asked = new Set<string>();
/** Tiles of all known steps of a series, gathered once for each state of `known`. */
const gathered = new WeakMap<object, Map<Series, readonly HeatmapTile[]>>();

/** The facts of one step, where they are known. */
export function factsOf<T extends object = Facts>(ref: Ref): T | undefined {
  return known.value.get(keyOf(ref)) as T | undefined;
}

/** The tiles of one step of a heatmap layer, where its facts are known. */
export function tilesOf(ref: Ref): readonly HeatmapTile[] | undefined {
  return factsOf<{ tiles?: readonly HeatmapTile[] }>(ref)?.tiles;
}

/** The tiles of every step of a series whose facts are known. */
export function tilesOver(run: string, series: Series): readonly HeatmapTile[] {
  const held = gathered.get(known.value) ?? new Map<Series, readonly HeatmapTile[]>();
  gathered.set(known.value, held);
  const all = held.get(series) ?? refsOf(run, series).flatMap((ref) => tilesOf(ref) ?? []);
  held.set(series, all);
  return all;
}

/** How many steps of a series are still unknown. */
export function unknown(run: string, series: Series): number {
  return refsOf(run, series).filter((ref) => !factsOf(ref)).length;
}

export function refsOf(run: string, series: Series): Ref[] {
  return series.steps.map((step) => refAt(run, series, step)).filter((ref) => ref !== null);
}

/** Asks for all of them in parallel; what they say is taken in together, so that colours change once. */
export async function gather(refs: readonly Ref[]): Promise<void> {
  const missing = refs.filter((ref) => !known.peek().has(keyOf(ref)) && !asked.has(keyOf(ref)));
  if (missing.length === 0) return;
  for (const ref of missing) asked.add(keyOf(ref));
  const patience = AbortSignal.timeout(60_000);
  const found = await Promise.allSettled(missing.map((ref) => fetchFacts<Facts>(ref, patience)));
  const more = new Map(known.peek());
  found.forEach((answer, at) => {
    const key = keyOf(missing[at] as Ref);
    asked.delete(key);
    if (answer.status === "fulfilled") more.set(key, answer.value);
    // What the server does not have is left out and not asked for again; a lost connection may return.
    else if (answer.reason instanceof AnswerError) more.set(key, {});
    else if (answer.reason instanceof TypeError) lost.value = true;
  });
  known.value = new Map([...more].slice(-MOST));
}

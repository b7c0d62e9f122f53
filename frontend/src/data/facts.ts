// The facts of many steps, without their pictures: asked for when a view needs them, and kept.

import { fetchFacts } from "./api";
import type { HeatmapTile, Ref, Series } from "./contract";
import { Resource } from "./resource";
import { keyOf, refAt } from "./series";

/** The facts of one event; what the server does not have counts as empty. */
export interface Facts {
  readonly tiles?: readonly object[];
}

/** As many events as a layer and its neighbours have over a long run. */
const facts = new Resource<Ref, Facts>(fetchFacts, { key: keyOf, keep: 2000, patience: 60_000, nothing: {} });
/** Tiles of all known steps of a series, gathered once for each state of what is known. */
const gathered = new Map<Series, readonly HeatmapTile[]>();
let version = -1;

/** The facts of one step, where they are known. */
export function factsOf<T extends object = Facts>(ref: Ref): T | undefined {
  return facts.known(ref) as T | undefined;
}

/** The facts of one event for someone who waits for them. */
export function loadFacts<T extends object = Facts>(ref: Ref, signal: AbortSignal): Promise<T> {
  return facts.load(ref, signal) as Promise<T>;
}

/** Asks for all of them in parallel; what they say is taken in together, so that colours change once. */
export function gather(refs: readonly Ref[], signal?: AbortSignal): Promise<void> {
  return facts.gather(refs, signal);
}

/** The tiles of one step of a heatmap layer, where its facts are known. */
export function tilesOf(ref: Ref): readonly HeatmapTile[] | undefined {
  return factsOf<{ tiles?: readonly HeatmapTile[] }>(ref)?.tiles;
}

/** The tiles of every step of a series whose facts are known. */
export function tilesOver(run: string, series: Series): readonly HeatmapTile[] {
  if (version !== facts.version.value) gathered.clear();
  version = facts.version.value;
  const all = gathered.get(series) ?? refsOf(run, series).flatMap((ref) => tilesOf(ref) ?? []);
  gathered.set(series, all);
  return all;
}

/** How many steps of a series are still unknown. */
export function unknown(run: string, series: Series): number {
  return refsOf(run, series).filter((ref) => !factsOf(ref)).length;
}

export function refsOf(run: string, series: Series): Ref[] {
  return series.steps.map((step) => refAt(run, series, step)).filter((ref) => ref !== null);
}

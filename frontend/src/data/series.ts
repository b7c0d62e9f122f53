// A series of a run -> the event of it at a step.

import type { Ref, RunIndex, Series } from "./contract";
import type { Wanted } from "./sheets";
import { atOrBefore } from "./steps";

export function seriesOf(index: RunIndex, kind: string, layer: string | null): Series | null {
  return index.series.find((s) => s.kind === kind && s.layer === (layer ?? "")) ?? null;
}

/** The event of a series at exactly this step, or null if it has none there. */
export function refAt(run: string, series: Series | null, step: number | null): Ref | null {
  const at = series && step !== null ? series.steps.indexOf(step) : -1;
  const time = series?.wall_times[at];
  return series && step !== null && time !== undefined ? { run, tag: series.tag, step, at: time } : null;
}

/** What an event is called in memory; a run written anew has other times. */
export function keyOf(ref: Ref): string {
  return `${ref.run}\n${ref.tag}\n${ref.step}\n${ref.at}`;
}

/**
 * The event of a series at a step, with the pictures that maps lie on. Of heatmaps the activations of a filter, if one
 * is named: null where there are none.
 */
export function wantedOf(
  index: RunIndex,
  series: Series | null,
  step: number | null,
  filter: number | null = null,
): Wanted | null {
  const ref = refAt(index.run, series, step);
  if (!ref || !series || !ON_PICTURES.has(series.kind)) return ref && { ref, inputs: null };
  const wanted = { ref, inputs: inputsRef(index, ref.step) };
  if (filter === null || series.kind !== "heatmaps") return wanted;
  const seen = refAt(index.run, featuresOf(index, series), step);
  return seen && { ...wanted, seen: { ref: seen, filter } };
}

const ON_PICTURES: ReadonlySet<string> = new Set(["heatmaps", "feature_maps"]);

/** The feature maps that belong to a series of heatmaps. */
export function featuresOf(index: RunIndex, series: Series | null): Series | null {
  return series?.kind === "heatmaps" ? seriesOf(index, "feature_maps", series.layer) : null;
}

/** The input pictures that the heatmaps of a step belong to. */
function inputsRef(index: RunIndex, step: number): Ref | null {
  const series = seriesOf(index, "inputs", null);
  return series ? refAt(index.run, series, atOrBefore(series.steps, step)) : null;
}

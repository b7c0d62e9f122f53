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

/** The event of a series at a step, with the pictures that heatmaps lie on. */
export function wantedOf(index: RunIndex, series: Series | null, step: number | null): Wanted | null {
  const ref = refAt(index.run, series, step);
  return ref && { ref, inputs: series?.kind === "heatmaps" ? inputsRef(index, ref.step) : null };
}

/** The input pictures that the heatmaps of a step belong to. */
function inputsRef(index: RunIndex, step: number): Ref | null {
  const series = seriesOf(index, "inputs", null);
  return series ? refAt(index.run, series, atOrBefore(series.steps, step)) : null;
}

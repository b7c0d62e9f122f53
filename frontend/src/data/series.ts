// A series of a run -> the event of it at a step.

import type { Ref, RunIndex, Series } from "./contract";
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

/** The input pictures that the heatmaps of a step belong to. */
export function inputsRef(index: RunIndex, step: number): Ref | null {
  const series = seriesOf(index, "inputs", null);
  return series ? refAt(index.run, series, atOrBefore(series.steps, step)) : null;
}

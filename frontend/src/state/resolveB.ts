// The place of A + what it is to be compared with -> the places of B and of the runs beside it.

import type { RunIndex, Series } from "../data/contract";
import { seriesOf } from "../data/series";
import { atOrBefore, nearest } from "../data/steps";
import type { Comparison } from "../url/compareParams";
import type { Place } from "./location";

/** The second thing looked at; `series` is null where that run has no such layer. */
export interface Other {
  readonly run: string;
  readonly layer: string | null;
  readonly series: Series | null;
  readonly step: number | null;
  /** Filter or picture where it is not that of A. */
  readonly tile: number | null;
  readonly baseline: boolean;
}

type Indexes = ReadonlyMap<string, RunIndex>;

/** B; null while its run is not known yet. */
export function resolveB(wish: Comparison, a: Place, indexes: Indexes): Other | null {
  const index = indexes.get(wish.brun ?? a.run);
  if (!index) return null;
  const own = seriesOf(index, a.kind, a.layer);
  const named = wish.blayer !== null && seriesOf(index, a.kind, wish.blayer) !== null;
  const layer = named ? wish.blayer : a.layer;
  const series = layer === a.layer ? own : seriesOf(index, a.kind, layer);
  const steps = series?.steps ?? [];
  const elsewhere = wish.brun !== null || named || wish.btile !== null;
  const baseline = wish.b === null && !elsewhere;
  return { run: index.run, layer, series, step: stepOfB(wish.b, a.step, steps, elsewhere), tile: wish.btile, baseline };
}

function stepOfB(
  wished: Comparison["b"],
  standing: number | null,
  steps: readonly number[],
  elsewhere: boolean,
): number | null {
  if (wished === "previous") return standing === null ? null : (steps.findLast((step) => step < standing) ?? null);
  if (wished === "last") return steps.at(-1) ?? null;
  if (wished !== null) return nearest(steps, wished);
  // Another run or layer is met where A stands; the same one where it began.
  if (elsewhere) return standing === null ? null : atOrBefore(steps, standing);
  return steps[0] ?? null;
}

/** The same layer in a run beside that of A. */
export function resolveBeside(run: string, a: Place, indexes: Indexes, align: Comparison["align"]): Other | null {
  const index = indexes.get(run);
  if (!index) return null;
  const series = seriesOf(index, a.kind, a.layer);
  const first = indexes.get(a.run);
  const own = first ? (seriesOf(first, a.kind, a.layer)?.steps ?? []) : [];
  const step = series && a.step !== null ? aligned(a.step, own, series.steps, align) : null;
  return { run, layer: a.layer, series, step, tile: null, baseline: false };
}

/** The step of another run that stands beside a step of A: as many epochs, or as far on the way to the end. */
export function aligned(
  step: number,
  own: readonly number[],
  others: readonly number[],
  align: Comparison["align"],
): number | null {
  const [last, end] = [own.at(-1) ?? 0, others.at(-1) ?? 0];
  return align === "step" || last === 0 ? atOrBefore(others, step) : nearest(others, (step / last) * end);
}

/** Whether a filter's number means the same in two runs: only where both began with the same weights. */
export function sameFilters(a: RunIndex | undefined, b: RunIndex | undefined): "same" | "different" | "unknown" {
  if (!a || !b || a.run === b.run) return "same";
  const [left, right] = [a.model?.baseline, b.model?.baseline];
  if (typeof left !== "string" || typeof right !== "string") return "unknown";
  return left === right ? "same" : "different";
}

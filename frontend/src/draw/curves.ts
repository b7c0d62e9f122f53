// Curves of the training, as Keras logged it -> lines over the axis of the time bar.

import type { Curve } from "../data/contract";
import { type Axis, along } from "./axis";
import { type Piece, type Point, pieces } from "./lines";

export interface Line {
  readonly part: Curve["part"];
  /** Pieces without a gap; what is not finite leaves one. */
  readonly pieces: readonly Piece[];
}

/** The metrics that can be drawn, each once and in the order of the answer. */
export function metrics(curves: readonly Curve[]): string[] {
  return [...new Set(curves.map((curve) => curve.metric))];
}

/** The metric to draw: the wished one, none, or the first. */
export function chooseMetric(curves: readonly Curve[], wished: string | null): string | null {
  if (wished === "none") return null;
  const all = metrics(curves);
  return all.find((metric) => metric === wished) ?? all[0] ?? null;
}

/** The lines of a metric; both parts share one scale, so that they can be compared. */
export function lines(curves: readonly Curve[], metric: string, axis: Axis): Line[] {
  const own = curves.filter((curve) => curve.metric === metric);
  const [low, high] = range(own.flatMap((curve) => curve.values));
  return own.map((curve) => ({ part: curve.part, pieces: pieces(points(curve, axis, low, high)) }));
}

/** Where a metric of the validation was best. */
export interface Best {
  readonly metric: string;
  readonly value: number;
  /** The step of the axis, stored or between two of them. */
  readonly step: number;
  /** Where that lies on the axis, 0 to 1. */
  readonly at: number;
}

/** By the lowest loss of the validation, else its highest accuracy; null where neither is known of several epochs. */
export function bestEpoch(curves: readonly Curve[], axis: Axis): Best | null {
  const own = curves.filter(({ part }) => part === "validation");
  const loss = own.find(({ metric }) => metric === "loss");
  const curve = loss ?? own.find(({ metric }) => /(^|_)acc(uracy)?$/.test(metric));
  const known = curve?.values.filter((value) => value !== null) ?? [];
  if (!curve || known.length < 2) return null;
  const value = loss ? Math.min(...known) : Math.max(...known);
  const index = curve.values.indexOf(value);
  const step = Math.round(stepOf(curve, index, axis) * 100) / 100;
  const at = along(axis, axis.kind === "step" ? step : (curve.wall_times[index] ?? -1));
  return at >= -0.02 && at <= 1.02 ? { metric: curve.metric, value, step, at: Math.max(0, Math.min(1, at)) } : null;
}

/** The value of a metric at a step, by part. */
export function valuesAt(
  curves: readonly Curve[],
  metric: string,
  axis: Axis,
  step: number,
): Map<Curve["part"], number> {
  const values = new Map<Curve["part"], number>();
  for (const curve of curves) {
    if (curve.metric !== metric) continue;
    const last = curve.steps.findLastIndex((_, index) => Math.abs(stepOf(curve, index, axis) - step) < 0.5);
    const value = curve.values[last];
    if (value !== null && value !== undefined) values.set(curve.part, value);
  }
  return values;
}

function points(curve: Curve, axis: Axis, low: number, high: number): (Point | null)[] {
  return curve.values.map((value, index) => {
    const x = along(axis, axis.kind === "step" ? stepOf(curve, index, axis) : (curve.wall_times[index] ?? -1));
    // The scalars of an epoch are written a little before or after our step of it.
    const inside = x >= -0.02 && x <= 1.02;
    if (value === null || !inside) return null;
    return [Math.max(0, Math.min(1, x)), high > low ? (value - low) / (high - low) : 0.5];
  });
}

/**
 * The step of a point. Keras counts a second `fit` from 0 again where our steps count on: a point that was
 * written after the step that follows it, or before the one it follows, lies where its wall time puts it.
 */
function stepOf(curve: Curve, index: number, { steps, times }: Axis): number {
  const [step, time] = [curve.steps[index] ?? 0, curve.wall_times[index] ?? 0];
  const next = steps.findIndex((stored) => stored > step);
  const before = steps.findLastIndex((stored) => stored < step);
  const fits = (times[next] ?? Infinity) >= time && (times[before] ?? -Infinity) <= time;
  return !time || fits ? step : between(steps, times, time);
}

/** Where a wall time lies among those of the steps, as a step with a fraction. */
function between(steps: readonly number[], times: readonly (number | null)[], time: number): number {
  const after = times.findIndex((other) => other !== null && other >= time);
  if (after < 0) return steps.at(-1) ?? 0;
  const [low, high] = [steps[after - 1], steps[after] ?? 0];
  const [early, late] = [times[after - 1] ?? time, times[after] ?? time];
  return low === undefined || late <= early ? high : low + ((time - early) / (late - early)) * (high - low);
}

function range(values: readonly (number | null)[]): [number, number] {
  const finite = values.filter((value) => value !== null);
  return [Math.min(...finite), Math.max(...finite)];
}

// What Keras logged beside a run -> lines over the axis of the time bar.

import type { Curve } from "../data/contract";
import { type Axis, along } from "./axis";

/** A place in the drawing: across 0 to 1, up 0 (lowest value) to 1. */
export type Point = readonly [number, number];

export interface Line {
  readonly part: Curve["part"];
  /** Pieces without a gap; what is not finite leaves one. */
  readonly pieces: readonly (readonly Point[])[];
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
  return own.map((curve) => ({ part: curve.part, pieces: pieces(curve, axis, low, high) }));
}

/** The value of a metric at a step, by part. */
export function valuesAt(
  curves: readonly Curve[],
  metric: string,
  axis: Axis,
  step: number,
): Map<Curve["part"], number> {
  const found = new Map<Curve["part"], number>();
  for (const curve of curves) {
    if (curve.metric !== metric) continue;
    const at = curve.steps.findLastIndex((_, place) => Math.abs(stepOf(curve, place, axis) - step) < 0.5);
    const value = curve.values[at];
    if (value !== null && value !== undefined) found.set(curve.part, value);
  }
  return found;
}

function pieces(curve: Curve, axis: Axis, low: number, high: number): Point[][] {
  const found: Point[][] = [[]];
  curve.values.forEach((value, at) => {
    const x = along(axis, axis.kind === "step" ? stepOf(curve, at, axis) : (curve.wall_times[at] ?? -1));
    // The scalars of an epoch are written a little before or after our step of it.
    const inside = x >= -0.02 && x <= 1.02;
    if (value === null || !inside) found.push([]);
    else found.at(-1)?.push([Math.max(0, Math.min(1, x)), high > low ? (value - low) / (high - low) : 0.5]);
  });
  return found.filter((piece) => piece.length > 0);
}

/**
 * The step of a point. Keras counts a second `fit` from 0 again where our steps count on: a point that was
 * written after the step that follows it, or before the one it follows, lies where its wall time puts it.
 */
function stepOf(curve: Curve, at: number, { steps, times }: Axis): number {
  const [step, time] = [curve.steps[at] ?? 0, curve.wall_times[at] ?? 0];
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

// Axis of the time bar: the stored steps and when each was written -> where they lie.

import type { RunIndex } from "../data/contract";

/** A step is a number of epochs, so two ways to lay them out are all there are. */
export type AxisKind = "step" | "time";
export const AXES: readonly AxisKind[] = ["step", "time"];

export interface Axis {
  readonly kind: AxisKind;
  readonly steps: readonly number[];
  /** Wall time of each step, in seconds; null where no series tells. */
  readonly times: readonly (number | null)[];
  /** Where each step lies: its number, or its wall time. */
  readonly spots: readonly number[];
}

/** When each step was written; the model facts close a pass, so theirs counts first. */
export function stepTimes(index: RunIndex): Map<number, number> {
  const times = new Map<number, number>();
  const order = [...index.series].sort((a, b) => Number(b.kind === "model") - Number(a.kind === "model"));
  for (const series of order) {
    series.steps.forEach((step, position) => {
      const time = series.wall_times[position];
      if (time && !times.has(step)) times.set(step, time);
    });
  }
  return times;
}

export function axisOf(wished: AxisKind, steps: readonly number[], written: ReadonlyMap<number, number>): Axis {
  const times = steps.map((step) => written.get(step) ?? null);
  const whole = times.every((time) => time !== null) && (times.at(-1) ?? 0) > (times[0] ?? 0);
  // A log without usable times can still be walked by step.
  const kind = wished === "time" && whole ? "time" : "step";
  if (kind === "step") return { kind, steps, times, spots: steps };
  // A clock that was set back must not make the axis run backwards.
  let latest = -Infinity;
  return { kind, steps, times, spots: times.map((time) => (latest = Math.max(latest, time ?? latest))) };
}

/** Where a number of the axis (a step or a wall time) lies between its ends, 0 to 1 within them. */
export function along({ spots }: Axis, spot: number): number {
  const first = spots[0] ?? 0;
  const last = spots.at(-1) ?? 0;
  return last > first ? (spot - first) / (last - first) : 0;
}

/** Where a stored step lies, 0 to 1. */
export function fractionOn(axis: Axis, step: number): number {
  const index = axis.steps.indexOf(step);
  return index < 0 ? 0 : along(axis, axis.spots[index] ?? 0);
}

/** The stored step nearest to a place between the ends. */
export function stepAt(axis: Axis, fraction: number): number | null {
  let best: number | null = null;
  let least = Infinity;
  for (const step of axis.steps) {
    const away = Math.abs(fractionOn(axis, step) - fraction);
    if (away < least) [best, least] = [step, away];
  }
  return best;
}

/** Steps to print under the ticks: the ends always, between them what keeps `gap` pixels apart. */
export function labelledOn(axis: Axis, width: number, gap: number): number[] {
  const last = axis.steps.at(-1);
  const shown: number[] = [];
  let edge = -Infinity;
  for (const step of axis.steps) {
    const x = fractionOn(axis, step) * width;
    if (step === last || (x - edge >= gap && width - x >= gap) || shown.length === 0) {
      shown.push(step);
      edge = x;
    }
  }
  return shown;
}

/** Steps that keep `gap` pixels apart, with one that must be among them. */
export function spacedOn(axis: Axis, width: number, gap: number, must: number | null): number[] {
  const shown = labelledOn(axis, width, gap);
  if (must === null || shown.includes(must) || !axis.steps.includes(must)) return shown;
  const x = (step: number): number => fractionOn(axis, step) * width;
  return [...shown.filter((step) => Math.abs(x(step) - x(must)) >= gap), must].sort((a, b) => a - b);
}

/** What to print under a step: its number, or the time since the first. */
export function tickText(axis: Axis, step: number): string {
  if (axis.kind === "step") return String(step);
  const index = axis.steps.indexOf(step);
  return elapsed((axis.spots[index] ?? 0) - (axis.spots[0] ?? 0));
}

/** Seconds -> "0", "42 s", "3:05", "2 h 10", "3 d 4 h": short enough for a tick. */
export function elapsed(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole <= 0) return "0";
  if (whole < 60) return `${whole}\u2009s`;
  const [minutes, hours] = [Math.floor(whole / 60), Math.floor(whole / 3600)];
  if (hours < 1) return `${minutes}:${String(whole % 60).padStart(2, "0")}`;
  if (hours < 24) return `${hours}\u2009h\u2009${String(minutes % 60).padStart(2, "0")}`;
  return `${Math.floor(hours / 24)}\u2009d\u2009${hours % 24}\u2009h`;
}

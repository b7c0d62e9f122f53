// A wish (clicks, deep link) + what is stored -> the place on screen. The wish is never rewritten by
// new data: that is why the view keeps its place, and returns to it when a run or kind comes back.

import type { Kind, LayerFacts, RunEntry, RunIndex, Series } from "../data/contract";
import { nearest, union } from "../data/steps";
import type { Wish } from "../url/address";

/** One thing looked at: A today; comparing adds a second one (B) of the same type. */
export interface Place {
  readonly run: string;
  readonly kind: Kind;
  readonly layer: string | null;
  readonly step: number | null;
}

/** A layer as the list shows it. */
export interface LayerRow extends LayerFacts {
  readonly series: Series;
}

/** The run asked for, else the one written last that can be read. */
export function chooseRun(runs: readonly RunEntry[], wished: string | null): string | null {
  const asked = runs.find((entry) => entry.run === wished);
  if (asked) return asked.run;
  const readable = runs.filter((entry) => !entry.problem);
  const pool = readable.length ? readable : runs;
  return (
    pool.reduce<RunEntry | null>((best, entry) => (best && best.wall_time >= entry.wall_time ? best : entry), null)
      ?.run ?? null
  );
}

/**
 * The steps of a run that hold patterns or heatmaps, of any layer. The model facts close each pass: what
 * lies beyond them is still being written, and following it would show layers that are not there yet.
 */
export function runSteps(index: RunIndex): number[] {
  const all = union(index.series.filter((s) => s.kind === "patterns" || s.kind === "heatmaps").map((s) => s.steps));
  const announced = index.series.find((s) => s.kind === "model")?.steps.at(-1);
  return announced === undefined ? all : all.filter((step) => step <= announced);
}

/** The layers of one kind in network order; series that the model does not list come last. */
export function layerRows(index: RunIndex, kind: Kind): LayerRow[] {
  const series = index.series.filter((s) => s.kind === kind);
  const known = index.model?.layers ?? [];
  const rows: LayerRow[] = [];
  for (const facts of known) {
    const own = series.find((s) => s.layer === facts.layer);
    if (own) rows.push({ ...facts, series: own });
  }
  for (const own of series) {
    if (known.some((facts) => facts.layer === own.layer)) continue;
    rows.push({ layer: own.layer, class_name: "", filters: 0, kinds: [kind], series: own });
  }
  return rows;
}

export function hasKind(index: RunIndex, kind: Kind): boolean {
  return index.series.some((s) => s.kind === kind && s.steps.length > 0);
}

/** Where the wish leads in this run. */
export function resolve(wish: Wish, index: RunIndex): Place {
  const fallback: Kind = hasKind(index, "patterns") || !hasKind(index, "heatmaps") ? "patterns" : "heatmaps";
  const kind = wish.kind && hasKind(index, wish.kind) ? wish.kind : fallback;
  const rows = layerRows(index, kind);
  // Heatmaps are read at the last layer, where the classes are decided; patterns from the first.
  const start = kind === "heatmaps" ? rows.at(-1) : rows[0];
  const layer = (rows.find((row) => row.layer === wish.layer) ?? start)?.layer ?? null;
  const steps = runSteps(index);
  const step = wish.step === null ? (steps.at(-1) ?? null) : nearest(steps, wish.step);
  return { run: index.run, kind, layer, step };
}

/** The wish after walking to a stored step: standing on the newest one means following it. */
export function walked(wish: Wish, steps: readonly number[], step: number): Wish {
  return { ...wish, step: step === steps.at(-1) ? null : step };
}

/** Steps that came in after `seen`, the newest one known when the user last stood there. */
export function arrived(steps: readonly number[], seen: number | null): number {
  return seen === null ? 0 : steps.filter((step) => step > seen).length;
}

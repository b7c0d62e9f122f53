// Actions: each changes what the view asks for.

import { writeClasses } from "../data/classesPerImage";
import type { Kind } from "../data/contract";
import { seriesOf } from "../data/series";
import { moved } from "../data/steps";
import type { Comparison, View, Way } from "../url/view";
import { b } from "./compare";
import { hasKind, runSteps, walked } from "./location";
import { classes, index, indexes, place, playing, rows, seen, steps, view } from "./store";

export function change(part: Partial<View>): void {
  view.value = { ...view.value, ...part };
}

export function goTo(step: number | null | undefined): void {
  if (step === null || step === undefined) return;
  // On leaving the newest step: steps logged from now on count as new.
  if (view.value.step === null) seen.value = steps.value.at(-1) ?? null;
  view.value = { ...view.value, ...walked(view.value, steps.value, step) };
}

export function walk(by: number): void {
  if (place.value?.step != null) goTo(moved(steps.value, place.value.step, by));
}

export function play(): void {
  // Playing from the newest step starts over.
  if (!playing.value && place.value?.step === steps.value.at(-1)) goTo(steps.value[0]);
  playing.value = !playing.value;
}

/** Another run at the same step; see `resolve` for a run that has none. */
export function pickRun(run: string): void {
  const other = indexes.value.get(run);
  const newest = other ? (runSteps(other).at(-1) ?? null) : null;
  const standing = place.value?.step ?? null;
  seen.value = newest;
  change({ run, step: standing === newest ? null : standing });
}

export function pickKind(kind: Kind): void {
  if (!index.value || hasKind(index.value, kind))
    change({ page: "tiles", kind, examples: false, tile: null, sees: null });
}

export function pickLayer(layer: string): void {
  change({ layer, tile: place.value?.kind === "heatmaps" ? view.value.tile : null, sees: null });
}

/** To a layer, in the wanted kind if it has that, else in the present one, else in any. */
export function pickLayerOf(kind: Kind | null, layer: string, tile: number | null = null): void {
  const has = (wished: Kind | null | undefined): boolean =>
    Boolean(wished && index.value && seriesOf(index.value, wished, layer));
  const wanted = [kind, place.value?.kind, "patterns" as const, "heatmaps" as const].find(has);
  if (wanted) change({ page: "tiles", kind: wanted, layer, tile, sees: null });
}

export function walkLayer(by: number): void {
  const now = rows.value.findIndex((row) => row.layer === place.value?.layer);
  const next = rows.value[now + by];
  if (next) pickLayer(next.layer);
}

export function openSummary(): void {
  change({ page: "summary", tile: null, sees: null, compareMode: null });
}

export function openTile(tile: number | null): void {
  change({ tile, sees: tile === null ? null : view.value.sees });
}

/** Lays the activations of a filter on the enlarged picture, or its heatmap again. */
export function lookThrough(filter: number | null): void {
  change({ sees: filter });
}

export function chooseClass(id: number, index: number): void {
  change({ classChoice: writeClasses(new Map(classes.value).set(id, index)) });
}

export function cycleOpacity(): void {
  const { alpha } = view.value;
  change({ alpha: alpha < 50 ? 50 : alpha < 100 ? 100 : 0 });
}

/** The choice after the present one; after the last the first. */
export function following<T>(all: readonly T[], now: T): T {
  return all[(all.indexOf(now) + 1) % all.length] ?? now;
}

/** Moves a property of the view on to its next choice. */
export function cycle<K extends keyof View>(property: K, all: readonly View[K][]): void {
  change({ [property]: following(all, view.value[property]) });
}

const NONE = { compareStep: null, compareRun: null, compareLayer: null, compareTile: null };
let lastWay: Way = "side";

export function setWay(compareMode: Way | null): void {
  if (compareMode) lastWay = compareMode;
  change(compareMode ? { page: "tiles", compareMode, layout: "tiles" } : { compareMode });
}

/** Turns comparing on, the way it was last, or off. */
export function toggleCompare(): void {
  setWay(view.value.compareMode ? null : lastWay);
}

export function toggleDifference(): void {
  const { compareMode } = view.value;
  if (compareMode === "difference") setWay(lastWay === "difference" ? "side" : lastWay);
  else change({ page: "tiles", compareMode: "difference", layout: "tiles" });
}

/** Sets B, and starts comparing. */
export function setB(part: Partial<Comparison>): void {
  change({ ...NONE, ...part, compareMode: view.value.compareMode ?? lastWay, layout: "tiles" });
}

/** B at a step of the run of A. */
export function setBStep(step: number | null | undefined): void {
  if (step !== null && step !== undefined) setB({ compareStep: step });
}

/** Sets one tile of the present layer, step and run as B, whatever A becomes. */
export function pinB(tile: number): void {
  const at = place.value;
  if (at) setB({ compareStep: at.step, compareRun: at.run, compareLayer: at.layer, compareTile: tile });
}

/** Swaps A and B. */
export function swap(): void {
  const [at, other] = [place.value, b.value];
  if (!at || !other || other.step === null) return;
  // If B follows the step of A, it still does.
  const met = view.value.compareStep === null && !other.baseline;
  const back: Partial<Comparison> = {
    compareStep: met ? null : at.step,
    compareRun: other.run === at.run ? null : at.run,
    compareLayer: other.layer === at.layer ? null : at.layer,
    compareTile: null,
  };
  if (other.tile !== null)
    Object.assign(back, {
      compareStep: at.step,
      compareRun: at.run,
      compareLayer: at.layer,
      compareTile: view.value.tile,
    });
  const there =
    other.run === at.run ? walked(view.value, steps.value, other.step) : { ...view.value, step: other.step };
  view.value = {
    ...view.value,
    ...there,
    ...back,
    run: other.run,
    layer: other.layer,
    tile: other.tile ?? view.value.tile,
  };
}

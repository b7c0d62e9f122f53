// The first and the last step of the run -> the pictures that changed most, and where to look at them.

import { computed, effect } from "@preact/signals";
import { lost } from "../data/connection";
import type { HeatmapTile, PatternTile, Ref, Series } from "../data/contract";
import { factsOf, gather } from "../data/facts";
import { refAt } from "../data/series";
import { type Evidence, evidence } from "../draw/pixels";
import { index, steps, view, visible } from "./store";

/** A picture whose heatmap changed, by layer and by its number among the tiles. */
export interface ChangedMap {
  readonly series: Series;
  readonly tile: number;
  /** How much of the evidence lies elsewhere, 0 to 1; also 1 where there is none any more, null where nobody knows. */
  readonly change: number | null;
  /** Whether there is evidence at the last step. */
  readonly evidence: Evidence;
}

/** A filter that changed. */
export interface ChangedFilter {
  readonly series: Series;
  readonly filter: number;
  readonly metric: "function_drift" | "kernel_drift";
  readonly change: number;
}

const MAPS = 4;
const FILTERS = 6;

const last = computed(() => steps.value.at(-1) ?? null);

function newest(kind: string): { readonly series: Series; readonly ref: Ref }[] {
  const held = index.value;
  if (!held) return [];
  return held.series.flatMap((series) => {
    const ref = series.kind === kind ? refAt(held.run, series, series.steps.at(-1) ?? null) : null;
    return ref ? [{ series, ref }] : [];
  });
}

/** One map of each picture, of the layer in which it changed most. */
export const changedMaps = computed<ChangedMap[]>(() => {
  const found: (ChangedMap & { readonly image: number })[] = [];
  for (const { series, ref } of newest("heatmaps")) {
    const tiles = factsOf<{ tiles?: readonly HeatmapTile[] }>(ref)?.tiles ?? [];
    const images = [...new Set(tiles.map(({ image }) => image))];
    for (const [tile, image] of images.entries()) {
      const own = tiles.find((map) => map.image === image);
      const kind = own ? evidence(own) : "none";
      const moved = own?.overlap_baseline == null ? null : 1 - own.overlap_baseline;
      found.push({ series, tile, image, change: kind === "some" ? moved : 1, evidence: kind });
    }
  }
  return firstOfEach(found.sort(byChange), ({ image }) => image).slice(0, MAPS);
});

/** At most two filters of a layer: one that broke would have them all. */
export const changedFilters = computed<ChangedFilter[]>(() => {
  const found = newest("patterns").flatMap(({ series, ref }) => {
    const tiles = factsOf<{ tiles?: readonly PatternTile[] }>(ref)?.tiles ?? [];
    return tiles
      .flatMap((tile): ChangedFilter[] => {
        const metric = tile.function_drift != null ? "function_drift" : "kernel_drift";
        const change = tile[metric];
        return change == null ? [] : [{ series, filter: tile.filter, metric, change }];
      })
      .sort(byChange)
      .slice(0, 2);
  });
  return found.sort(byChange).slice(0, FILTERS);
});

function byChange(a: { change: number | null }, b: { change: number | null }): number {
  return (b.change ?? 0) - (a.change ?? 0);
}

function firstOfEach<T, K>(all: readonly T[], key: (one: T) => K): T[] {
  const seen = new Set<K>();
  return all.filter((one) => !seen.has(key(one)) && seen.add(key(one)));
}

/** How long training has waited for all of it, and how long it took, in seconds; null where a log does not say. */
export const costs = computed(() => {
  const model = index.value?.model;
  if (model?.seconds == null || last.value === null) return null;
  const epochs = last.value - (steps.value.at(-2) ?? 0);
  return { seconds: model.seconds, epoch: (model.epoch_seconds ?? 0) * epochs, budget: model.budget ?? null };
});

/** Keeps the facts at hand that the summary reads. */
export function watchSummary(): () => void {
  return effect(() => {
    if (view.value.page !== "summary" || !visible.value || lost.value) return;
    void gather([...newest("heatmaps"), ...newest("patterns")].map(({ ref }) => ref));
  });
}

// The chosen scope + what is on screen -> the raw value of the full colour of each heatmap.

import { computed, effect, signal } from "@preact/signals";
import type { HeatmapTile, Series } from "../data/contract";
import { gather, refsOf, tilesOver, unknown } from "../data/facts";
import type { Heatmaps, Loaded } from "../data/sheets";
import { ceiling, looksFurther } from "../draw/scopes";
import { indexes, place, screen, view, visible } from "./store";

/** What stands beside the sheet of the place: together they are measured by one scale. */
export const company = signal<readonly Loaded[]>([]);

const shown = computed(() =>
  [screen.value.loaded, ...company.value].filter((loaded): loaded is Heatmaps => loaded?.kind === "heatmaps"),
);

interface Source {
  readonly run: string;
  readonly series: Series;
}

/** The series that the maps on screen come from. */
const sources = computed<Source[]>(() => {
  const found = new Map<Series, Source>();
  for (const { ref } of shown.value) {
    const series = indexes.value.get(ref.run)?.series.find((own) => own.tag === ref.tag);
    if (series) found.set(series, { run: ref.run, series });
  }
  return [...found.values()];
});

const here = computed<readonly HeatmapTile[]>(() => shown.value.flatMap((loaded) => loaded.facts.tiles));
const over = computed<readonly HeatmapTile[]>(() => sources.value.flatMap(({ run, series }) => tilesOver(run, series)));

/** Steps whose maxima are still to come. */
export const pending = computed(() =>
  looksFurther(view.value.scope) ? sources.value.reduce((sum, { run, series }) => sum + unknown(run, series), 0) : 0,
);

/** The raw value of the full colour of a map. */
export function fullOf(loaded: Heatmaps, at: number): number {
  const tile = loaded.facts.tiles[at];
  // A sheet of another step (filmstrip, matrix) is no neighbour of those on screen.
  const beside = shown.value.includes(loaded) ? here.value : loaded.facts.tiles;
  return tile ? ceiling(view.value.scope, tile, beside, over.value) : 0;
}

/** Asks for the facts that the scope needs; else only for those of the step before, to see what changed. */
export function watchScale(): void {
  effect(() => {
    const at = place.value;
    if (at?.kind !== "heatmaps" || !visible.value) return;
    const before = shown.value.map(({ ref }) => {
      const own = sources.value.find((source) => source.run === ref.run && source.series.tag === ref.tag);
      return own && refsOf(own.run, own.series).findLast(({ step }) => step < ref.step);
    });
    const further = looksFurther(view.value.scope) ? sources.value.flatMap((own) => refsOf(own.run, own.series)) : [];
    void gather([...before.filter((ref) => ref !== undefined), ...further]);
  });
}

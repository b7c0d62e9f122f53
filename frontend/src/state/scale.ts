// The chosen scope + what is on screen -> the raw value of the full colour of each heatmap.

import { computed, effect } from "@preact/signals";
import type { FeatureTile, HeatmapTile, Ref, Series } from "../data/contract";
import { gather, refsOf, tilesOver, unknown } from "../data/facts";
import { featuresOf } from "../data/series";
import type { Heatmaps } from "../data/sheets";
import { ceiling, looksFurther } from "../draw/scopes";
import { onScreen } from "./slot";
import { indexes, place, view, visible } from "./store";

const shown = computed(() => onScreen.value.filter((loaded): loaded is Heatmaps => loaded.kind === "heatmaps"));

interface Source {
  readonly run: string;
  readonly series: Series;
  /** Of feature maps the filter that is shown. */
  readonly filter?: Heatmaps["filter"] | undefined;
}

function seriesBehind({ run, tag }: Ref): Series | null {
  return indexes.value.get(run)?.series.find((own) => own.tag === tag) ?? null;
}

/** The series that the maps on screen come from. */
const sources = computed<Source[]>(() => {
  const found = new Map<Series, Source>();
  for (const { ref, filter } of shown.value) {
    const [index, own] = [indexes.value.get(ref.run), seriesBehind(ref)];
    const series = index && filter !== undefined ? featuresOf(index, own) : own;
    if (series) found.set(series, { run: ref.run, series, filter });
  }
  return [...found.values()];
});

const here = computed<readonly HeatmapTile[]>(() => shown.value.flatMap((loaded) => loaded.facts.tiles));
const over = computed<readonly HeatmapTile[]>(() =>
  sources.value.flatMap(({ run, series, filter }) =>
    tilesOver(run, series).filter((tile) => filter === undefined || (tile as Partial<FeatureTile>).filter === filter),
  ),
);

/** Steps whose maxima are still to come. */
export const pending = computed(() =>
  looksFurther(view.value.scope) ? sources.value.reduce((sum, { run, series }) => sum + unknown(run, series), 0) : 0,
);

/** The raw value of the full colour of a map. */
export function fullOf(loaded: Heatmaps, at: number): number {
  const tile = loaded.facts.tiles[at];
  // A sheet of another step (filmstrip, matrix) is no neighbour of those on screen.
  const beside = shown.value.includes(loaded) ? here.value : loaded.facts.tiles;
  // Nor are the maps of other filters.
  const further = loaded.filter === "each" ? [] : over.value;
  return tile ? ceiling(view.value.scope, tile, beside, further) : 0;
}

/** Asks for the facts that the scope needs; else only for those of the step before, to see what changed. */
export function watchScale(): () => void {
  return effect(() => {
    const at = place.value;
    if (at?.kind !== "heatmaps" || !visible.value) return;
    const before = shown.value.map(({ ref }) => {
      const own = seriesBehind(ref);
      return own ? refsOf(ref.run, own).findLast(({ step }) => step < ref.step) : undefined;
    });
    const further = looksFurther(view.value.scope) ? sources.value.flatMap((own) => refsOf(own.run, own.series)) : [];
    void gather([...before.filter((ref) => ref !== undefined), ...further]);
  });
}

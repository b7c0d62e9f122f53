// The numbers of all layers over the steps -> which are offered, which is chosen, and its rows in network order.

import { computed } from "@preact/signals";
import type { Course, Kind, LayerProfile, RunIndex } from "../data/contract";
import { profiles } from "../data/scalars";
import { layerMeaning, layerRank } from "../words/metrics";
import { index, place as placeHere, run, steps, view } from "./store";

/** One layer of the chart. */
export interface Row {
  readonly layer: string;
  readonly course: Course;
  readonly frozen: boolean;
}

const layers = computed(() => profiles.value.get(run.value ?? "") ?? newest(index.value));

/** What the facts of the newest step say: the chart has all its rows before their courses are there. */
function newest(index: RunIndex | null): LayerProfile[] {
  const step = index?.series.find(({ kind }) => kind === "model")?.steps.at(-1);
  if (step === undefined) return [];
  return (index?.model?.layers ?? []).map(({ layer, numbers }) => {
    const courses = Object.entries(numbers ?? {}).map(([name, value]) => [name, { steps: [step], values: [value] }]);
    return { layer, numbers: Object.fromEntries(courses) as Record<string, Course> };
  });
}

/** The numbers that the log holds of layers. */
export const offered = computed(() => {
  const names = new Set(layers.value.flatMap(({ numbers }) => Object.keys(numbers)));
  return [...names].sort((a, b) => layerRank(a) - layerRank(b) || a.localeCompare(b));
});

export const folded = computed(() => view.value.net === "none");

/** The number by which layers are told apart: the wished one, else the first that says something of what is on screen. */
export const chosen = computed(() => {
  const kind = placeHere.value?.kind;
  return [(name: string) => name === view.value.net, (name: string) => kindOf(name) === kind, () => true].reduce<
    string | null
  >((found, fits) => found ?? offered.value.find(fits) ?? null, null);
});

/** Layers that have the chosen number, input to output. */
export const network = computed<Row[]>(() => {
  const name = chosen.value;
  if (name === null) return [];
  const known = index.value?.model?.layers ?? [];
  const place = (layer: string): number => {
    const at = known.findIndex((own) => own.layer === layer);
    return at < 0 ? known.length : at;
  };
  return layers.value
    .flatMap(({ layer, numbers }) => {
      const course = numbers[name];
      return course ? [{ layer, course, frozen: known[place(layer)]?.trainable === false }] : [];
    })
    .sort((a, b) => place(a.layer) - place(b.layer));
});

/** Where numbers of this name are seen best. */
export function kindOf(name: string): Kind | null {
  const { group } = layerMeaning(name);
  if (group === "Where the evidence is" || name === "probability") return "heatmaps";
  return name === "seconds" ? null : "patterns";
}

/** The value at a step, or the last before it. */
export function valueAt({ steps: own, values }: Course, step: number): number | null {
  const at = own.findLastIndex((stored) => stored <= step);
  return at < 0 ? null : (values[at] ?? null);
}

/** The step over which a number changed most, and by how much. */
export function turn({ steps: own, values }: Course): { readonly step: number; readonly by: number } | null {
  let found: { step: number; by: number } | null = null;
  values.forEach((value, at) => {
    const before = values[at - 1];
    if (at === 0 || value === null || before === null || before === undefined) return;
    const by = Math.abs(value - before);
    if (by > 0 && by > (found?.by ?? 0)) found = { step: own[at] ?? 0, by };
  });
  return found;
}

/** The largest value in sight: what full ink stands for. */
export const most = computed(() => {
  const all = new Set(steps.value);
  return network.value.reduce(
    (top, { course }) =>
      course.values.reduce<number>(
        (so, value, at) => (all.has(course.steps[at] ?? -1) ? Math.max(so, value ?? 0) : so),
        top,
      ),
    0,
  );
});

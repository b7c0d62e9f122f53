// The numbers of all layers over the steps -> which are offered, which is chosen, and its rows in network order.

import { computed } from "@preact/signals";
import type { Course, LayerProfile, RunIndex } from "../data/contract";
import { profiles } from "../data/scalars";
import { kindOf, layerRank } from "../words/metrics";
import { isLow } from "./page";
import { index, place as placeHere, run, steps, view } from "./store";

/** One layer of the chart. */
export interface Row {
  readonly layer: string;
  readonly course: Course;
}

const layers = computed(() => profiles.known(run.value ?? "") ?? newest(index.value));

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

/** Folded away by choice, or on a low page until a number is chosen. */
export const folded = computed(() =>
  view.value.layerMetric === null ? isLow.value : view.value.layerMetric === "none",
);

/** Shows the chart where it is folded; on a low page that is a choice of its own. */
export function foldChart(): void {
  const shown = isLow.value ? chosen.value : null;
  view.value = { ...view.value, layerMetric: folded.value ? shown : "none" };
}

/** How many layers have a number: those without weights lack what is said of weights. */
function spread(name: string): number {
  return layers.value.filter(({ numbers }) => name in numbers).length;
}

/**
 * The number by which layers are told apart: the wished one, else of those that say something of what is on screen the
 * first that most layers have.
 */
export const chosen = computed(() => {
  const { layerMetric } = view.value;
  if (layerMetric !== null && offered.value.includes(layerMetric)) return layerMetric;
  const own = offered.value.filter((name) => kindOf(name) === placeHere.value?.kind);
  const most = Math.max(...own.map(spread));
  const all = own.filter((name) => spread(name) === most);
  // Pictures change by chance, too.
  return all.find((name) => name !== "pattern_drift") ?? all[0] ?? offered.value[0] ?? null;
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
      return course ? [{ layer, course }] : [];
    })
    .sort((a, b) => place(a.layer) - place(b.layer));
});

/** The value at a step, or the last before it. */
export function valueAt({ steps: own, values }: Course, step: number): number | null {
  const at = own.findLastIndex((stored) => stored <= step);
  return at < 0 ? null : (values[at] ?? null);
}

/** The number of a layer at its first step; 0 where that is not known. */
export function firstOf(layer: string, name: string): number {
  return layers.value.find((own) => own.layer === layer)?.numbers[name]?.values[0] ?? 0;
}

/** How many more filters of a layer are dead at a step than at its first; 0 where the log does not say. */
export function died(layer: string, step: number): number {
  const dead = layers.value.find((own) => own.layer === layer)?.numbers.dead;
  const [first, now] = [dead?.values[0], dead && valueAt(dead, step)];
  return first == null || now == null ? 0 : Math.max(0, now - first);
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

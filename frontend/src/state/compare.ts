// What is compared at present: B, the runs beside A, and their loaded sheets.

import { computed, effect } from "@preact/signals";
import { lost } from "../data/connection";
import { wantedOf } from "../data/series";
import type { Wanted } from "../data/sheets";
import { splitNames } from "../url/names";
import { type Other, resolveB, resolveBeside } from "./resolveB";
import { B, fill, keepOnly, type Wish } from "./slot";
import { indexes, place, runs, sees, view, visible } from "./store";

/** Where the B of a run's column is kept: that of A has a place of its own. */
export function slotOfB(run: string): string {
  return run === place.value?.run ? B : `${run}${B}`;
}

/** Runs beside that of A, such as there are. */
export const besideRuns = computed(() => {
  const there = new Set(runs.value?.filter((entry) => !entry.problem).map((entry) => entry.run));
  return splitNames(view.value.beside).filter((run) => there.has(run) && run !== place.value?.run);
});

/** The run of B as far as there is such a run; a link may name one of another time. */
const compareRun = computed(() => {
  const wished = view.value.compareRun;
  return runs.value?.some((entry) => entry.run === wished && !entry.problem) ? wished : null;
});

export const b = computed<Other | null>(() => {
  const at = place.value;
  if (!view.value.compareMode || !at) return null;
  return resolveB({ ...view.value, compareRun: compareRun.value }, at, indexes.value);
});

/** The B of the run in a column: another step is one of that run, another run is the same for all columns. */
function bBeside(run: string, step: number | null): Other | null {
  const at = place.value;
  return (
    at &&
    resolveB(
      { ...view.value, compareRun: compareRun.value },
      { ...at, run, step: compareRun.value === null ? step : at.step },
      indexes.value,
    )
  );
}

/** B is one chosen tile: of use beside another one, not beside a whole layer. */
export const pinned = computed(() => view.value.compareTile !== null);

/** Whether tiles are drawn as pairs now. */
export const comparing = computed(() => view.value.compareMode !== null && (!pinned.value || view.value.tile !== null));

/** Runs whose index is needed beside that of A. */
export const neededRuns = computed(() => [
  ...new Set([...besideRuns.value, ...(view.value.compareMode && compareRun.value ? [compareRun.value] : [])]),
]);

export const others = computed<ReadonlyMap<string, Other | null>>(() => {
  const at = place.value;
  const found = new Map<string, Other | null>();
  if (!at) return found;
  if (view.value.compareMode) found.set(B, b.value);
  for (const run of besideRuns.value) {
    const other = resolveBeside(run, at, indexes.value, view.value.align);
    found.set(run, other);
    if (view.value.compareMode && other) found.set(slotOfB(run), bBeside(run, other.step));
  }
  return found;
});

function wantedBy(other: Other): Wanted | null {
  const index = indexes.value.get(other.run);
  // A filter of another layer is another filter.
  const filter = other.layer === place.value?.layer ? sees.value : null;
  if (!index || (sees.value !== null && filter === null)) return null;
  return wantedOf(index, other.series, other.step, filter);
}

/** The sheet of a run beside A at the step that stands beside this one. */
export function wantedBeside(run: string, step: number): Wanted | null {
  const at = place.value;
  const other = at && resolveBeside(run, { ...at, step }, indexes.value, view.value.align);
  return other && wantedBy(other);
}

/** As text, so that what does not change what is wanted loads nothing again. */
const wanted = computed(() =>
  JSON.stringify([...others.value].map(([slot, other]) => [slot, other === null ? "unknown" : wantedBy(other)])),
);

/** Keeps the slots beside that of A up to date with what is wanted. */
export function watchOthers(): () => void {
  return effect(() => {
    const wishes = new Map(JSON.parse(wanted.value) as [string, Wish][]);
    const ask = visible.value && !lost.value;
    keepOnly(new Set(wishes.keys()));
    for (const [slot, wish] of wishes) void fill(slot, wish, ask);
  });
}

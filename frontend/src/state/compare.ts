// What is compared at present: B, the runs beside A, and their loaded sheets.

import { computed, effect, signal } from "@preact/signals";
import { lost } from "../data/connection";
import { inputsRef, refAt } from "../data/series";
import { load, pinOthers, remembered, type Wanted } from "../data/sheets";
import { splitNames } from "../url/parse";
import { type Other, resolveB, resolveBeside } from "./resolveB";
import { company } from "./scale";
import { indexes, place, runs, type Screen, view, visible } from "./store";

/** Names the place of B among the sheets beside A; runs are named by themselves, the B of each after it. */
export const B = "\nB";

/** Where the B of a run's column is kept: that of A has a place of its own. */
export function slotOfB(run: string): string {
  return run === place.value?.run ? B : `${run}${B}`;
}
const LOADING: Screen = { status: "loading", loaded: null, message: "" };

/** Runs beside that of A, such as there are. */
export const besideRuns = computed(() => {
  const there = new Set(runs.value?.filter((entry) => !entry.problem).map((entry) => entry.run));
  return splitNames(view.value.beside).filter((run) => there.has(run) && run !== place.value?.run);
});

/** The run of B as far as there is such a run; a link may name one of another time. */
const brun = computed(() => {
  const wished = view.value.brun;
  return runs.value?.some((entry) => entry.run === wished && !entry.problem) ? wished : null;
});

export const b = computed<Other | null>(() => {
  const at = place.value;
  if (!view.value.way || !at) return null;
  return resolveB({ ...view.value, brun: brun.value }, at, indexes.value);
});

/** The B of the run in a column: another step is one of that run, another run is the same for all columns. */
function bBeside(run: string, step: number | null): Other | null {
  const at = place.value;
  return (
    at &&
    resolveB(
      { ...view.value, brun: brun.value },
      { ...at, run, step: brun.value === null ? step : at.step },
      indexes.value,
    )
  );
}

/** B is one chosen tile: of use beside another one, not beside a whole layer. */
export const pinned = computed(() => view.value.btile !== null);

/** Whether tiles are drawn as pairs now. */
export const comparing = computed(() => view.value.way !== null && (!pinned.value || view.value.tile !== null));

/** Runs whose index is needed beside that of A. */
export const neededRuns = computed(() => [
  ...new Set([...besideRuns.value, ...(view.value.way && brun.value ? [brun.value] : [])]),
]);

export const others = computed<ReadonlyMap<string, Other | null>>(() => {
  const at = place.value;
  const found = new Map<string, Other | null>();
  if (!at) return found;
  if (view.value.way) found.set(B, b.value);
  for (const run of besideRuns.value) {
    const other = resolveBeside(run, at, indexes.value, view.value.align);
    found.set(run, other);
    if (view.value.way && other) found.set(slotOfB(run), bBeside(run, other.step));
  }
  return found;
});

const screens = signal<ReadonlyMap<string, Screen>>(new Map());

export function screenOf(slot: string): Screen {
  return screens.value.get(slot) ?? LOADING;
}

function wantedBy(other: Other): Wanted | null {
  const index = indexes.value.get(other.run);
  const ref = other.series && refAt(other.run, other.series, other.step);
  if (!ref || !index) return null;
  return { ref, inputs: other.series?.kind === "heatmaps" ? inputsRef(index, ref.step) : null };
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

/** Keeps the sheets beside A up to date with what is wanted. */
export function watchOthers(): void {
  effect(() => {
    const slots = JSON.parse(wanted.value) as [string, Wanted | null | "unknown"][];
    const ask = visible.value && !lost.value;
    const stop = new AbortController();
    const now = new Map<string, Screen>();
    for (const [slot, want] of slots) {
      const before = screens.peek().get(slot)?.loaded ?? null;
      if (want === "unknown") now.set(slot, LOADING);
      else if (!want) now.set(slot, { status: "absent", loaded: null, message: "" });
      else {
        const held = remembered(want);
        const same = before && before.ref.run === want.ref.run && before.ref.tag === want.ref.tag;
        now.set(slot, { status: held ? "ready" : "loading", loaded: held ?? (same ? before : null), message: "" });
        if (!held && ask) void bring(slot, want, stop.signal);
      }
    }
    take(now);
    return () => stop.abort();
  });
}

async function bring(slot: string, want: Wanted, signal: AbortSignal): Promise<void> {
  try {
    const loaded = await load(want, signal);
    if (!signal.aborted) take(new Map(screens.peek()).set(slot, { status: "ready", loaded, message: "" }));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!signal.aborted) take(new Map(screens.peek()).set(slot, { status: "failed", loaded: null, message }));
  }
}

function take(now: ReadonlyMap<string, Screen>): void {
  const loaded = [...now.values()].map((screen) => screen.loaded).filter((held) => held !== null);
  pinOthers(loaded);
  screens.value = now;
  company.value = loaded;
}

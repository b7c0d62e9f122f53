// Poll: asks what is new while someone looks, at a pace that fits what is going on.

import { computed, effect } from "@preact/signals";
import { AnswerError, fetchHostRuns, fetchIndex, fetchLocation, fetchRuns } from "../data/api";
import * as connection from "../data/connection";
import type { Ref, RunEntry, RunIndex } from "../data/contract";
import { pace } from "../data/pollInterval";
import { bringCurves, expectCurves } from "../data/scalars";
import { keyOf } from "../data/series";
import { neededRuns } from "./compare";
import { runSteps } from "./location";
import { pinnedRuns } from "./pinboard";
import * as state from "./store";

let timer: ReturnType<typeof setTimeout> | undefined;
let asking: AbortController | null = null;
/** Which state of a run its index belongs to: newest step and wall time. */
const known = new Map<string, string>();
/** Events that were listed but answered with 404. */
const gone = new Set<string>();

/** Asks now, and from then on at a pace that fits what is going on. */
export async function refresh(): Promise<void> {
  clearTimeout(timer);
  asking?.abort();
  const asked = new AbortController();
  asking = asked;
  try {
    const runs = await fetchRuns(asked.signal);
    if (runs.some(({ run }) => !state.hostRuns.value.includes(run)))
      void fetchHostRuns(asked.signal).then((all) => (state.hostRuns.value = all));
    if (JSON.stringify(runs) !== JSON.stringify(state.runs.value)) state.runs.value = runs;
    if (runs.length === 0 && state.location.value === null) state.location.value = await fetchLocation();
    await refreshIndexes(asked.signal);
    if (state.run.value !== null) void bringCurves(state.run.value);
    connection.lost.value = false;
  } catch (error) {
    if (asked.signal.aborted) return;
    console.debug("convviz: no answer", error);
    connection.lost.value = true;
  }
  const wait = pace({
    visible: state.visible.value,
    lost: connection.lost.value,
    empty: !state.runs.value?.length,
    training: state.training(Date.now() / 1000) !== null,
  });
  if (wait !== null && asking === asked) timer = setTimeout(() => void refresh(), wait);
}

/** Runs whose index is needed beside that of the run looked at. */
const needed = computed(() => [...neededRuns.value, ...pinnedRuns.value].join("\n"));

/** Another run is on screen, or the tab is back: finds out at once what it holds. */
export function watchRuns(): () => void {
  return effect(() => {
    if (state.wished.value !== undefined && needed.value !== undefined && state.visible.value) void refresh();
  });
}

/** Asks anew at once when nobody answered, or an event was gone: it tells whether it is so, and when it is over. */
export function watchAnswers(): () => void {
  return effect(() => {
    if (connection.dropped.value) reread(connection.dropped.value);
    if (connection.lost.value) void refresh();
  });
}

/** Asks nothing more until the next `refresh`. */
export function pause(): void {
  clearTimeout(timer);
  asking?.abort();
}

/** What is on screen, or wished to be: the run looked at and those beside it. */
async function refreshIndexes(signal: AbortSignal): Promise<void> {
  const looked = [state.wished.value, ...needed.value.split("\n")];
  const entries = state.runs.value?.filter((entry) => looked.includes(entry.run)) ?? [];
  await Promise.all(entries.map((entry) => refreshIndex(entry, signal)));
}

async function refreshIndex(entry: RunEntry, signal: AbortSignal): Promise<void> {
  const stamp = `${entry.step} ${entry.wall_time} ${entry.problem ?? ""}`;
  if (known.get(entry.run) === stamp) return;
  try {
    const index = await fetchIndex(entry.run, signal);
    known.set(entry.run, stamp);
    expectCurves(entry.run);
    takeIn(index);
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    state.faults.value = new Map(state.faults.value).set(entry.run, error.message);
  }
}

function takeIn(index: RunIndex): void {
  const first = !state.indexes.value.has(index.run);
  state.indexes.value = new Map(state.indexes.value).set(index.run, index);
  const faults = new Map(state.faults.value);
  faults.delete(index.run);
  state.faults.value = faults;
  if (index.run !== state.run.value) return;
  const newest = runSteps(index).at(-1) ?? null;
  if (state.view.value.step === null || first) state.seen.value = newest;
  // A link or another run's step that happens to be the newest here: from now on follow it.
  if (first && state.view.value.step === newest) state.view.value = { ...state.view.value, step: null };
}

/** What was listed is gone: the list is old. Read once more for it, not again and again. */
function reread(ref: Ref): void {
  if (gone.has(keyOf(ref))) return;
  gone.add(keyOf(ref));
  known.delete(ref.run);
  void refresh();
}

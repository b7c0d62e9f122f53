// The clock of the page: asks what is new while someone looks, loads what the place needs, plays.

import { effect } from "@preact/signals";
import { AnswerError, fetchIndex, fetchLocation, fetchRuns } from "../data/api";
import * as connection from "../data/connection";
import type { Ref, RunEntry, RunIndex } from "../data/contract";
import { pace } from "../data/pollInterval";
import { bringCurves, expectCurves } from "../data/scalars";
import { keyOf, load, pin, remembered, type Wanted } from "../data/sheets";
import { moved } from "../data/steps";
import { goTo, walk } from "./actions";
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

/** Whoever finds that nobody answers says so; asking again tells whether it is so, and when it is over. */
export function watchLost(): void {
  effect(() => {
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
  const beside =
    state.runs.value?.filter((entry) => [...neededRuns.value, ...pinnedRuns.value].includes(entry.run)) ?? [];
  const entries = new Set([...(state.wishedEntry.value ? [state.wishedEntry.value] : []), ...beside]);
  await Promise.all([...entries].map((entry) => refreshIndex(entry, signal)));
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

/** Keeps `screen` up to date with the place. */
export function watchPlace(): void {
  let current: AbortController | null = null;
  effect(() => {
    const wanted = state.wanted.value;
    const { visible, lost } = { visible: state.visible.value, lost: connection.lost.value };
    // What the last step was still loading is given up only after this one has taken its share of it.
    const last = current;
    queueMicrotask(() => last?.abort());
    current = null;
    if (!state.place.value) return show("loading", null);
    if (!wanted) return show("absent", null);
    const held = remembered(wanted);
    if (held) show("ready", held);
    if (!visible || lost) return;
    const doing = new AbortController();
    current = doing;
    const walking = strolled();
    const there = held ? Promise.resolve() : bring(wanted, doing.signal);
    // Who walks on before a step is there goes the same way: what lies ahead must not wait for it. After a jump
    // the step itself comes first.
    if (held || walking) prefetch(doing.signal);
    else void there.then(() => prefetch(doing.signal));
  });
}

async function bring(wanted: Wanted, signal: AbortSignal): Promise<void> {
  const before = state.screen.peek().loaded;
  show("loading", before?.ref.tag === wanted.ref.tag ? before : null);
  try {
    const loaded = await load(wanted, signal);
    if (!signal.aborted) show("ready", loaded);
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof TypeError) {
      connection.lost.value = true; // no connection at all: keep what is shown
    } else if (error instanceof AnswerError && unusable(error)) {
      show("failed", null, `What is stored of it cannot be used: ${unusable(error)}`);
    } else if (error instanceof AnswerError && error.status === 404) {
      show("failed", null, "TensorBoard has dropped this step, or the run was written anew.");
      reread(wanted.ref);
    } else {
      show("failed", null, error instanceof Error ? error.message : String(error));
    }
  }
}

/** Why what is there is of no use, where the server says so; it is not gone, and will be no better when asked again. */
function unusable({ message }: AnswerError): string | null {
  return /\b((?:facts|sheet|tag): .*)$/s.exec(message)?.[1] ?? null;
}

/** What was listed is gone: the list is old. Read once more for it, not again and again. */
function reread(ref: Ref): void {
  if (gone.has(keyOf(ref))) return;
  gone.add(keyOf(ref));
  known.delete(ref.run);
  void refresh();
}

function show(status: state.Screen["status"], loaded: state.Screen["loaded"], message = ""): void {
  pin(loaded);
  if (loaded) state.latest.value = loaded;
  state.screen.value = { status, loaded, message };
}

/** Nearest first, and more of what lies ahead: that is where people play and drag to. */
const AHEAD = [1, -1, 2, -2, 3, 4, 5, 6];
let before = 0;
let direction = 1;

/** Whether the step on screen is a neighbour of the last one; notes which way it went. */
function strolled(): boolean {
  const step = state.place.peek()?.step ?? 0;
  const steps = state.steps.peek();
  const by = steps.indexOf(step) - steps.indexOf(before);
  before = step;
  if (by !== 0) direction = Math.sign(by);
  return Math.abs(by) <= 2;
}

/** Loads the steps on both sides all at once: through the Rust data server they come no later than one. */
function prefetch(signal: AbortSignal): void {
  const at = state.place.peek();
  const steps = state.row.peek()?.series.steps ?? [];
  if (signal.aborted || at?.step == null) return;
  for (const by of AHEAD) {
    const wanted = state.wantedAt(moved(steps, at.step, by * direction));
    if (wanted && !remembered(wanted)) load(wanted, signal).catch(() => undefined);
  }
}

const FRAME = 600;
/** Faster than this is a flicker that some people must not be shown. */
const calm = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Steps on while playing, but never before the picture of the step is there; at the newest it stops, or begins anew. */
export function watchPlay(): void {
  effect(() => {
    if (!state.playing.value) return;
    const at = state.place.value?.step ?? null;
    const { status } = state.screen.value;
    if (!state.visible.value || status === "loading") return;
    const ended = at === null || at === state.steps.value.at(-1);
    if (ended && !state.looping.value) {
      queueMicrotask(() => (state.playing.value = false));
      return;
    }
    const wait = FRAME / (calm() ? Math.min(1, state.speed.value) : state.speed.value);
    const next = setTimeout(() => (ended ? goTo(state.steps.peek()[0]) : walk(1)), wait);
    return () => clearTimeout(next);
  });
}

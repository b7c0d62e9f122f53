// The state of the page: signals that hold what was asked for and what is stored, and what follows.

import { computed, signal } from "@preact/signals";
import { parseClasses } from "../data/classesPerImage";
import type { RunEntry, RunIndex, StepFailure } from "../data/contract";
import { curves } from "../data/scalars";
import { featuresOf, wantedOf } from "../data/series";
import type { Wanted } from "../data/sheets";
import { axisOf, stepTimes } from "../draw/axis";
import { chooseMetric } from "../draw/curves";
import { colourOf, filtered } from "../draw/runColours";
import { DEFAULT_VIEW, type View } from "../url/view";
import { arrived, chooseRun, type LayerRow, layerRows, type Place, resolve, runSteps } from "./location";
import { A, latest, screenOf } from "./slot";

export const SPEEDS = [0.5, 1, 2, 4] as const;
export type Speed = (typeof SPEEDS)[number];

export const view = signal<View>(DEFAULT_VIEW);
export const runs = signal<readonly RunEntry[] | null>(null);
export const indexes = signal<ReadonlyMap<string, RunIndex>>(new Map());
/** Why a run's index could not be had, by run. */
export const faults = signal<ReadonlyMap<string, string>>(new Map());
/** All runs as TensorBoard lists them, and what it filters them by. */
export const hostRuns = signal<readonly string[]>([]);
export const runFilter = signal("");
export const visible = signal(true);
export const dark = signal(false);
export const playing = signal(false);
/** Steps a second while playing, against the usual pace. */
export const speed = signal<Speed>(1);
export const looping = signal(false);
export const helpOpen = signal(false);
/** The newest step known when the user last stood on the newest. */
export const seen = signal<number | null>(null);
/** The class chosen for each picture, by its number. */
export const classes = computed(() => parseClasses(view.value.classChoice));
/** What is on screen for the place. */
export const screen = computed(() => screenOf(A));
export const location = signal<string | null>(null);

/** The runs to choose from: those that TensorBoard's own list is filtered to, and the one that is shown. */
export const choice = computed(() => {
  const all = runs.value ?? [];
  const left = filtered(all, runFilter.value);
  return all.filter((entry) => left.includes(entry) || entry.run === view.value.run);
});
/** The run to show. */
export const wished = computed(() => (runs.value ? chooseRun(choice.value, view.value.run) : null));
export const wishedEntry = computed(() => runs.value?.find((item) => item.run === wished.value) ?? null);
let before: string | null = null;
/** The run that is shown: another one takes its place once there is something to show, or to say, of it. */
export const run = computed(() => {
  const next = wished.value;
  const known =
    next === null || indexes.value.has(next) || faults.value.has(next) || Boolean(wishedEntry.value?.problem);
  if (known || !runs.value?.some((item) => item.run === before)) before = next;
  return before;
});
/** Its colour in TensorBoard's own tabs. */
export const runColour = computed(() => colourOf(hostRuns.value, run.value ?? ""));
export const entry = computed(() => runs.value?.find((item) => item.run === run.value) ?? null);
export const index = computed(() => (run.value === null ? null : (indexes.value.get(run.value) ?? null)));
export const place = computed<Place | null>(() => (index.value ? resolve(view.value, index.value) : null));
export const steps = computed(() => (index.value ? runSteps(index.value) : []));
export const axis = computed(() =>
  axisOf(view.value.axis, steps.value, index.value ? stepTimes(index.value) : new Map()),
);
export const beside = computed(() => curves.known(run.value ?? "") ?? []);
export const metric = computed(() => chooseMetric(beside.value, view.value.metric));
export const rows = computed<LayerRow[]>(() =>
  index.value && place.value ? layerRows(index.value, place.value.kind) : [],
);
export const row = computed(() => rows.value.find((item) => item.layer === place.value?.layer) ?? null);
/** The step whose weights were put back when training ended: null for none of the log, absent where nothing was. */
export const kept = computed(() => index.value?.end?.kept);
export const fresh = computed(() => (view.value.step === null ? 0 : arrived(steps.value, seen.value)));

/**
 * What the controls over the tiles go by: while another layer loads still the one before, so that they stay where
 * they are. Its pictures may be released by then: only its facts are of use.
 */
export const guide = computed(() => {
  const { loaded, status } = screen.value;
  return loaded ?? (status === "loading" && latest.value?.kind === place.value?.kind ? latest.value : null);
});

/** What the place needs loaded; null where the layer has nothing at this step. */
export const wanted = computed(() => wantedAt(place.value?.step ?? null));

export function wantedAt(step: number | null): Wanted | null {
  return index.value && wantedOf(index.value, row.value?.series ?? null, step, sees.value);
}

/** The filter whose activations lie on the enlarged picture, where the layer has feature maps. */
export const sees = computed(() => {
  const has = index.value && featuresOf(index.value, row.value?.series ?? null);
  return has && view.value.tile !== null ? view.value.sees : null;
});

/** Failures of a series, newest last; without a tag those that hit no layer on the list. */
export function failuresOf(tag: string): readonly StepFailure[] {
  return index.value?.failures.filter((failure) => failure.tag === tag) ?? [];
}

export interface Training {
  readonly step: number;
  readonly planned: number;
}

// A run that has been silent for so long has been stopped, whatever it had planned.
const SILENT = 30 * 60;

/** How far a run is that is still being trained, else null. */
export function training(now: number): Training | null {
  const planned = index.value?.model?.planned ?? null;
  const step = steps.value.at(-1);
  const last = entry.value?.wall_time ?? 0;
  if (planned === null || step === undefined || step >= planned || now - last > SILENT) return null;
  if (index.value?.end) return null;
  return { step, planned };
}

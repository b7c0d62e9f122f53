// A reference -> the decoded sheet and its facts, from a bounded memory or from the server.

import type { Plane } from "../draw/pixels";
import { AnswerError, fetchSheet } from "./api";
import type { FeatureFacts, HeatmapFacts, InputFacts, PatternFacts, PictureFacts, Ref } from "./contract";
import { loadFacts } from "./facts";
import { asMaps, ofFilter } from "./featureMaps";
import { Resource } from "./resource";
import { keyOf } from "./series";

export interface Patterns {
  readonly kind: "patterns";
  readonly ref: Ref;
  readonly facts: PatternFacts;
  readonly sheet: ImageBitmap;
}

export interface Heatmaps {
  readonly kind: "heatmaps";
  readonly ref: Ref;
  readonly facts: HeatmapFacts;
  readonly grey: Plane;
  readonly inputs: Inputs | null;
  /** The filter whose activations are the maps, or each its own one; absent where they are evidence for a class. */
  readonly filter?: number | "each";
}

export interface Inputs {
  readonly kind: "inputs";
  readonly facts: InputFacts;
  readonly sheet: ImageBitmap;
}

/** Pictures that examples are cut from. */
export interface Pictures {
  readonly kind: "pictures";
  readonly facts: PictureFacts;
  readonly sheet: ImageBitmap;
}

export type Loaded = Patterns | Heatmaps;
/** Whole pictures of the user. */
export type Whole = Inputs | Pictures;
/** What to load for one screen: the event itself, and the pictures that heatmaps lie on. */
export interface Wanted {
  readonly ref: Ref;
  readonly inputs: Ref | null;
  /** The filter whose activations are to take the place of the evidence, and where they are stored. */
  readonly seen?: Seen | null;
}

export interface Seen {
  readonly ref: Ref;
  readonly filter: number;
}

// 64 million pixels are 256 MB of decoded sheets: some 180 steps of 16 patterns of 150 x 150.
const PIXELS = 64e6;
/** What is on screen, by who shows it. */
const shown = new Map<unknown, readonly object[]>();
const sheets = new Resource<Wanted, Loaded | Whole>(fetchOne, {
  key: ({ ref, seen }) => (seen ? `${keyOf(ref)}\n${seen.filter}` : keyOf(ref)),
  keep: PIXELS,
  weigh: pixels,
  inUse: (thing) => [...shown.values()].some((things) => things.includes(thing)),
  dispose: release,
});

export function remembered(wanted: Wanted): Loaded | undefined {
  return sheets.held(wanted) as Loaded | undefined;
}

export function load(wanted: Wanted, signal: AbortSignal): Promise<Loaded> {
  return sheets.load(wanted, signal) as Promise<Loaded>;
}

/** Pictures of an event of "pictures" or "inputs". */
export function loadWhole(ref: Ref, signal: AbortSignal): Promise<Whole> {
  return sheets.load({ ref, inputs: null }, signal) as Promise<Whole>;
}

/** Keeps what someone shows from being released, until they show something else. */
export function pin(all: readonly (Loaded | Whole)[], who: unknown = shown): void {
  if (all.length === 0) shown.delete(who);
  else
    shown.set(
      who,
      all.flatMap((one) => (one.kind === "heatmaps" && one.inputs ? [one, one.inputs] : [one])),
    );
}

function fetchOne(wanted: Wanted, signal: AbortSignal): Promise<Loaded | Whole> {
  const { tag } = wanted.ref;
  if (tag.startsWith("heatmaps/"))
    return wanted.seen ? fetchSeen(wanted, wanted.seen, signal) : fetchHeatmaps(wanted, signal);
  if (tag.startsWith("feature_maps/")) return fetchMaps<FeatureFacts>(wanted, signal).then(asMaps);
  return tag.startsWith("patterns/") ? fetchPatterns(wanted.ref, signal) : fetchWhole(wanted.ref, signal);
}

async function fetchPatterns(ref: Ref, signal: AbortSignal): Promise<Patterns> {
  const [facts, sheet] = await Promise.all([loadFacts<PatternFacts>(ref, signal), bitmap(ref, signal)]);
  return { kind: "patterns", ref, facts, sheet };
}

async function fetchWhole(ref: Ref, signal: AbortSignal): Promise<Whole> {
  const [facts, sheet] = await Promise.all([loadFacts(ref, signal), bitmap(ref, signal)]);
  return { kind: ref.tag, facts, sheet } as Whole;
}

async function fetchHeatmaps(wanted: Wanted, signal: AbortSignal): Promise<Heatmaps> {
  return { kind: "heatmaps", ...(await fetchMaps<HeatmapFacts>(wanted, signal)) };
}

/** The activations of one filter on the pictures of the heatmaps. */
async function fetchSeen({ ref, inputs }: Wanted, seen: Seen, signal: AbortSignal): Promise<Heatmaps> {
  const all = [ref, seen.ref].map((one) => sheets.load({ ref: one, inputs }, signal) as Promise<Heatmaps>);
  const [evidence, features] = (await Promise.all(all)) as [Heatmaps, Heatmaps];
  return ofFilter(evidence, features, seen.filter);
}

/** Maps as numbers, and the pictures that they lie on. */
export interface Maps<F extends object> {
  readonly ref: Ref;
  readonly facts: F;
  readonly grey: Plane;
  readonly inputs: Inputs | null;
}

async function fetchMaps<F extends object>({ ref, inputs }: Wanted, signal: AbortSignal): Promise<Maps<F>> {
  const [facts, sheet, under] = await Promise.all([
    loadFacts<F>(ref, signal),
    bitmap(ref, signal),
    inputs && (loadWhole(inputs, signal) as Promise<Inputs>).catch(withoutThem),
  ]);
  const grey = levels(sheet);
  sheet.close();
  return { ref, facts, grey, inputs: under };
}

/** What can be read without pictures that cannot be; not if nobody answers, or they are unwanted. */
export function withoutThem(error: unknown): null {
  if (error instanceof AnswerError || (error instanceof DOMException && error.name === "InvalidStateError"))
    return null;
  throw error;
}

// Grey levels are numbers here: no colour management and no alpha arithmetic may touch them.
async function bitmap(ref: Ref, signal: AbortSignal): Promise<ImageBitmap> {
  const blob = await fetchSheet(ref, signal);
  return createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
}

function levels(sheet: ImageBitmap): Plane {
  const { width, height } = sheet;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser offers no canvas");
  context.drawImage(sheet, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(width * height);
  for (let at = 0; at < data.length; at++) data[at] = rgba[at * 4] ?? 0;
  return { width, height, data };
}

function pixels(thing: Loaded | Whole): number {
  return thing.kind === "heatmaps" ? thing.grey.data.length : thing.sheet.width * thing.sheet.height;
}

function release(thing: Loaded | Whole): void {
  if (thing.kind !== "heatmaps") thing.sheet.close();
}

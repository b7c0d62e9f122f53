// A reference -> the decoded sheet and its facts, from a bounded memory or from the server.

import type { Plane } from "../draw/pixels";
import { AnswerError, fetchFacts, fetchSheet } from "./api";
import type { HeatmapFacts, InputFacts, PatternFacts, Ref } from "./contract";
import { Pool } from "./pool";

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
}

export interface Inputs {
  readonly kind: "inputs";
  readonly facts: InputFacts;
  readonly sheet: ImageBitmap;
}

export type Loaded = Patterns | Heatmaps;
/** What to load for one screen: the event itself, and the pictures that heatmaps lie on. */
export interface Wanted {
  readonly ref: Ref;
  readonly inputs: Ref | null;
}

// 64 million pixels are 256 MB of decoded sheets: some 180 steps of 16 patterns of 150 x 150.
const PIXELS = 64e6;
const shown = new Set<object>();
const beside = new Set<object>();
const pool = new Pool<Loaded | Inputs>(PIXELS, pixels, release, (thing) => shown.has(thing) || beside.has(thing));

export function keyOf(ref: Ref): string {
  return `${ref.run}\n${ref.tag}\n${ref.step}\n${ref.at}`;
}

export function remembered(wanted: Wanted): Loaded | undefined {
  return pool.get(keyOf(wanted.ref)) as Loaded | undefined;
}

/** Keeps what is on screen from being released. */
export function pin(loaded: Loaded | null): void {
  shown.clear();
  if (!loaded) return;
  shown.add(loaded);
  if (loaded.kind === "heatmaps" && loaded.inputs) shown.add(loaded.inputs);
}

/** Keeps what stands beside it from being released. */
export function pinOthers(loaded: readonly Loaded[]): void {
  beside.clear();
  for (const one of loaded) {
    beside.add(one);
    if (one.kind === "heatmaps" && one.inputs) beside.add(one.inputs);
  }
}

export function load(wanted: Wanted, signal: AbortSignal): Promise<Loaded> {
  const heat = wanted.ref.tag.startsWith("heatmaps/");
  const make = heat ? loadHeatmaps(wanted) : loadPatterns(wanted.ref);
  return pool.load(keyOf(wanted.ref), make, signal) as Promise<Loaded>;
}

function loadPatterns(ref: Ref) {
  return async (signal: AbortSignal): Promise<Patterns> => {
    const [facts, sheet] = await Promise.all([fetchFacts<PatternFacts>(ref, signal), bitmap(ref, signal)]);
    return { kind: "patterns", ref, facts, sheet };
  };
}

function loadHeatmaps({ ref, inputs }: Wanted) {
  return async (signal: AbortSignal): Promise<Heatmaps> => {
    const [facts, sheet, under] = await Promise.all([
      fetchFacts<HeatmapFacts>(ref, signal),
      bitmap(ref, signal),
      inputs ? (pool.load(keyOf(inputs), loadInputs(inputs), signal) as Promise<Inputs>).catch(withoutThem) : null,
    ]);
    const grey = levels(sheet);
    sheet.close();
    return { kind: "heatmaps", ref, facts, grey, inputs: under };
  };
}

/** A map can be read without the picture that it lies on, if that cannot be; not if nobody answers, or it is unwanted. */
function withoutThem(error: unknown): null {
  if (error instanceof AnswerError || (error instanceof DOMException && error.name === "InvalidStateError"))
    return null;
  throw error;
}

function loadInputs(ref: Ref) {
  return async (signal: AbortSignal): Promise<Inputs> => {
    const [facts, sheet] = await Promise.all([fetchFacts<InputFacts>(ref, signal), bitmap(ref, signal)]);
    return { kind: "inputs", facts, sheet };
  };
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

function pixels(thing: Loaded | Inputs): number {
  return thing.kind === "heatmaps" ? thing.grey.data.length : thing.sheet.width * thing.sheet.height;
}

function release(thing: Loaded | Inputs): void {
  if (thing.kind !== "heatmaps") thing.sheet.close();
}

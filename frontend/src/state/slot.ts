// Slots: the sheets on screen; what stays until the next can be shown, and what an error shows.

import { computed, signal } from "@preact/signals";
import { AnswerError } from "../data/api";
import { dropped, lostBy } from "../data/connection";
import { type Loaded, load, pin, remembered, type Wanted } from "../data/sheets";

/** What a slot shows: loaded tiles, or why there are none. */
export interface Screen {
  readonly status: "loading" | "ready" | "absent" | "failed";
  /** While a step loads, these are still the tiles of the one before: nothing flickers. */
  readonly loaded: Loaded | null;
  readonly message: string;
}

/** What a slot is to show: null where nothing is stored, "unknown" until the index of its run is there. */
export type Wish = Wanted | "unknown" | null;

/** The slot of the place. Runs have slots of their name, the B of each after it. */
export const A = "";
export const B = "\nB";

const LOADING: Screen = { status: "loading", loaded: null, message: "" };
const ABSENT: Screen = { status: "absent", loaded: null, message: "" };
const screens = signal<ReadonlyMap<string, Screen>>(new Map());
const loading = new Map<string, AbortController>();

/** The tiles last shown of the place. */
export const latest = signal<Loaded | null>(null);

/** All sheets on screen: together they are measured by one scale. */
export const onScreen = computed(() => sheetsOf(screens.value));

export function screenOf(slot: string): Screen {
  return screens.value.get(slot) ?? LOADING;
}

/** Shows what is wished for, at once where it is at hand; else asks, if it may: the result then ends with the answer. */
export function fill(slot: string, wish: Wish, ask: boolean): Promise<void> | null {
  giveUp(slot);
  if (wish === null || wish === "unknown") {
    put(slot, wish ? LOADING : ABSENT);
    return null;
  }
  const held = remembered(wish);
  if (held) put(slot, ready(held));
  else put(slot, { ...LOADING, loaded: stays(slot, wish) });
  return held || !ask ? null : bring(slot, wish);
}

/** Empties all slots but that of the place and those named. */
export function keepOnly(named: ReadonlySet<string>): void {
  const left = [...screens.peek()].filter(([slot]) => slot === A || named.has(slot));
  for (const slot of screens.peek().keys()) if (slot !== A && !named.has(slot)) giveUp(slot);
  if (left.length < screens.peek().size) take(new Map(left));
}

/** Given up only after the next wish has taken its share of what is under way. */
function giveUp(slot: string): void {
  const last = loading.get(slot);
  loading.delete(slot);
  queueMicrotask(() => last?.abort());
}

/** What may be shown until the sheet is there: the same layer; in the slot of the place also that of another run. */
function stays(slot: string, { ref }: Wanted): Loaded | null {
  const before = screens.peek().get(slot)?.loaded;
  return before?.ref.tag === ref.tag && (slot === A || before.ref.run === ref.run) ? before : null;
}

async function bring(slot: string, wish: Wanted): Promise<void> {
  const stop = new AbortController();
  loading.set(slot, stop);
  const screen = await load(wish, stop.signal).then(ready, (error) => failed(wish, error, stop.signal));
  // Another wish came meanwhile: this one is late.
  if (screen && loading.get(slot) === stop) put(slot, screen);
}

function ready(loaded: Loaded): Screen {
  return { status: "ready", loaded, message: "" };
}

/** What an error shows; null leaves what is there. */
function failed({ ref }: Wanted, error: unknown, { aborted }: AbortSignal): Screen | null {
  if (aborted || lostBy(error)) return null;
  const refused = error instanceof AnswerError;
  const useless = refused && unusable(error);
  const gone = refused && !useless && error.status === 404;
  if (gone) dropped.value = ref;
  const message = error instanceof Error ? error.message : String(error);
  return { ...ABSENT, status: "failed", message: useless ? USELESS + useless : gone ? GONE : message };
}

const USELESS = "What is stored of it cannot be used: ";
const GONE = "TensorBoard has dropped this step, or the run was written anew.";

/** Why what is there is of no use, where the server says so; it is not gone, and will be no better when asked again. */
function unusable({ message }: AnswerError): string | null {
  return /\b((?:facts|sheet|tag): .*)$/s.exec(message)?.[1] ?? null;
}

function put(slot: string, screen: Screen): void {
  if (slot === A && screen.loaded) latest.value = screen.loaded;
  take(new Map(screens.peek()).set(slot, screen));
}

function take(now: ReadonlyMap<string, Screen>): void {
  pin(sheetsOf(now));
  screens.value = now;
}

function sheetsOf(all: ReadonlyMap<string, Screen>): Loaded[] {
  return [...all.values()].map(({ loaded }) => loaded).filter((loaded) => loaded !== null);
}

// The examples of a layer at a step: which parts of which pictures excite each of its filters most.

import type { ExampleFacts, ExampleTile, InputTile, PictureTile, Ref, RunIndex } from "./contract";
import { loadFacts } from "./facts";
import { keyOf, refAt, seriesOf } from "./series";
import { loadWhole, type Whole, withoutThem } from "./sheets";
import { atOrBefore } from "./steps";

/** A picture as it is stored: which tile of which sheet. */
export interface Stored {
  readonly whole: Whole;
  readonly at: number;
}

export interface Examples {
  readonly ref: Ref;
  readonly facts: ExampleFacts;
  /** By their numbers, as far as they are stored. */
  readonly pictures: ReadonlyMap<number, Stored>;
}

/** What to load: the event itself, and those that may hold its pictures, newest first. */
export interface WantedExamples {
  readonly ref: Ref;
  readonly pictures: readonly Ref[];
  readonly inputs: readonly Ref[];
}

/** The examples of a layer at a step, else those of the last step before it that has some. */
export function examplesAt(index: RunIndex, layer: string, step: number): WantedExamples | null {
  const series = seriesOf(index, "examples", layer);
  const ref = series && refAt(index.run, series, atOrBefore(series.steps, step));
  if (!ref) return null;
  const upTo = (kind: string): Ref[] => {
    const own = seriesOf(index, kind, null);
    const steps = own?.steps.filter((stored) => stored <= ref.step) ?? [];
    return steps.reverse().flatMap((stored) => refAt(index.run, own, stored) ?? []);
  };
  return { ref, pictures: upTo("pictures"), inputs: upTo("inputs").slice(0, 1) };
}

export function hasExamples(index: RunIndex): boolean {
  return index.series.some((series) => series.kind === "examples" && series.steps.length > 0);
}

/** The examples of one filter, which is named by its number: other filters than those with a pattern may have some. */
export function examplesOf({ facts }: Examples, filter: number): ExampleTile | undefined {
  return facts.tiles.find((tile) => tile.filter === filter);
}

export async function loadExamples(wanted: WantedExamples, signal: AbortSignal): Promise<Examples> {
  const facts = await loadFacts<ExampleFacts>(wanted.ref, signal);
  const events = facts.source === "inputs" ? wanted.inputs : wanted.pictures;
  const held = await Promise.all(events.map((ref) => loadFacts<Held>(ref, signal).catch(withoutThem)));
  const places = placesOf(facts, held);
  const used = [...new Set([...places.values()].map(({ event }) => event))];
  const sheets = await Promise.all(used.map((event) => loadWhole(events[event] as Ref, signal).catch(withoutThem)));
  const pictures = new Map<number, Stored>();
  for (const [number, { event, at }] of places) {
    const whole = sheets[used.indexOf(event)];
    if (whole) pictures.set(number, { whole, at });
  }
  return { ref: wanted.ref, facts, pictures };
}

export function keyOfExamples({ ref }: WantedExamples): string {
  return keyOf(ref);
}

/** The facts of an event that holds pictures, of either series. */
interface Held {
  readonly tiles?: readonly Partial<PictureTile & InputTile>[];
}
interface Place {
  /** Which of the events. */
  readonly event: number;
  readonly at: number;
}

/** Where each picture that is an example lies: in the first of the events that has it. */
export function placesOf(facts: ExampleFacts, events: readonly (Held | null)[]): Map<number, Place> {
  const missing = new Set(facts.tiles.flatMap(({ pictures }) => pictures));
  const places = new Map<number, Place>();
  events.forEach((held, event) => {
    held?.tiles?.forEach((tile, at) => {
      const number = tile.picture ?? tile.image ?? -1;
      if (missing.delete(number)) places.set(number, { event, at });
    });
  });
  return places;
}

/** The true class of a picture; null where it is not known, or there are several. */
export function labelOf({ whole, at }: Stored): number | null {
  return whole.facts.tiles[at]?.label ?? null;
}

export function classNamesOf({ pictures }: Examples): readonly string[] {
  const named = [...pictures.values()].find(({ whole }) => whole.facts.class_names?.length);
  return named?.whole.facts.class_names ?? [];
}

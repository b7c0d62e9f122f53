// A loaded sheet and the view -> its tiles in the order on screen.

import { effect, signal } from "@preact/signals";
import { type Loaded, load } from "../data/sheets";
import { metricOf, silent } from "../data/tileMetrics";
import { type Entry, entries } from "../data/tiles";
import { type Meaning, meaning, print } from "../words/metrics";
import { inCell } from "./confusion";
import { inOrderOf, LIKENESS, sorted } from "./sorting";
import { classes, view, wantedAt } from "./store";

/** The step whose order is kept; only its facts are of use. */
const held = signal<Loaded | null>(null);

export function arranged(loaded: Loaded): Entry[] {
  return ordered(loaded).filter(({ at }) => inCell(loaded, at));
}

function ordered(loaded: Loaded): Entry[] {
  const all = entries(loaded, classes.value);
  const { heldStep } = view.value;
  const model = heldStep === null ? null : held.value;
  if (!model || model.ref.tag !== loaded.ref.tag || model.ref.run !== loaded.ref.run || model.ref.step !== heldStep) {
    return sorted(all, loaded.facts.tiles, view.value);
  }
  const others = entries(model, classes.value);
  return inOrderOf(all, sorted(others, model.facts.tiles, view.value), others);
}

/** How many tiles have nothing to show at this step. */
export function silentCount(loaded: Loaded): number {
  return entries(loaded, classes.value).filter(({ at }) => silent(loaded.facts.tiles[at])).length;
}

/** Keeps the step at hand whose order is kept. */
export function watchHold(): () => void {
  return effect(() => {
    const { heldStep } = view.value;
    const wanted = heldStep === null ? null : wantedAt(heldStep);
    const stop = new AbortController();
    if (wanted)
      load(wanted, stop.signal).then(
        (loaded) => (held.value = loaded),
        () => undefined,
      );
    return () => stop.abort();
  });
}

export interface SortedNumber {
  readonly meaning: Meaning;
  readonly text: string;
  /** Against the largest on screen. */
  readonly share: number;
}

/** Numbers that every caption shows already. */
const SHOWN = new Set(["index", LIKENESS, "score", "probability", "maximum"]);

/** The number of a tile that the tiles are sorted by; null where that is one every caption shows. */
export function sortedNumber(loaded: Loaded, at: number): SortedNumber | null {
  const name = view.value.sort.replace("-", "");
  if (SHOWN.has(name)) return null;
  const tiles = loaded.facts.tiles;
  const value = metricOf(tiles[at], name);
  const most = Math.max(...tiles.map((tile) => metricOf(tile, name) ?? 0));
  const own = meaning(name);
  return { meaning: own, text: print(value, own), share: most > 0 ? Math.max(0, (value ?? 0) / most) : 0 };
}

// A loaded sheet and the view -> its tiles in the order on screen.

import { effect, signal } from "@preact/signals";
import { load, type Loaded } from "./sheets";
import { inOrderOf, silent, sorted } from "./sorting";
import { classes, view, wantedAt } from "./state";
import { entries, type Entry } from "./tiles";

/** The step whose order is kept; only its facts are of use. */
const held = signal<Loaded | null>(null);

export function arranged(loaded: Loaded): Entry[] {
  const all = entries(loaded, classes.value);
  const { hold } = view.value;
  const model = hold === null ? null : held.value;
  if (!model || model.ref.tag !== loaded.ref.tag || model.ref.run !== loaded.ref.run || model.ref.step !== hold) {
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
export function watchHold(): void {
  effect(() => {
    const { hold } = view.value;
    const wanted = hold === null ? null : wantedAt(hold);
    const stop = new AbortController();
    if (wanted) load(wanted, stop.signal).then((loaded) => (held.value = loaded), () => undefined);
    return () => stop.abort();
  });
}

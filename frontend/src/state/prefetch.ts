// The sheet of the step on screen, and those of the steps that are looked at next.

import { effect } from "@preact/signals";
import { lost } from "../data/connection";
import { load, remembered } from "../data/sheets";
import { moved } from "../data/steps";
import { A, fill } from "./slot";
import { place, row, steps, visible, wanted, wantedAt } from "./store";

/** Keeps the slot of the place up to date with it, and what lies around it at hand. */
export function watchPlace(): () => void {
  let current: AbortController | null = null;
  return effect(() => {
    const wish = place.value ? wanted.value : "unknown";
    const ask = visible.value && !lost.value;
    // What the last step was still loading is given up only after this one has taken its share of it.
    const last = current;
    queueMicrotask(() => last?.abort());
    current = new AbortController();
    const { signal } = current;
    const coming = fill(A, wish, ask);
    if (wish === null || wish === "unknown" || !ask) return;
    // Who walks on before a step is there goes the same way: what lies ahead must not wait for it. After a jump
    // the step itself comes first.
    const walking = strolled();
    if (!coming || walking) prefetch(signal);
    else void coming.then(() => prefetch(signal));
  });
}

/** Nearest first, and more of what lies ahead: that is where people play and drag to. */
const AHEAD = [1, -1, 2, -2, 3, 4, 5, 6];
let before = 0;
let direction = 1;

/** Whether the step on screen is a neighbour of the last one; notes which way it went. */
function strolled(): boolean {
  const step = place.peek()?.step ?? 0;
  const by = steps.peek().indexOf(step) - steps.peek().indexOf(before);
  before = step;
  if (by !== 0) direction = Math.sign(by);
  return Math.abs(by) <= 2;
}

/** Loads the steps on both sides all at once: through the Rust data server they come no later than one. */
function prefetch(signal: AbortSignal): void {
  const at = place.peek();
  const stored = row.peek()?.series.steps ?? [];
  if (signal.aborted || at?.step == null) return;
  for (const by of AHEAD) {
    const next = wantedAt(moved(stored, at.step, by * direction));
    if (next && !remembered(next)) load(next, signal).catch(() => undefined);
  }
}

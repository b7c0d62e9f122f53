// Prefetch: the sheet of the step on screen, and those of the steps that are looked at next.

import { effect } from "@preact/signals";
import { lost } from "../data/connection";
import type { RunIndex } from "../data/contract";
import { examplesAt, loadExamples } from "../data/examples";
import { load, remembered } from "../data/sheets";
import { moved } from "../data/steps";
import { A, fill } from "./slot";
import { index, place, row, steps, view, visible, wanted, wantedAt } from "./store";

/** Keeps the slot of the place up to date with it, and what lies around it at hand. */
export function watchPlace(): () => void {
  return effect(() => {
    const wish = place.value ? wanted.value : "unknown";
    const ask = visible.value && !lost.value;
    const stop = new AbortController();
    const ahead = (): void => prefetch(stop.signal);
    const coming = fill(A, wish, ask);
    // Who walks on before a step is there goes the same way: what lies ahead must not wait for it. After a jump
    // the step itself comes first.
    if (wish && wish !== "unknown" && ask) {
      if (strolled() || !coming) ahead();
      else void coming.then(ahead);
    }
    // What is still loading is given up only after the next step has taken its share of it.
    return () => queueMicrotask(() => stop.abort());
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
    const examples =
      next && looked() && index.peek() && examplesAt(index.peek() as RunIndex, at.layer ?? "", next.ref.step);
    if (examples) loadExamples(examples, signal).catch(() => undefined);
  }
}

/** Whether examples are on screen. */
function looked(): boolean {
  const { examples, tile } = view.peek();
  return place.peek()?.kind === "patterns" && (examples || tile !== null);
}

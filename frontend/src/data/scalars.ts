// A run -> the curves that lie beside it and the numbers of its layers, kept. They are extras: no failure of theirs
// is told.

import { type Signal, signal } from "@preact/signals";
import { fetchCurves, fetchProfile } from "./api";
import type { Curve, LayerProfile } from "./contract";

/** What Keras logged beside each run, by run. */
export const curves = signal<ReadonlyMap<string, readonly Curve[]>>(new Map());
/** The numbers of each run's layers over its steps, by run. */
export const profiles = signal<ReadonlyMap<string, readonly LayerProfile[]>>(new Map());

/** How often more to ask for the curves of a run. */
const due = new Map<string, number>();

/** Something new is stored of the run. Keras may write its own numbers a moment later: ask twice. */
export function expectCurves(run: string): void {
  due.set(run, 2);
}

export async function bringCurves(run: string): Promise<void> {
  const left = due.get(run) ?? 0;
  if (left === 0) return;
  due.set(run, left - 1);
  await Promise.all([take(run, curves, fetchCurves), take(run, profiles, fetchProfile)]);
}

async function take<T>(
  run: string,
  held: Signal<ReadonlyMap<string, T>>,
  fetch: (run: string, signal: AbortSignal) => Promise<T>,
): Promise<void> {
  try {
    const found = await fetch(run, AbortSignal.timeout(10_000));
    held.value = new Map(held.value).set(run, found);
  } catch (error) {
    console.debug("convviz: no curves or numbers", error);
  }
}

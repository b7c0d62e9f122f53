// A run -> the curves that lie beside it and the numbers of its layers, kept: extras that nobody waits for.

import { fetchCurves, fetchProfile } from "./api";
import type { Curve, LayerProfile } from "./contract";
import { Resource } from "./resource";

const OF_RUNS = { key: (run: string) => run, keep: 50, patience: 10_000 };
/** What Keras logged beside each run, by run. */
export const curves = new Resource<string, readonly Curve[]>(fetchCurves, OF_RUNS);
/** The numbers of each run's layers over its steps, by run. */
export const profiles = new Resource<string, readonly LayerProfile[]>(fetchProfile, OF_RUNS);

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
  await Promise.all([curves.renew(run), profiles.renew(run)]);
}

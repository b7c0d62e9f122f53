// A run -> the curves that lie beside it, in the state. They are an extra: no failure of theirs is told.

import { fetchCurves } from "./api";
import { curves } from "./state";

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
  try {
    curves.value = new Map(curves.value).set(run, await fetchCurves(run, AbortSignal.timeout(10_000)));
  } catch (error) {
    console.debug("convviz: no curves", error);
  }
}

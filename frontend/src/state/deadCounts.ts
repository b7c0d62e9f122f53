// The step on screen -> of each layer on the list how many tiles are silent, where the log does not count them.

import { effect, signal } from "@preact/signals";
import { fetchFacts } from "../data/api";
import { lost } from "../data/connection";
import type { Ref } from "../data/contract";
import { refAt } from "../data/series";
import { keyOf } from "../data/sheets";
import { silent } from "../data/tileMetrics";
import type { LayerRow } from "./location";
import { numbersOfLayer } from "./model";
import { place, playing, rows, visible } from "./store";

export interface Census {
  readonly silent: number;
  readonly count: number;
}

const known = signal<ReadonlyMap<string, Census>>(new Map());

/** The rest of a list nobody scrolls through is not worth a request each. */
const MOST = 48;
/** Someone who drags the time bar does not look at the list of layers. */
const REST = 400;

export function censusOf(row: LayerRow): Census | null {
  const ref = refOf(row);
  return (ref && known.value.get(keyOf(ref))) ?? null;
}

interface Facts {
  readonly tiles: readonly object[];
}

export function count({ tiles }: Facts): Census {
  return { silent: tiles.filter(silent).length, count: tiles.length };
}

function refOf(row: LayerRow): Ref | null {
  const at = place.value;
  return at ? refAt(at.run, row.series, at.step) : null;
}

/** Counts once the step has been left alone for a moment. */
export function watchCensus(): void {
  effect(() => {
    // A log with numbers counts its dead filters itself.
    const told = (row: LayerRow): boolean =>
      row.series.kind === "patterns" && typeof numbersOfLayer(row.layer).dead === "number";
    const refs = rows.value
      .slice(0, MOST)
      .filter((row) => !told(row))
      .map(refOf);
    if (!visible.value || lost.value || playing.value) return;
    const missing = refs.filter((ref) => ref !== null).filter((ref) => !known.peek().has(keyOf(ref)));
    if (missing.length === 0) return;
    const stop = new AbortController();
    const wait = setTimeout(() => void take(missing, stop.signal), REST);
    return () => {
      clearTimeout(wait);
      stop.abort();
    };
  });
}

async function take(refs: readonly Ref[], signal: AbortSignal): Promise<void> {
  const answers = await Promise.allSettled(refs.map((ref) => fetchFacts<Facts>(ref, signal)));
  if (signal.aborted) return;
  const all = new Map(known.peek());
  answers.forEach((answer, at) => {
    if (answer.status === "fulfilled") all.set(keyOf(refs[at] as Ref), count(answer.value));
  });
  known.value = all;
}

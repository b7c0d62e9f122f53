// The step on screen -> of each layer on the list how many tiles are silent, where the log does not count them.

import { effect } from "@preact/signals";
import { lost } from "../data/connection";
import type { Ref } from "../data/contract";
import { factsOf, gather } from "../data/facts";
import { refAt } from "../data/series";
import { silent } from "../data/tileMetrics";
import type { LayerRow } from "./location";
import { numbersOfLayer } from "./model";
import { place, playing, rows, visible } from "./store";

export interface Census {
  readonly silent: number;
  readonly count: number;
}

/** The rest of a list nobody scrolls through is not worth a request each. */
const MOST = 48;
/** Someone who drags the time bar does not look at the list of layers. */
const REST = 400;

export function censusOf(row: LayerRow): Census | null {
  const ref = refOf(row);
  const tiles = ref && factsOf(ref)?.tiles;
  return tiles ? count(tiles) : null;
}

export function count(tiles: readonly object[]): Census {
  return { silent: tiles.filter(silent).length, count: tiles.length };
}

function refOf(row: LayerRow): Ref | null {
  const at = place.value;
  return at ? refAt(at.run, row.series, at.step) : null;
}

/** Counts once the step has been left alone for a moment. */
export function watchCensus(): () => void {
  return effect(() => {
    // A log with numbers counts its dead filters itself.
    const told = (row: LayerRow): boolean => row.series.kind === "patterns" && numbersOfLayer(row.layer).dead != null;
    const refs = rows.value
      .slice(0, MOST)
      .filter((row) => !told(row))
      .map(refOf);
    if (!visible.value || lost.value || playing.value) return;
    const stop = new AbortController();
    const there = refs.filter((ref) => ref !== null);
    const wait = setTimeout(() => void gather(there, stop.signal), REST);
    return () => {
      clearTimeout(wait);
      stop.abort();
    };
  });
}

// The tiles of a sheet -> those that stay, in the wished order.

import { kindsOf } from "../data/likeness";
import { metricOf, silent } from "../data/tileMetrics";
import type { Entry } from "../data/tiles";
import { parseRange, type Range } from "../url/range";
import type { Sorting } from "../url/view";

/** Sorts filters that respond alike next to one another. */
export const LIKENESS = "likeness";

export function inRange(tile: object | undefined, range: Range): boolean {
  const value = metricOf(tile, range.name);
  return value !== null && value >= (range.least ?? -Infinity) && value <= (range.most ?? Infinity);
}

/** Entries in the wished order; what has no such number comes last, ties stay in the order of the sheet. */
export function sorted(
  entries: readonly Entry[],
  tiles: readonly object[],
  { sort, hide, range: wish }: Sorting,
): Entry[] {
  const down = sort.startsWith("-");
  const name = sort.replace("-", "");
  const wished = parseRange(wish);
  // Where no tile has such a number, as in the other kind, the wish waits for tiles that have.
  const range = wished && entries.some(({ at }) => metricOf(tiles[at], wished.name) !== null) ? wished : null;
  const kept = entries.filter(({ at }) => !(hide && silent(tiles[at])) && (!range || inRange(tiles[at], range)));
  const kinds = name === LIKENESS ? kindsOf(tiles) : null;
  const value = ({ id, at }: Entry): number | null => {
    if (name === LIKENESS) return kinds?.[at] ?? id;
    return name === "index" ? id : metricOf(tiles[at], name);
  };
  return kept.sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return down ? right - left : left - right;
  });
}

/** `entries` in the order that another step has them; what it left out or has not stays out, or comes last. */
export function inOrderOf(entries: readonly Entry[], order: readonly Entry[], all: readonly Entry[]): Entry[] {
  const rank = new Map(order.map(({ id }, place) => [id, place]));
  const known = new Set(all.map(({ id }) => id));
  return entries
    .filter(({ id }) => rank.has(id) || !known.has(id))
    .sort((a, b) => (rank.get(a.id) ?? Infinity) - (rank.get(b.id) ?? Infinity));
}

// The filters of a layer -> groups of such as respond alike, by their most similar filters.

import type { PatternTile } from "./contract";

/** Correlation of the responses from which on two filters are of one kind. */
export const ALIKE = 0.9;

/** Of each filter the group that it belongs to: the position of the group's first filter; null without numbers. */
export function kindsOf(tiles: readonly object[]): readonly number[] | null {
  const filters = tiles as readonly PatternTile[];
  if (!filters.some(({ twin_similarity }) => twin_similarity != null)) return null;
  const group = filters.map((_, at) => at);
  const root = (at: number): number => (group[at] === at ? at : root(group[at] ?? at));
  filters.forEach(({ twin, twin_similarity }, at) => {
    const other = filters.findIndex(({ filter }) => filter === twin);
    if (other < 0 || (twin_similarity ?? 0) < ALIKE) return;
    const [one, two] = [root(at), root(other)];
    group[Math.max(one, two)] = Math.min(one, two);
  });
  return group.map((_, at) => root(at));
}

/** How many kinds of filters there are; null without numbers. */
export function countKinds(tiles: readonly object[]): number | null {
  const kinds = kindsOf(tiles);
  return kinds && new Set(kinds).size;
}

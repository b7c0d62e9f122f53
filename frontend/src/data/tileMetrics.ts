// The facts of a tile -> its numbers.

import { A_NAME, rank } from "../words/metrics";

type Tile = object;

// These name a tile, or say nothing about which is first.
const NAMES = new Set(["filter", "image", "class_index", "predicted", "label", "minimum", "twin", "computed"]);

/** The numbers that tiles can be sorted by: also such as this version has never heard of. */
export function numbersOf(tiles: readonly Tile[]): string[] {
  const found = new Set<string>();
  for (const tile of tiles) {
    for (const [name, value] of Object.entries(tile)) {
      if (!NAMES.has(name) && A_NAME.test(name) && numeric(value) !== null) found.add(name);
    }
  }
  return [...found].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** A filter that answers to nothing, a picture without evidence. */
export function silent(tile: Tile | undefined): boolean {
  const facts = tile as { filter?: unknown; score?: unknown; maximum?: unknown } | undefined;
  if (!facts) return false;
  return facts.filter === undefined ? facts.maximum === 0 : facts.score === 0;
}

/** The number of this name, if the tile has it. */
export function metricOf(tile: object | undefined, name: string): number | null {
  return numeric((tile as Record<string, unknown> | undefined)?.[name]);
}

function numeric(value: unknown): number | null {
  if (typeof value === "boolean") return Number(value);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

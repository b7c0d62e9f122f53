// The part of the view that says which tiles come first and which stay out -> the tiles in that order.

import { rank } from "./numbers";
import { oneOf, whole } from "./parts";
import type { Entry } from "./tiles";

export interface Sorting {
  /** "index" or the name of a number in the facts; "-" before it means highest first. */
  readonly sort: string;
  /** Leaves out filters without response, pictures without evidence. */
  readonly hide: boolean;
  /** The step whose order and gaps are kept at all steps; null arranges each step by its own numbers. */
  readonly hold: number | null;
  /** Keeps only tiles whose number lies in a range, as `writeRange` puts it. */
  readonly only: string;
}

export const UNSORTED: Sorting = { sort: "index", hide: false, hold: null, only: "" };
export const SORTING_KEYS = ["sort", "hide", "hold", "only"] as const;

/** A number of the tiles and its bounds; null is none. */
export interface Range {
  readonly name: string;
  readonly least: number | null;
  readonly most: number | null;
}

/** What a number may be called: the names of regions in it are of any script. */
const NAME = "[A-Za-z][\\p{L}\\p{N}_]{0,40}";
const A_NAME = new RegExp(`^${NAME}$`, "u");
const SORT = new RegExp(`^-?${NAME}$`, "u");
const RANGE = new RegExp(`^(${NAME}):([-\\d.e]*):([-\\d.e]*)$`, "u");

/** "kernel_drift:0.2:" -> from 0.2 on. */
export function parseRange(text: string): Range | null {
  const [, name, least, most] = RANGE.exec(text) ?? [];
  const bound = (part = ""): number | null => (part && Number.isFinite(Number(part)) ? Number(part) : null);
  return name ? { name, least: bound(least), most: bound(most) } : null;
}

export function writeRange({ name, least, most }: Range): string {
  const short = (bound: number | null): string => (bound === null ? "" : String(Number(bound.toPrecision(4))));
  return least === null && most === null ? "" : `${name}:${short(least)}:${short(most)}`;
}

export function inRange(tile: object | undefined, range: Range): boolean {
  const value = valueOf(tile, range.name);
  return value !== null && value >= (range.least ?? -Infinity) && value <= (range.most ?? Infinity);
}

export function parseSorting(said: ReadonlyMap<string, string>): Sorting {
  const sort = said.get("sort") ?? "";
  return {
    sort: SORT.test(sort) ? sort : UNSORTED.sort,
    hide: oneOf(["true"], said.get("hide")) !== null,
    hold: whole(said.get("hold"), 0, 2 ** 31) ?? null,
    only: parseRange(said.get("only") ?? "") ? (said.get("only") ?? "") : UNSORTED.only,
  };
}

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

/** Entries in the wished order; what has no such number comes last, ties stay in the order of the sheet. */
export function sorted(entries: readonly Entry[], tiles: readonly Tile[], { sort, hide, only }: Sorting): Entry[] {
  const down = sort.startsWith("-");
  const name = sort.replace("-", "");
  const wished = parseRange(only);
  // Where no tile has such a number, as in the other kind, the wish waits for tiles that have.
  const range = wished && entries.some(({ at }) => valueOf(tiles[at], wished.name) !== null) ? wished : null;
  const kept = entries.filter(({ at }) => !(hide && silent(tiles[at])) && (!range || inRange(tiles[at], range)));
  const value = ({ id, at }: Entry): number | null => (name === "index" ? id : valueOf(tiles[at], name));
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

/** The number of this name, if the tile has it. */
export function valueOf(tile: object | undefined, name: string): number | null {
  return numeric((tile as Record<string, unknown> | undefined)?.[name]);
}

function numeric(value: unknown): number | null {
  if (typeof value === "boolean") return Number(value);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

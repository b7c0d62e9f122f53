// The part of the view that says which tiles come first and which stay out -> its keys in the address.

import { NAME } from "../words/metrics";
import { oneOf, whole } from "./parse";

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

export function parseSorting(said: ReadonlyMap<string, string>): Sorting {
  const sort = said.get("sort") ?? "";
  return {
    sort: SORT.test(sort) ? sort : UNSORTED.sort,
    hide: oneOf(["true"], said.get("hide")) !== null,
    hold: whole(said.get("hold"), 0, 2 ** 31) ?? null,
    only: parseRange(said.get("only") ?? "") ? (said.get("only") ?? "") : UNSORTED.only,
  };
}

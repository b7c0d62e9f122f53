// Range of a metric, by which tiles are filtered <-> its text in the address.

import { NAME } from "../words/metrics";

/** A number of the tiles and its bounds; null is none. */
export interface Range {
  readonly name: string;
  readonly least: number | null;
  readonly most: number | null;
}

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

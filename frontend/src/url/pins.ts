// Tiles worth coming back to <-> one text for the address and the browser's memory.

import type { Kind } from "../data/contract";
import { whole } from "./parse";

export interface Pin {
  readonly run: string;
  readonly kind: Kind;
  readonly layer: string;
  readonly tile: number;
}

/** More than that is no selection, and would not fit into an address. */
export const MOST_PINS = 24;

export function writePins(pins: readonly Pin[]): string {
  return pins
    .map(({ run, kind, layer, tile }) => [run, kind, layer, tile].map((part) => escaped(String(part))).join(":"))
    .join(",");
}

export function parsePins(text: string): Pin[] {
  const pins: Pin[] = [];
  for (const item of text.split(",")) {
    const [run, kind, layer, number, ...rest] = item.split(":").map(unescaped);
    const tile = whole(number, 0, 2 ** 31);
    if (!run || !layer || tile === null || rest.length) continue;
    if (kind !== "patterns" && kind !== "heatmaps") continue;
    const pin: Pin = { run, kind, layer, tile };
    if (!pins.some((other) => same(other, pin)) && pins.length < MOST_PINS) pins.push(pin);
  }
  return pins;
}

export function same(a: Pin, b: Pin): boolean {
  return a.run === b.run && a.kind === b.kind && a.layer === b.layer && a.tile === b.tile;
}

/** With the pin, or without it if it was there; a full tray lets go of the oldest. */
export function toggled(pins: readonly Pin[], pin: Pin): Pin[] {
  const others = pins.filter((other) => !same(other, pin));
  return others.length < pins.length ? others : [...pins, pin].slice(-MOST_PINS);
}

function escaped(part: string): string {
  return part.replaceAll("%", "%25").replaceAll(":", "%3A").replaceAll(",", "%2C");
}

function unescaped(part: string): string {
  return part.replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%25", "%");
}

// Heatmap pixels: grey levels -> values -> colours. Values are spread over the picture before they are
// coloured: mixing colours instead would show tints that stand for no value.

import type { HeatmapTile, Sheet } from "../data/contract";

/** Numbers in rows. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Float32Array;
}

/** How a map is to be shown. */
export type Evidence = "some" | "none" | "flat" | "not finite";

/** What of a heatmap is drawn: nothing, its colours and half its maximum, only the latter, or only its colours. */
export const SHOWS = ["picture", "both", "outline", "map"] as const;
export type Show = (typeof SHOWS)[number];

/** Entropy above which a map is the same everywhere, as the callback's findings have it. */
const FLAT = 0.999;

export function evidence(tile: HeatmapTile): Evidence {
  if (tile.maximum === null || tile.minimum === null) return "not finite";
  if (tile.maximum <= 0) return "none";
  return (tile.entropy ?? 0) > FLAT ? "flat" : "some";
}

/** Left, top, width and height. */
export type Box = readonly [number, number, number, number];

/** Where a tile lies in its sheet. */
export function tileBox(sheet: Sheet, index: number): Box {
  const [height, width] = sheet.tile;
  return [(index % sheet.columns) * width, Math.floor(index / sheet.columns) * height, width, height];
}

/** One tile of a grey sheet as raw values; what is below zero is no evidence for the class. */
export function values(grey: Plane, sheet: Sheet, index: number, tile: HeatmapTile): Plane {
  const [left, top, width, height] = tileBox(sheet, index);
  const low = tile.minimum ?? 0;
  const high = tile.maximum ?? 0;
  const data = new Float32Array(width * height);
  if (high > 0) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const level = grey.data[(top + y) * grey.width + left + x] ?? 0;
        data[y * width + x] = Math.max(0, low + (level / 255) * (high - low));
      }
    }
  }
  return { width, height, data };
}

/**
 * Bilinear enlargement; samples lie in the middle of their cells, edges are held. First across, then down.
 * `into` is written over: a buffer for all tiles of all steps.
 */
export function enlarge(plane: Plane, width: number, height: number, into = new Float32Array(width * height)): Plane {
  const rows = new Float32Array(width * plane.height);
  for (let x = 0; x < width; x++) {
    const [left, right, along] = between(x, width, plane.width);
    for (let y = 0; y < plane.height; y++) {
      const [here, next] = [value(plane, left, y), value(plane, right, y)];
      rows[y * width + x] = here + (next - here) * along;
    }
  }
  for (let y = 0; y < height; y++) {
    const [top, bottom, down] = between(y, height, plane.height);
    for (let x = 0, row = y * width, upper = top * width, lower = bottom * width; x < width; x++) {
      const here = rows[upper + x] as number;
      into[row + x] = here + ((rows[lower + x] as number) - here) * down;
    }
  }
  return { width, height, data: into };
}

/** From 0 to 1 between two shares, without a corner. */
export function ease(share: number, from: number, to: number): number {
  const part = Math.min(1, Math.max(0, (share - from) / (to - from)));
  return part * part * (3 - 2 * part);
}

/**
 * How opaque a share is at full opacity. Cold areas leave the picture clear: the maps are dark there, and
 * a veil of darkness over most of the picture would read as evidence. Hot ones are covered whole.
 */
export function cover(share: number): number {
  return ease(share, 0.2, 1);
}

/** How values become colours. */
export interface Ink {
  readonly table: Uint8Array;
  /** The value that gets the full colour. */
  readonly full: number;
  /** Share of `full` below which the picture is left clear. */
  readonly floor?: number;
  readonly solid?: boolean;
}

const LEVELS = 1023;

/** The RGBA of every level, four bytes in one number: looking up is what a heatmap of many pixels can afford. */
function inks({ table, solid = false }: Ink): Uint32Array {
  const bytes = new Uint8ClampedArray(4 * (LEVELS + 1));
  for (let level = 0; level <= LEVELS; level++) {
    const share = level / LEVELS;
    const entry = Math.round(share * 255) * 3;
    bytes.set(table.subarray(entry, entry + 3), level * 4);
    bytes[level * 4 + 3] = solid ? 255 : Math.round(cover(share) * 255);
  }
  return new Uint32Array(bytes.buffer);
}

/** Values -> RGBA bytes, with the opacity of `cover` or solid; `into` is written over. */
export function paint(
  { data }: Plane,
  ink: Ink,
  into = new Uint8ClampedArray(4 * data.length),
): Uint8ClampedArray<ArrayBuffer> {
  const { full, floor = 0 } = ink;
  const out = new Uint32Array(into.buffer);
  const colours = inks(ink);
  const [least, scale] = [floor * full, full > 0 ? LEVELS / full : 0];
  for (let index = 0; index < data.length; index++) {
    const value = data[index] as number;
    out[index] = value < least ? 0 : (colours[Math.min(LEVELS, Math.round(value * scale))] as number);
  }
  return into;
}

/** Small pictures are enlarged by a whole factor, so that their pixels stay squares. */
export function enlargement(width: number, height: number, least: number): number {
  return Math.max(1, Math.ceil(least / Math.min(width, height)));
}

type Between = [number, number, number];

function between(index: number, count: number, source: number): Between {
  const position = Math.max(0, Math.min(source - 1, ((index + 0.5) * source) / count - 0.5));
  const low = Math.floor(position);
  return [low, Math.min(source - 1, low + 1), position - low];
}

function value(plane: Plane, x: number, y: number): number {
  return plane.data[y * plane.width + x] ?? 0;
}

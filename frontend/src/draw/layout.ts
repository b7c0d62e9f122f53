// Layout of the tile grid: how many columns, how wide a tile, how high its caption.

import { groups } from "../data/classesPerImage";
import type { HeatmapFacts, Kind } from "../data/contract";
import type { Loaded } from "../data/sheets";

const CAPTION: Readonly<Record<Kind, number>> = { patterns: 32, heatmaps: 48 };
const CLASS_BUTTONS = 28;

/** Height of the text below a picture, with the buttons to choose a class where there are any. */
export function captionHeight(kind: Kind, classButtons = false): number {
  return CAPTION[kind] + (classButtons ? CLASS_BUTTONS : 0);
}

export function hasClassButtons(loaded: Loaded): boolean {
  return loaded.kind === "heatmaps" && groups(loaded.facts.tiles).some((group) => group.length > 1);
}

export interface Area {
  readonly width: number;
  readonly height: number;
}

export interface Grid {
  readonly columns: number;
  readonly width: number;
  /** Between the columns: wider where that fills the area better. */
  readonly gap: number;
}

const WIDEST_GAP = 24;

function gapOf(area: Area, tiles: TileShape, columns: number, width: number): number {
  const free = columns > 1 ? (area.width - columns * width) / (columns - 1) : tiles.gap;
  return Math.max(tiles.gap, Math.min(WIDEST_GAP, Math.floor(free)));
}

export interface TileShape {
  readonly count: number;
  /** Height of a picture over its width. */
  readonly aspect: number;
  /** Height of the text under a picture. */
  readonly caption: number;
  readonly gap: number;
  /** Width below which picture and text can no longer be read. */
  readonly least: number;
}

/**
 * Without a wanted size the tiles become as large as they can while all of them fit the area; where
 * they cannot all fit they keep a size at which a picture can still be read, whole columns fill the
 * width, and the area scrolls.
 */
export function grid(area: Area, tiles: TileShape, wanted: number | null): Grid {
  if (wanted !== null) return filled(area, tiles, wanted);
  let best: Grid = { columns: 1, width: 0, gap: tiles.gap };
  for (let columns = 1; columns <= tiles.count; columns++) {
    const rows = Math.ceil(tiles.count / columns);
    const rowHeight = (area.height - tiles.gap * (rows - 1)) / rows;
    const width = Math.floor(Math.min(columnWidth(area, tiles, columns), (rowHeight - tiles.caption) / tiles.aspect));
    if (width > best.width) best = { columns, width, gap: gapOf(area, tiles, columns, width) };
  }
  return best.width >= tiles.least ? best : filled(area, tiles, 1.2 * tiles.least);
}

function filled(area: Area, tiles: TileShape, wanted: number): Grid {
  const columns = Math.max(1, Math.round((area.width + tiles.gap) / (wanted + tiles.gap)));
  return { columns, width: Math.floor(columnWidth(area, tiles, columns)), gap: tiles.gap };
}

function columnWidth(area: Area, tiles: TileShape, columns: number): number {
  return (area.width - tiles.gap * (columns - 1)) / columns;
}

/** Left, top, width and height in pixels. */
export type Rectangle = readonly [number, number, number, number];

/** Where the maps of a layer lie in a picture. */
export function within(field: HeatmapFacts["field"], width: number, height: number): Rectangle {
  const [left, top, right, bottom] = field ?? [0, 0, 1, 1];
  return [left * width, top * height, (right - left) * width, (bottom - top) * height];
}

/** A pattern and its examples in a line. */
export interface Lines {
  readonly columns: number;
  /** Side of the pattern, and of each example. */
  readonly width: number;
  /** Whether the classes stand below the examples, not after them. */
  readonly narrow: boolean;
}

const LINE = { least: 72, smallest: 40, most: 104, gap: 24, between: 4, classes: 96, around: 12 } as const;
/** Pixels below which a line has no space for its classes. */
const NARROW_LINE = 520;

/** Lines of a pattern and so many examples: in as many columns as there are with pictures that can be read. */
export function exampleLines(width: number, examples: number, wanted: number | null): Lines {
  const narrow = width < NARROW_LINE;
  const fixed = LINE.between * (examples - 1) + LINE.around + (narrow ? 0 : LINE.classes + LINE.around);
  const whole = (examples + 1) * (wanted ?? LINE.least) + fixed;
  const columns = Math.max(1, Math.floor((width + LINE.gap) / (whole + LINE.gap)));
  const free = (width - LINE.gap * (columns - 1)) / columns - fixed;
  const fitting = Math.floor(free / (examples + 1));
  return { columns, narrow, width: wanted ?? Math.max(LINE.smallest, Math.min(LINE.most, fitting)) };
}

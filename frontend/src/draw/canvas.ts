// Canvas drawing of tiles: a tile of a loaded sheet -> a canvas.

import type { Heatmaps, Patterns } from "../data/sheets";
import { inputAt } from "../data/tiles";
import { type ColourMap, colours } from "./colours";
import { contour } from "./contour";
import { type Rectangle, within } from "./layout";
import { enlarge, enlargement, evidence, type Ink, type Plane, paint, type Show, tileBox, values } from "./pixels";

/** Sources below this many pixels are shown as the squares they are. */
export const SMALL = 64;
const HEAT_PIXELS = 256;
/** Least pixels of a picture that fills the page: its contour must stay a thin line. */
export const FINE_PIXELS = 1024;
/** Samples of a map across, from which its contour is drawn. */
const CONTOUR_SAMPLES = 72;
/** Maps with fewer positions a side get dots at the corners of their cells: they are coarser than they look. */
const COARSE = 8;

/** How a heatmap is drawn. */
export interface Style {
  readonly alpha: number;
  readonly colormap: ColourMap;
  readonly full: number;
  readonly floor: number;
  readonly show: Show;
  /** Least pixels of the canvas. */
  readonly pixels?: number;
  /** Whether the contour and the cells are drawn; by default they are. */
  readonly lines?: boolean;
}

export function drawPattern(canvas: HTMLCanvasElement, { facts, sheet }: Patterns, index: number): void {
  const [left, top, width, height] = tileBox(facts.sheet, index);
  const context = sized(canvas, width, height);
  // A sheet that has left the memory is closed and has no size: keep what the canvas shows.
  if (sheet.width > 0) context?.drawImage(sheet, left, top, width, height, 0, 0, width, height);
}

export function drawInput(
  canvas: HTMLCanvasElement,
  loaded: Heatmaps,
  index: number,
  pixels = HEAT_PIXELS,
): CanvasRenderingContext2D | null {
  const { inputs } = loaded;
  const input = inputAt(loaded, index);
  const sheet = inputs && input >= 0 && inputs.sheet.width > 0 ? inputs.facts.sheet : loaded.facts.sheet;
  const [left, top, width, height] = tileBox(sheet, Math.max(0, input));
  const factor = enlargement(width, height, pixels);
  const context = sized(canvas, width * factor, height * factor);
  if (!context) return null;
  context.imageSmoothingEnabled = Math.max(width, height) >= SMALL;
  context.imageSmoothingQuality = "high";
  if (sheet === inputs?.facts.sheet) {
    context.drawImage(inputs.sheet, left, top, width, height, 0, 0, canvas.width, canvas.height);
  } else {
    context.fillStyle = "#808080";
    context.fillRect(0, 0, canvas.width, canvas.height);
  }
  return context;
}

export function drawHeatmap(
  canvas: HTMLCanvasElement,
  loaded: Heatmaps,
  index: number,
  style: Style,
  painted: Painted,
): void {
  const context = drawInput(canvas, loaded, index, style.pixels);
  // What lies nobody knows where is shown by itself.
  if (loaded.facts.placed === false && style.show !== "picture") style = { ...style, show: "map" };
  const solid = style.show === "map";
  if (!context || style.show === "picture") return;
  if (solid) context.clearRect(0, 0, canvas.width, canvas.height);
  const where = within(loaded.facts.field, canvas.width, canvas.height);
  const over = overlay(loaded, index, style, where[2] / where[3], painted);
  if (!over) return;
  if (style.show !== "outline") {
    context.globalAlpha = solid ? 1 : style.alpha;
    context.imageSmoothingEnabled = true;
    context.drawImage(over.canvas, ...where);
    context.globalAlpha = 1;
  }
  if (style.lines === false && style.show !== "outline") return;
  if (solid || (style.show === "both" && style.alpha === 0)) return;
  drawContour(context, where, over.contour, style.show === "outline" ? 1.6 : 1);
  drawCells(context, where, loaded.facts.sheet.tile);
}

/** A light line on a dark one: it is seen on any picture, and by any eye. */
function drawContour(
  context: CanvasRenderingContext2D,
  where: Rectangle,
  line: readonly number[],
  weight: number,
): void {
  const [left, top, width, height] = where;
  context.beginPath();
  for (let at = 0; at < line.length; at += 4) {
    context.moveTo(left + (line[at] as number) * width, top + (line[at + 1] as number) * height);
    context.lineTo(left + (line[at + 2] as number) * width, top + (line[at + 3] as number) * height);
  }
  const thin = (weight * Math.sqrt(context.canvas.width)) / 13;
  for (const [colour, lineWidth] of [
    ["#000a", 2.4 * thin],
    ["#fff", thin],
  ] as const) {
    Object.assign(context, { strokeStyle: colour, lineWidth, lineCap: "round" });
    context.stroke();
  }
}

/** Dots where the cells of a coarse map meet. */
function drawCells(
  context: CanvasRenderingContext2D,
  [left, top, width, height]: Rectangle,
  [rows, columns]: readonly [number, number],
): void {
  if (Math.min(rows, columns) >= COARSE) return;
  const size = Math.sqrt(context.canvas.width) / 10;
  context.fillStyle = "#fffb";
  for (let y = 1; y < rows; y++)
    for (let x = 1; x < columns; x++)
      context.fillRect(left + (x / columns) * width - size / 2, top + (y / rows) * height - size / 2, size, size);
}

/** The map of a tile on screen as last coloured: moving the opacity must not colour it again. */
export interface Painted {
  of: Heatmaps | null;
  how: string;
  over: Over | null;
}

/** A coloured map, and where half of the full colour is crossed. */
interface Over {
  readonly canvas: HTMLCanvasElement;
  readonly contour: readonly number[];
}

function overlay(
  loaded: Heatmaps,
  index: number,
  { colormap, full, floor, show }: Style,
  ratio: number,
  painted: Painted,
): Over | null {
  const tile = loaded.facts.tiles[index];
  if (!tile || evidence(tile) !== "some") return null;
  const solid = show === "map";
  const how = `${index} ${colormap} ${full} ${floor} ${solid}`;
  if (painted.over && painted.of === loaded && painted.how === how) return painted.over;
  const height = Math.round(HEAT_PIXELS / Math.sqrt(ratio));
  const { smooth, picture } = scratchOf(Math.round(height * ratio), height);
  const map = values(loaded.grey, loaded.facts.sheet, index, tile);
  const plane = enlarge(map, picture.width, picture.height, smooth);
  paint(plane, { table: colours(colormap), full, floor, solid }, picture.data as Uint8ClampedArray<ArrayBuffer>);
  const canvas = painted.over?.canvas ?? document.createElement("canvas");
  sized(canvas, plane.width, plane.height)?.putImageData(picture, 0, 0);
  const samples = enlarge(map, CONTOUR_SAMPLES, Math.round(CONTOUR_SAMPLES / ratio));
  const over = { canvas, contour: contour(samples, full / 2) };
  Object.assign(painted, { of: loaded, how, over });
  return over;
}

let scratch = { smooth: new Float32Array(0), picture: new ImageData(1, 1) };

/** Where a map is spread and coloured, one after the other: a buffer for each would be megabytes a step. */
function scratchOf(width: number, height: number): typeof scratch {
  const { picture } = scratch;
  if (picture.width !== width || picture.height !== height) {
    scratch = { smooth: new Float32Array(width * height), picture: new ImageData(width, height) };
  }
  return scratch;
}

export function image(plane: Plane, ink: Ink): ImageData {
  return new ImageData(paint(plane, ink), plane.width, plane.height);
}

export function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  // Setting a size clears the canvas, also the same size again: that would flicker.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return canvas.getContext("2d");
}

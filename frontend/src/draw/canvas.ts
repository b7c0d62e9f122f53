// A tile of a loaded sheet -> a canvas.

import type { Heatmaps, Patterns } from "../data/sheets";
import { inputAt } from "../data/tiles";
import { type ColourMap, colours } from "./colours";
import { enlarge, enlargement, evidence, type Ink, type Plane, paint, type Show, tileBox, values } from "./pixels";

/** Sources below this many pixels are shown as the squares they are. */
export const SMALL = 64;
const HEAT_PIXELS = 256;

/** How a heatmap is drawn. */
export interface Style {
  readonly alpha: number;
  readonly map: ColourMap;
  readonly full: number;
  readonly floor: number;
  readonly show: Show;
}

export function drawPattern(canvas: HTMLCanvasElement, { facts, sheet }: Patterns, at: number): void {
  const [left, top, width, height] = tileBox(facts.sheet, at);
  const context = sized(canvas, width, height);
  // A sheet that has left the memory is closed and has no size: keep what the canvas shows.
  if (sheet.width > 0) context?.drawImage(sheet, left, top, width, height, 0, 0, width, height);
}

export function drawInput(canvas: HTMLCanvasElement, loaded: Heatmaps, at: number): CanvasRenderingContext2D | null {
  const { inputs } = loaded;
  const place = inputAt(loaded, at);
  const sheet = inputs && place >= 0 && inputs.sheet.width > 0 ? inputs.facts.sheet : loaded.facts.sheet;
  const [left, top, width, height] = tileBox(sheet, Math.max(0, place));
  const factor = enlargement(width, height, HEAT_PIXELS);
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
  at: number,
  style: Style,
  painted: Painted,
): void {
  const context = drawInput(canvas, loaded, at);
  const solid = style.show === "map";
  const alpha = solid ? 1 : style.alpha;
  if (!context || style.show === "picture" || alpha === 0) return;
  if (solid) context.clearRect(0, 0, canvas.width, canvas.height);
  const over = overlay(loaded, at, style, canvas.width / canvas.height, painted);
  if (!over) return;
  context.globalAlpha = alpha;
  context.imageSmoothingEnabled = true;
  context.drawImage(over, 0, 0, canvas.width, canvas.height);
  context.globalAlpha = 1;
}

/** The map of a tile on screen as last coloured: moving the opacity must not colour it again. */
export interface Painted {
  of: Heatmaps | null;
  how: string;
  canvas: HTMLCanvasElement | null;
}

function overlay(
  loaded: Heatmaps,
  at: number,
  { map, full, floor, show }: Style,
  ratio: number,
  painted: Painted,
): HTMLCanvasElement | null {
  const tile = loaded.facts.tiles[at];
  if (!tile || evidence(tile) !== "some") return null;
  const solid = show === "map";
  const how = `${at} ${map} ${full} ${floor} ${solid}`;
  if (painted.canvas && painted.of === loaded && painted.how === how) return painted.canvas;
  const height = Math.round(HEAT_PIXELS / Math.sqrt(ratio));
  const { smooth, picture } = room(Math.round(height * ratio), height);
  const plane = enlarge(values(loaded.grey, loaded.facts.sheet, at, tile), picture.width, picture.height, smooth);
  paint(plane, { table: colours(map), full, floor, solid }, picture.data as Uint8ClampedArray<ArrayBuffer>);
  const canvas = painted.canvas ?? document.createElement("canvas");
  sized(canvas, plane.width, plane.height)?.putImageData(picture, 0, 0);
  Object.assign(painted, { of: loaded, how, canvas });
  return canvas;
}

let held = { smooth: new Float32Array(0), picture: new ImageData(1, 1) };

/** Where a map is spread and coloured, one after the other: room for each would be megabytes a step. */
function room(width: number, height: number): typeof held {
  const { picture } = held;
  if (picture.width !== width || picture.height !== height) {
    held = { smooth: new Float32Array(width * height), picture: new ImageData(width, height) };
  }
  return held;
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

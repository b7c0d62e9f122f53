// A tile of a loaded sheet -> a canvas.

import { useLayoutEffect, useRef } from "preact/hooks";
import { colours, type ColourMap } from "../colours";
import type { Show } from "../looks";
import { enlarge, enlargement, evidence, paint, tileBox, values, type Ink, type Plane } from "../pixels";
import { fullOf } from "../scale";
import type { Heatmaps, Loaded, Patterns } from "../sheets";
import { view } from "../state";
import { inputAt } from "../tiles";

interface Props {
  readonly loaded: Loaded;
  /** Position of the tile in its sheet. */
  readonly at: number;
  /** Empty where the words beside the picture say it already. */
  readonly label: string;
}

/** Sources below this many pixels are shown as the squares they are. */
const SMALL = 64;
const HEAT_PIXELS = 256;

export function Picture({ loaded, at, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painted = useRef<Painted>({ of: null, how: "", canvas: null });
  const style = useStyle(loaded, at);
  useLayoutEffect(() => {
    if (canvas.current && loaded.kind === "patterns") drawPattern(canvas.current, loaded, at);
  }, [loaded, at]);
  useLayoutEffect(() => {
    if (canvas.current && loaded.kind === "heatmaps" && style) drawHeatmap(canvas.current, loaded, at, style, painted.current);
  }, [loaded, at, ...Object.values(style ?? NO_STYLE)]);
  const [height, width] = loaded.facts.sheet.tile;
  const squares = loaded.kind === "patterns" && Math.max(width, height) < SMALL;
  return <canvas ref={canvas} class={squares ? "squares" : undefined} {...named(label)} />;
}

/** How a heatmap is drawn at present. */
interface Style {
  readonly alpha: number;
  readonly map: ColourMap;
  readonly full: number;
  readonly floor: number;
  readonly show: Show;
}

const NO_STYLE: Style = { alpha: 0, map: "inferno", full: 0, floor: 0, show: "both" };

function useStyle(loaded: Loaded, at: number): Style | null {
  return loaded.kind === "heatmaps" ? styleOf(loaded, at) : null;
}

function styleOf(loaded: Heatmaps, at: number): Style {
  const { alpha, map, floor, show } = view.value;
  return { alpha: alpha / 100, map, full: fullOf(loaded, at), floor: floor / 100, show };
}

/** The map alone, one square per value of the layer. */
export function RawMap({ loaded, at, label }: Props & { loaded: Heatmaps }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { map } = view.value;
  const full = fullOf(loaded, at);
  useLayoutEffect(() => {
    const tile = loaded.facts.tiles[at];
    if (!canvas.current || !tile) return;
    const plane = values(loaded.grey, loaded.facts.sheet, at, tile);
    const ink = { table: colours(map), full, solid: true };
    sized(canvas.current, plane.width, plane.height)?.putImageData(image(plane, ink), 0, 0);
  }, [loaded, at, map, full]);
  return <canvas ref={canvas} class="squares" {...named(label)} />;
}

/** The picture that a heatmap lies on. */
export function Input({ loaded, at, label }: Props & { loaded: Heatmaps }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (canvas.current) drawInput(canvas.current, loaded, at);
  }, [loaded, at]);
  return <canvas ref={canvas} {...named(label)} />;
}

function named(label: string) {
  return label ? { role: "img" as const, "aria-label": label } : { "aria-hidden": true as const };
}

/** The tile as it is on screen, on a canvas of its own: for what leaves the page. */
export function drawn(loaded: Loaded, at: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  if (loaded.kind === "patterns") drawPattern(canvas, loaded, at);
  else drawHeatmap(canvas, loaded, at, styleOf(loaded, at), { of: null, how: "", canvas: null });
  return canvas;
}

function drawPattern(canvas: HTMLCanvasElement, { facts, sheet }: Patterns, at: number): void {
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

function drawHeatmap(canvas: HTMLCanvasElement, loaded: Heatmaps, at: number, style: Style, painted: Painted): void {
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
interface Painted {
  of: Heatmaps | null;
  how: string;
  canvas: HTMLCanvasElement | null;
}

function overlay(loaded: Heatmaps, at: number, { map, full, floor, show }: Style, ratio: number, painted: Painted): HTMLCanvasElement | null {
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

function image(plane: Plane, ink: Ink): ImageData {
  return new ImageData(paint(plane, ink), plane.width, plane.height);
}

export function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  // Setting a size clears the canvas, also the same size again: that would flicker.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return canvas.getContext("2d");
}

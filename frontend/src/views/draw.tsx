// A tile of a loaded sheet -> a canvas.

import { useLayoutEffect, useRef } from "preact/hooks";
import { colours, type ColourMap } from "../colours";
import { enlarge, enlargement, evidence, paint, shares, tileBox, type Plane } from "../pixels";
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
  const { alpha, map } = view.value;
  const heat = loaded.kind === "heatmaps";
  useLayoutEffect(() => {
    if (canvas.current && loaded.kind === "patterns") drawPattern(canvas.current, loaded, at);
  }, [loaded, at]);
  useLayoutEffect(() => {
    if (canvas.current && loaded.kind === "heatmaps") drawHeatmap(canvas.current, loaded, at, alpha / 100, map);
  }, [loaded, at, heat && alpha, heat && map]);
  const [height, width] = loaded.facts.sheet.tile;
  const squares = !heat && Math.max(width, height) < SMALL;
  return <canvas ref={canvas} class={squares ? "squares" : undefined} {...named(label)} />;
}

/** The map alone, one square per value of the layer. */
export function RawMap({ loaded, at, label }: Props & { loaded: Heatmaps }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { map } = view.value;
  useLayoutEffect(() => {
    const tile = loaded.facts.tiles[at];
    if (!canvas.current || !tile) return;
    const plane = shares(loaded.grey, loaded.facts.sheet, at, tile);
    sized(canvas.current, plane.width, plane.height)?.putImageData(image(plane, map, true), 0, 0);
  }, [loaded, at, map]);
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

function drawPattern(canvas: HTMLCanvasElement, { facts, sheet }: Patterns, at: number): void {
  const [left, top, width, height] = tileBox(facts.sheet, at);
  const context = sized(canvas, width, height);
  // A sheet that has left the memory is closed and has no size: keep what the canvas shows.
  if (sheet.width > 0) context?.drawImage(sheet, left, top, width, height, 0, 0, width, height);
}

function drawInput(canvas: HTMLCanvasElement, loaded: Heatmaps, at: number): CanvasRenderingContext2D | null {
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

function drawHeatmap(canvas: HTMLCanvasElement, loaded: Heatmaps, at: number, alpha: number, map: ColourMap): void {
  const context = drawInput(canvas, loaded, at);
  const over = alpha > 0 ? overlay(loaded, at, map, canvas.width / canvas.height) : null;
  if (!context || !over) return;
  context.globalAlpha = alpha;
  context.imageSmoothingEnabled = true;
  context.drawImage(over, 0, 0, canvas.width, canvas.height);
  context.globalAlpha = 1;
}

/** Coloured maps by sheet: moving the opacity must not colour them again. */
const overlays = new WeakMap<Heatmaps, Map<string, HTMLCanvasElement>>();

function overlay(loaded: Heatmaps, at: number, map: ColourMap, ratio: number): HTMLCanvasElement | null {
  const tile = loaded.facts.tiles[at];
  if (!tile || evidence(tile) !== "some") return null;
  const held = overlays.get(loaded) ?? new Map<string, HTMLCanvasElement>();
  overlays.set(loaded, held);
  const known = held.get(`${at} ${map}`);
  if (known) return known;
  const height = Math.round(HEAT_PIXELS / Math.sqrt(ratio));
  const plane = enlarge(shares(loaded.grey, loaded.facts.sheet, at, tile), Math.round(height * ratio), height);
  const canvas = document.createElement("canvas");
  sized(canvas, plane.width, plane.height)?.putImageData(image(plane, map, false), 0, 0);
  held.set(`${at} ${map}`, canvas);
  return canvas;
}

function image(plane: Plane, map: ColourMap, solid: boolean): ImageData {
  return new ImageData(paint(plane, colours(map), solid), plane.width, plane.height);
}

function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  // Setting a size clears the canvas, also the same size again: that would flicker.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return canvas.getContext("2d");
}

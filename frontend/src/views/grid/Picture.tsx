// Picture: a tile of a loaded sheet, on a canvas.

import { useLayoutEffect, useRef } from "preact/hooks";
import type { Heatmaps, Loaded } from "../../data/sheets";
import {
  drawHeatmap,
  drawInput,
  drawPattern,
  FINE_PIXELS,
  image,
  type Painted,
  SMALL,
  type Style,
  sized,
} from "../../draw/canvas";
import { colours } from "../../draw/colours";
import { values } from "../../draw/pixels";
import { styleOf } from "../../state/heatmapStyle";
import { fullOf } from "../../state/scale";
import { view } from "../../state/store";

interface Props {
  readonly loaded: Loaded;
  /** Position of the tile in its sheet. */
  readonly position: number;
  /** Empty where the text next to the picture says it already. */
  readonly label: string;
  /** Whether it fills the page, or is so small that lines on it would hide it. */
  readonly size?: "page" | "stamp";
}

export function Picture({ loaded, position, label, size }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painted = useRef<Painted>({ of: null, how: "", over: null });
  const style = useStyle(loaded, position);
  useLayoutEffect(() => {
    if (canvas.current && loaded.kind === "patterns") drawPattern(canvas.current, loaded, position);
  }, [loaded, position]);
  useLayoutEffect(() => {
    if (canvas.current && loaded.kind === "heatmaps" && style)
      drawHeatmap(canvas.current, loaded, position, { ...style, ...SIZES[size ?? "tile"] }, painted.current);
  }, [loaded, position, size, ...Object.values(style ?? NO_STYLE)]);
  const [height, width] = loaded.facts.sheet.tile;
  const squares = loaded.kind === "patterns" && Math.max(width, height) < SMALL;
  return <canvas ref={canvas} class={squares ? "squares" : undefined} {...named(label)} />;
}

const SIZES = { page: { pixels: FINE_PIXELS }, tile: {}, stamp: { lines: false } };
const NO_STYLE: Style = { alpha: 0, colormap: "inferno", full: 0, floor: 0, show: "both" };

function useStyle(loaded: Loaded, position: number): Style | null {
  return loaded.kind === "heatmaps" ? styleOf(loaded, position) : null;
}

/** The map alone, one square per position of the layer. */
export function RawMap({ loaded, position, label }: Props & { loaded: Heatmaps }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { colormap } = view.value;
  const full = fullOf(loaded, position);
  useLayoutEffect(() => {
    const tile = loaded.facts.tiles[position];
    if (!canvas.current || !tile) return;
    const plane = values(loaded.grey, loaded.facts.sheet, position, tile);
    const ink = { table: colours(colormap), full, solid: true };
    sized(canvas.current, plane.width, plane.height)?.putImageData(image(plane, ink), 0, 0);
  }, [loaded, position, colormap, full]);
  return <canvas ref={canvas} class="squares" {...named(label)} />;
}

/** The picture that a heatmap lies on. */
export function Input({ loaded, position, label }: Props & { loaded: Heatmaps }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (canvas.current) drawInput(canvas.current, loaded, position);
  }, [loaded, position]);
  return <canvas ref={canvas} {...named(label)} />;
}

function named(label: string) {
  return label ? { role: "img" as const, "aria-label": label } : { "aria-hidden": true as const };
}

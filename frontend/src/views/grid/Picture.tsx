// A tile of a loaded sheet -> a canvas on the page.

import { useLayoutEffect, useRef } from "preact/hooks";
import type { Heatmaps, Loaded } from "../../data/sheets";
import { drawHeatmap, drawInput, drawPattern, image, type Painted, SMALL, type Style, sized } from "../../draw/canvas";
import { colours } from "../../draw/colours";
import { values } from "../../draw/pixels";
import { styleOf } from "../../state/heatmapStyle";
import { fullOf } from "../../state/scale";
import { view } from "../../state/store";

interface Props {
  readonly loaded: Loaded;
  /** Position of the tile in its sheet. */
  readonly at: number;
  /** Empty where the words beside the picture say it already. */
  readonly label: string;
}

export function Picture({ loaded, at, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painted = useRef<Painted>({ of: null, how: "", canvas: null });
  const style = useStyle(loaded, at);
  useLayoutEffect(() => {
    if (canvas.current && loaded.kind === "patterns") drawPattern(canvas.current, loaded, at);
  }, [loaded, at]);
  useLayoutEffect(() => {
    if (canvas.current && loaded.kind === "heatmaps" && style)
      drawHeatmap(canvas.current, loaded, at, style, painted.current);
  }, [loaded, at, ...Object.values(style ?? NO_STYLE)]);
  const [height, width] = loaded.facts.sheet.tile;
  const squares = loaded.kind === "patterns" && Math.max(width, height) < SMALL;
  return <canvas ref={canvas} class={squares ? "squares" : undefined} {...named(label)} />;
}

const NO_STYLE: Style = { alpha: 0, map: "inferno", full: 0, floor: 0, show: "both" };

function useStyle(loaded: Loaded, at: number): Style | null {
  return loaded.kind === "heatmaps" ? styleOf(loaded, at) : null;
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

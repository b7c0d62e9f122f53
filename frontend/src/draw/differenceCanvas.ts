// Difference of two tiles, on a canvas: over the picture in grey for heatmaps, alone for patterns.

import type { Loaded } from "../data/sheets";
import { drawInput, sized } from "./canvas";
import { type ColourMap, colours } from "./colours";
import { paintSigned } from "./difference";
import { within } from "./layout";
import { enlarge, type Plane, paint, type Show } from "./pixels";

export interface Look {
  /** The value that gets the strongest colours. */
  readonly full: number;
  readonly sign: "signed" | "absolute";
  readonly colormap: ColourMap;
  readonly show: Show;
}

export function drawDifference(canvas: HTMLCanvasElement, a: Loaded, at: number, plane: Plane, look: Look): void {
  if (a.kind === "heatmaps") {
    overPicture(canvas, a, at, plane, look);
    return;
  }
  const { full, sign, colormap } = look;
  const ink = { table: colours(colormap), full, solid: true };
  put(canvas, plane, sign === "signed" ? paintSigned(plane, full) : paint(plane, ink));
}

function put(canvas: HTMLCanvasElement, { width, height }: Plane, rgba: Uint8ClampedArray<ArrayBuffer>): void {
  sized(canvas, width, height)?.putImageData(new ImageData(rgba, width, height), 0, 0);
}

/** Colours mean more or less evidence here, so the picture below is drawn in grey. */
function overPicture(
  canvas: HTMLCanvasElement,
  a: Loaded & { kind: "heatmaps" },
  at: number,
  plane: Plane,
  { full, show }: Look,
): void {
  const context = drawInput(canvas, a, at);
  if (!context) return;
  const { width, height } = canvas;
  context.globalCompositeOperation = "saturation";
  context.fillStyle = "#808080";
  context.fillRect(0, 0, width, height);
  context.globalCompositeOperation = "source-over";
  if (show === "map" || a.facts.placed === false) context.clearRect(0, 0, width, height);
  if (show === "picture") return;
  const smooth = enlarge(plane, 256, Math.max(1, Math.round((256 * height) / width)));
  const over = document.createElement("canvas");
  put(over, smooth, paintSigned(smooth, full));
  context.imageSmoothingEnabled = true;
  context.drawImage(over, ...within(a.facts.field, width, height));
}

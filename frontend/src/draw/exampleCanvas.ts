// Canvas drawing of examples: a part of a stored picture, or all of it -> a canvas.

import { sized } from "./canvas";
import type { Example } from "./examples";
import { tileBox } from "./pixels";

/** Pixels of the canvas of a crop, on its longer side. */
const CROP_PIXELS = 160;

/** A part of a picture, or all of it. */
export function drawPart(
  canvas: HTMLCanvasElement,
  { stored, size, crop }: Example,
  whole = false,
  pixels = CROP_PIXELS,
) {
  const part = whole ? { x: 0, y: 0, width: size[1], height: size[0] } : crop;
  const factor = pixels / Math.max(part.width, part.height);
  const [wide, high] = [part.width, part.height].map((side) => Math.max(1, Math.round(side * factor)));
  const context = sized(canvas, wide as number, high as number);
  // A sheet that has left the memory is closed and has no size: keep what the canvas shows.
  if (!context || !stored || stored.whole.sheet.width === 0) return context;
  const [left, top] = tileBox(stored.whole.facts.sheet, stored.at);
  context.imageSmoothingQuality = "high";
  context.drawImage(
    stored.whole.sheet,
    left + part.x,
    top + part.y,
    part.width,
    part.height,
    0,
    0,
    canvas.width,
    canvas.height,
  );
  return context;
}

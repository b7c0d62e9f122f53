// Outlines of the regions of a picture, on a canvas: solid of the object, dashed of others.

import type { InputTile } from "../data/contract";

export function drawRegions(context: CanvasRenderingContext2D, input: InputTile | undefined): void {
  if (input?.box) drawOutline(context, input.box, []);
  for (const box of Object.values(input?.regions ?? {})) drawOutline(context, box, [6, 4]);
}

/** `box` as shares of the picture. */
export function drawOutline(
  context: CanvasRenderingContext2D,
  box: NonNullable<InputTile["box"]>,
  dash: number[],
): void {
  const { width, height } = context.canvas;
  const [left, top, right, bottom] = [box[0] * width, box[1] * height, box[2] * width, box[3] * height];
  context.save();
  context.setLineDash(dash);
  for (const [strokeStyle, lineWidth] of [
    ["#0008", 4],
    ["#fff", 2],
  ] as const) {
    Object.assign(context, { strokeStyle, lineWidth });
    context.strokeRect(left, top, right - left, bottom - top);
  }
  context.restore();
}

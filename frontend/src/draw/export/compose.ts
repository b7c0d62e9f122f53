// Pictures of tiles -> one canvas, an animated GIF or a zip of PNGs.

import { strToU8, zipSync } from "fflate";
import { applyPalette, GIFEncoder, quantize } from "gifenc";

export interface Shot {
  readonly text: string;
  readonly canvas: HTMLCanvasElement;
}

const GAP = 8;
const CAPTION = 24;
/** Browsers refuse to make a canvas of any size. */
const WIDEST = 16_000;

/** Tiles in rows, each with its words under it, on white: for a page or a slide. */
export function mosaic(shots: readonly Shot[], columns: number): HTMLCanvasElement {
  const width = Math.max(1, ...shots.map(({ canvas }) => canvas.width));
  const height = Math.max(1, ...shots.map(({ canvas }) => canvas.height));
  const rows = Math.ceil(shots.length / columns);
  const [whole, tall] = [columns * (width + GAP) + GAP, rows * (height + CAPTION + GAP) + GAP];
  const scale = Math.min(1, WIDEST / whole, WIDEST / tall);
  const { canvas, context } = sheet(Math.round(whole * scale), Math.round(tall * scale));
  context.scale(scale, scale);
  shots.forEach((shot, at) => {
    const [column, row] = [at % columns, Math.floor(at / columns)];
    place(context, shot, GAP + column * (width + GAP), GAP + row * (height + CAPTION + GAP));
  });
  return canvas;
}

/** Frames of one size, each with its words under it. */
export async function animation(shots: readonly Shot[], delay: number): Promise<Blob> {
  const width = Math.max(1, ...shots.map(({ canvas }) => canvas.width));
  const height = Math.max(1, ...shots.map(({ canvas }) => canvas.height)) + CAPTION;
  const gif = GIFEncoder();
  for (const shot of shots) {
    const { context } = sheet(width, height);
    place(context, shot, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const palette = quantize(data, 256);
    gif.writeFrame(applyPalette(data, palette), width, height, { palette, delay });
    await breath();
  }
  gif.finish();
  return new Blob([gif.bytes()], { type: "image/gif" });
}

/** PNGs are compressed already: the zip only holds them together. */
export async function archive(
  files: readonly { name: string; canvas: HTMLCanvasElement }[],
  table: { name: string; text: string },
): Promise<Blob> {
  const held: Record<string, Uint8Array> = { [table.name]: strToU8(table.text) };
  for (const { name, canvas } of files) held[name] = new Uint8Array(await (await png(canvas)).arrayBuffer());
  return new Blob([zipSync(held, { level: 0 }) as Uint8Array<ArrayBuffer>], { type: "application/zip" });
}

export function png(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the picture is too large"))), "image/png");
  });
}

function place(context: CanvasRenderingContext2D, { text, canvas }: Shot, x: number, y: number): void {
  context.drawImage(canvas, x, y);
  context.fillText(text, x, y + canvas.height + 5, canvas.width);
}

function sheet(width: number, height: number): { canvas: HTMLCanvasElement; context: CanvasRenderingContext2D } {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser offers no canvas");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#202124";
  context.font = "13px sans-serif";
  context.textBaseline = "top";
  return { canvas, context };
}

/** Lets the page draw between two pieces of work. */
function breath(): Promise<void> {
  return new Promise((done) => setTimeout(done, 0));
}

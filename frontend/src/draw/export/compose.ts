// Image export: pictures of tiles -> one canvas, an animated GIF or a zip of PNGs.

import { strToU8, zipSync } from "fflate";
import { applyPalette, GIFEncoder, quantize } from "gifenc";

export interface Shot {
  readonly text: string;
  readonly canvas: HTMLCanvasElement;
}

/** What the colours of a page of pictures mean. */
export interface Key {
  readonly text: string;
  readonly low: string;
  readonly high: string;
  /** The colours from low to high, three bytes each. */
  readonly colours: Uint8Array;
}

/** Pictures in rows, with what one must know of them who has nothing but the file. */
export interface Page {
  readonly title: string;
  /** Over the columns. */
  readonly heads?: readonly string[];
  /** Before the rows. */
  readonly names?: readonly string[];
  readonly rows: readonly (readonly (Shot | null)[])[];
  readonly key?: Key | null;
}

const INK = "#202124";
const FONT = "13px sans-serif";
const GAP = 8;
const CAPTION = 24;
const NAMES = 72;
/** Browsers refuse to make a canvas of any size. */
const WIDEST = 16_000;

/** A page on white: for a paper or a slide. */
export function mosaic({ title, heads = [], names = [], rows, key }: Page): HTMLCanvasElement {
  const shots = rows.flat().filter((shot) => shot !== null);
  const width = Math.max(1, ...shots.map(({ canvas }) => canvas.width));
  const height = Math.max(1, ...shots.map(({ canvas }) => canvas.height));
  const columns = Math.max(1, ...rows.map((row) => row.length));
  const [left, top] = [GAP + (names.length ? NAMES : 0), CAPTION + GAP + (heads.length ? CAPTION : 0)];
  const caption = shots.some(({ text }) => text) ? CAPTION : 0;
  const [across, down] = [width + GAP, height + caption + GAP];
  const whole = Math.max(left + columns * across, 2 * GAP + 8 * title.length);
  const tall = top + rows.length * down + (key ? CAPTION + GAP : 0);
  const scale = Math.min(1, WIDEST / whole, WIDEST / tall);
  const { canvas, context } = sheet(Math.round(whole * scale), Math.round(tall * scale));
  context.scale(scale, scale);
  context.font = "bold 13px sans-serif";
  context.fillText(title, GAP, GAP);
  heads.forEach((text, at) => {
    context.fillText(text, left + at * across, CAPTION + GAP, width);
  });
  names.forEach((text, at) => {
    context.fillText(text, GAP, top + at * down + height / 2, NAMES - GAP);
  });
  context.font = FONT;
  rows.forEach((row, line) => {
    row.forEach((shot, at) => {
      if (shot) drawShot(context, shot, left + at * across, top + line * down);
    });
  });
  if (key) drawKey(context, key, GAP, tall - CAPTION);
  return canvas;
}

function drawKey(context: CanvasRenderingContext2D, { text, low, high, colours }: Key, x: number, y: number): void {
  const bar = 160;
  const before = `${text}   ${low} `;
  context.fillText(before, x, y + 2);
  const from = x + context.measureText(before).width;
  for (let at = 0; at < bar; at++) {
    const entry = Math.floor((at / bar) * 256) * 3;
    context.fillStyle = `rgb(${colours[entry]}, ${colours[entry + 1]}, ${colours[entry + 2]})`;
    context.fillRect(from + at, y + 2, 1, 12);
  }
  context.fillStyle = INK;
  context.fillText(` ${high}`, from + bar, y + 2);
}

/** Frames of one size, each with its words under it. */
export async function animation(shots: readonly Shot[], delay: number): Promise<Blob> {
  const width = Math.max(1, ...shots.map(({ canvas }) => canvas.width));
  const height = Math.max(1, ...shots.map(({ canvas }) => canvas.height)) + CAPTION;
  const gif = GIFEncoder();
  for (const shot of shots) {
    const { context } = sheet(width, height);
    drawShot(context, shot, 0, 0);
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

function drawShot(context: CanvasRenderingContext2D, { text, canvas }: Shot, x: number, y: number): void {
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
  context.fillStyle = INK;
  context.font = FONT;
  context.textBaseline = "top";
  return { canvas, context };
}

/** Lets the page draw between two pieces of work. */
function breath(): Promise<void> {
  return new Promise((done) => setTimeout(done, 0));
}

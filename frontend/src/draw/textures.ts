// Two pictures -> how unlike they are, as `pattern_drift` in the log is measured (docs/metrics.md): contrast,
// brightness and place do not count.

import type { Box } from "./pixels";

/** Larger pictures are averaged down towards this many pixels. */
const SIDE = 64;
/** How far apart two positions of a texture are compared. */
const LAGS = 4;

/** One colour of a picture, in rows. */
type Layer = Float32Array;

/**
 * The correlations of near pixels, each of the three colours with each, as one vector of length 1; all zero
 * for a picture of one colour. Of two values that are equal by symmetry only one is kept, for both.
 */
export function texture(rgba: Uint8ClampedArray, across: number, [left, top, width, height]: Box): Float32Array {
  const block = Math.max(1, Math.floor(Math.min(width, height) / SIDE));
  const [columns, rows] = [Math.floor(width / block), Math.floor(height / block)];
  const layers = [0, 1, 2].map((part) => {
    const layer = new Float32Array(columns * rows);
    for (let y = 0; y < rows * block; y++) {
      for (let x = 0; x < columns * block; x++) {
        const at = Math.floor(y / block) * columns + Math.floor(x / block);
        layer[at] = (layer[at] ?? 0) + (rgba[((top + y) * across + left + x) * 4 + part] ?? 0);
      }
    }
    const mean = sum(layer) / layer.length;
    return layer.map((value) => value - mean);
  });
  const [down, right] = [Math.min(LAGS, (rows - 1) >> 1), Math.min(LAGS, (columns - 1) >> 1)];
  const found: number[] = [];
  for (const [a, b] of [
    [0, 0],
    [1, 1],
    [2, 2],
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const) {
    const from = layers[a] as Layer;
    const to = padded(layers[b] as Layer, columns, rows, right, down);
    for (let dy = -down; dy <= down; dy++) {
      for (let dx = -right; dx <= right; dx++)
        found.push(product(from, to, columns, rows, right + dx, down + dy, right) * (a === b ? 1 : Math.SQRT2));
    }
  }
  const length = Math.hypot(...found);
  // A picture of one colour leaves nothing but rounding.
  return Float32Array.from(found, (value) => (length > 1e-6 ? value / length : 0));
}

/** 0 for pictures that look alike, 1 for such as have nothing in common; null where they cannot be compared. */
export function unlike(a: Float32Array, b: Float32Array): number | null {
  if (a.length !== b.length) return null;
  const cosine = a.reduce((total, value, at) => total + value * (b[at] ?? 0), 0);
  const empty = !a.some(Boolean) && !b.some(Boolean);
  const drift = empty ? 0 : 1 - Math.max(0, Math.min(1, cosine));
  return drift < 1e-6 ? 0 : drift;
}

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** With a rim of what lies at the opposite side, so that nothing needs to be wrapped around below. */
function padded(layer: Layer, columns: number, rows: number, right: number, down: number): Layer {
  const width = columns + 2 * right;
  const wide = new Float32Array(width * (rows + 2 * down));
  for (let y = 0; y < rows + 2 * down; y++) {
    const row = ((y - down + rows) % rows) * columns;
    for (let x = 0; x < width; x++) wide[y * width + x] = layer[row + ((x - right + columns) % columns)] ?? 0;
  }
  return wide;
}

function product(from: Layer, to: Layer, columns: number, rows: number, x0: number, y0: number, right: number): number {
  const width = columns + 2 * right;
  let total = 0;
  for (let y = 0; y < rows; y++) {
    const start = (y + y0) * width + x0;
    for (let x = 0; x < columns; x++) total += (from[y * columns + x] as number) * (to[start + x] as number);
  }
  return total;
}

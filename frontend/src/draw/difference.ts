// Signed difference of two pictures or maps of one size, pixel by pixel, and its colours.

import { colours } from "./colours";
import { ease, enlarge, type Plane } from "./pixels";

/** A minus B; B takes the size of A where a layer has changed its own. */
export function minus(a: Plane, b: Plane): Plane {
  const fitting = b.width === a.width && b.height === a.height ? b : enlarge(b, a.width, a.height);
  return { ...a, data: Float32Array.from(a.data, (value, index) => value - (fitting.data[index] ?? 0)) };
}

export function size(plane: Plane): Plane {
  return { ...plane, data: Float32Array.from(plane.data, Math.abs) };
}

/** The same as shares of its sum, in percent: where it lies, whatever it amounts to. Finer steps would be rounding. */
export function shares(plane: Plane): Plane {
  let sum = 0;
  for (const value of plane.data) sum += value;
  return {
    ...plane,
    data: Float32Array.from(plane.data, (value) => (sum > 0 ? Math.round((1e6 * value) / sum) / 1e4 : 0)),
  };
}

/** How bright each pixel is, 0 to 255. */
export function brightness(rgba: Uint8ClampedArray, width: number, height: number): Plane {
  const data = new Float32Array(width * height);
  for (let index = 0; index < data.length; index++) {
    data[index] =
      0.2126 * (rgba[index * 4] ?? 0) + 0.7152 * (rgba[index * 4 + 1] ?? 0) + 0.0722 * (rgba[index * 4 + 2] ?? 0);
  }
  return { width, height, data };
}

/** The largest difference: what the ends of a common scale stand for. */
export function largest(planes: readonly Plane[]): number {
  let most = 0;
  for (const { data } of planes) for (const value of data) most = Math.max(most, Math.abs(value));
  return most;
}

/** 256 colours from purple (less in A) to orange (more in A), which differ for every kind of colour vision. */
export function diverging(): Uint8Array {
  return colours("diverging");
}

/** How opaque a difference is: none is clear. */
export function weight(share: number): number {
  return ease(Math.abs(share), 0, 0.8);
}

/** Signed values -> RGBA bytes; zero is clear, `full` has the strongest colours. */
export function paintSigned(plane: Plane, full: number): Uint8ClampedArray<ArrayBuffer> {
  const colours = diverging();
  const out = new Uint8ClampedArray(plane.data.length * 4);
  for (let index = 0; index < plane.data.length; index++) {
    const share = full > 0 ? Math.max(-1, Math.min(1, (plane.data[index] ?? 0) / full)) : 0;
    const level = Math.round((share + 1) * 127.5) * 3;
    out[index * 4] = colours[level] ?? 0;
    out[index * 4 + 1] = colours[level + 1] ?? 0;
    out[index * 4 + 2] = colours[level + 2] ?? 0;
    out[index * 4 + 3] = Math.round(weight(share) * 255);
  }
  return out;
}

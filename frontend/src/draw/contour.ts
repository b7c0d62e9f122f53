// Contour of a plane: marching squares -> line segments on the unit square.

import type { Plane } from "./pixels";

/** Where a value of the plane's is crossed: x and y of both ends of each segment; samples lie in the middle of cells. */
export function contour({ width, height, data }: Plane, level: number): number[] {
  const found: number[] = [];
  const at = (x: number, y: number): number => (data[y * width + x] ?? 0) - level;
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const [a, b, c, d] = [at(x, y), at(x + 1, y), at(x + 1, y + 1), at(x, y + 1)];
      // Most cells are crossed by nothing, and a sheet has thousands.
      if (Math.min(a, b, c, d) >= 0 || Math.max(a, b, c, d) < 0) continue;
      const crossed = crossings([a, b, c, d]);
      // A saddle has four: its first two and its last two belong together.
      for (let pair = 0; pair + 1 < crossed.length; pair += 2) {
        for (const [right, down] of [crossed[pair], crossed[pair + 1]] as Point[])
          found.push((x + right + 0.5) / width, (y + down + 0.5) / height);
      }
    }
  }
  return found;
}

type Point = readonly [number, number];
type Corners = readonly [number, number, number, number];

/** Where the four sides of a square are crossed, clockwise from the top. */
function crossings([a, b, c, d]: Corners): Point[] {
  const found: Point[] = [];
  const share = (from: number, to: number): number => from / (from - to);
  if (a >= 0 !== b >= 0) found.push([share(a, b), 0]);
  if (b >= 0 !== c >= 0) found.push([1, share(b, c)]);
  if (d >= 0 !== c >= 0) found.push([share(d, c), 1]);
  if (a >= 0 !== d >= 0) found.push([0, share(a, d)]);
  return found;
}

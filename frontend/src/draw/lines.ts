// Lines: points with gaps -> pieces without -> an SVG path on a unit square.

/** x from 0 to 1; y from 0 (lowest value) up to 1. */
export type Point = readonly [number, number];
export type Piece = readonly Point[];

/** Splits a line where a point is missing. */
export function pieces(points: readonly (Point | null)[]): Piece[] {
  const all: Point[][] = [[]];
  for (const point of points) {
    if (point) all.at(-1)?.push(point);
    else all.push([]);
  }
  return all.filter((piece) => piece.length > 0);
}

/** A single point becomes a line of no length, which round ends make a dot. */
export function path(all: readonly Piece[]): string {
  const one = (piece: Piece): string => {
    const points = piece.map(([x, y]) => `${x.toFixed(4)} ${(1 - y).toFixed(4)}`);
    return `M${points.join("L")}${points.length === 1 ? "h0" : ""}`;
  };
  return all.map(one).join("");
}

import { describe, expect, it } from "vitest";
import { contour } from "../../src/draw/contour";

describe("the contour of a map", () => {
  const plane = (rows: readonly (readonly number[])[]) => ({
    width: rows[0]?.length ?? 0,
    height: rows.length,
    data: Float32Array.from(rows.flat()),
  });

  it("goes round a hill, half way between its samples", () => {
    const lines = contour(
      plane([
        [0, 0, 0],
        [0, 1, 0],
        [0, 0, 0],
      ]),
      0.5,
    );
    expect(lines).toHaveLength(4 * 4);
    // The middle of the hill is at the middle of the picture; the line is half a sample away.
    const xs = lines.filter((_, at) => at % 2 === 0);
    expect([Math.min(...xs), Math.max(...xs)]).toEqual([1 / 3, 2 / 3].map((edge) => expect.closeTo(edge)));
  });

  it("is none where nothing is crossed, and two where a saddle is", () => {
    expect(
      contour(
        plane([
          [1, 1],
          [1, 1],
        ]),
        0.5,
      ),
    ).toEqual([]);
    expect(
      contour(
        plane([
          [1, 0],
          [0, 1],
        ]),
        0.5,
      ),
    ).toHaveLength(2 * 4);
  });
});

import { expect, it } from "vitest";
import { path, pieces } from "../../src/draw/lines";

it("a line breaks where a point is missing, and a lone point is a dot", () => {
  const parts = pieces([null, [0, 0], [0.5, 1], null, null, [1, 0.25]]);
  expect(parts).toEqual([
    [
      [0, 0],
      [0.5, 1],
    ],
    [[1, 0.25]],
  ]);
  expect(path(parts)).toBe("M0.0000 1.0000L0.5000 0.0000M1.0000 0.7500h0");
});

import { describe, expect, it } from "vitest";
import { count } from "../../src/state/deadCounts";

describe("the count of a layer", () => {
  it("tells the silent tiles", () => {
    expect(
      count({
        tiles: [
          { filter: 0, score: 0 },
          { filter: 1, score: 2 },
        ],
      }),
    ).toEqual({ silent: 1, count: 2 });
  });
});

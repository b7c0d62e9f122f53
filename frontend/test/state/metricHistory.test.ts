import { describe, expect, it } from "vitest";
import { courseOf, sameTile } from "../../src/state/metricHistory";

describe("a number over the steps", () => {
  it("follows the filter, or the picture and the class of its map", () => {
    const tiles = [
      { filter: 3, score: 1 },
      { filter: 8, score: 2 },
    ];
    expect(sameTile("patterns", tiles, 8, undefined)).toBe(tiles[1]);
    expect(sameTile("patterns", tiles, 9, undefined)).toBeNull();
    const maps = [
      { image: 0, class_index: 1 },
      { image: 0, class_index: 2 },
      { image: 1, class_index: 1 },
    ];
    expect(sameTile("heatmaps", maps, 0, 2)).toBe(maps[1]);
    expect(sameTile("heatmaps", maps, 1, 2)).toBeNull();
  });

  it("has gaps where the tile has not the number", () => {
    const past = [
      { step: 0, tile: { drift: 0 }, refreshed: true },
      { step: 1, tile: null, refreshed: false },
    ];
    expect(courseOf(past, "drift")).toEqual({ steps: [0, 1], values: [0, null] });
  });
});

import { describe, expect, it } from "vitest";
import { chosenOf, groups, parseClasses, predictedBefore, writeClasses } from "../../src/data/classesPerImage";
import type { HeatmapTile } from "../../src/data/contract";

const tile = (image: number, class_index: number, maximum: number | null, predicted = class_index): HeatmapTile => ({
  image,
  class_index,
  score: 1,
  probability: 0.5,
  predicted,
  minimum: 0,
  maximum,
});

describe("maps of several classes", () => {
  const tiles = [tile(4, 1, 1), tile(4, 2, 1), tile(7, 1, 1), tile(7, 3, 1), tile(7, 1, 1)];

  it("are grouped by picture; the same class twice is another picture", () => {
    expect(groups(tiles)).toEqual([[0, 1], [2, 3], [4]]);
  });

  it("show the chosen class, else the first", () => {
    expect([chosenOf([2, 3], tiles, 3), chosenOf([2, 3], tiles, 9), chosenOf([2, 3], tiles, undefined)]).toEqual([
      3, 2, 2,
    ]);
  });

  it("are chosen in the address, and what cannot be read there is left out", () => {
    const chosen = new Map([
      [0, 387],
      [3, 201],
    ]);
    expect(writeClasses(chosen)).toBe("0:387,3:201");
    expect(parseClasses("0:387,3:201")).toEqual(chosen);
    expect(parseClasses("0:387,x,3:-1")).toEqual(new Map([[0, 387]]));
    expect(parseClasses("")).toEqual(new Map());
  });

  it("tell when the prediction was another", () => {
    expect(predictedBefore(tile(4, 1, 1, 5), [tile(4, 9, 1, 6)])).toBe(6);
    expect(predictedBefore(tile(4, 1, 1, 5), [tile(4, 9, 1, 5)])).toBeNull();
    expect(predictedBefore(tile(4, 1, 1, 5), [tile(7, 9, 1, 6)])).toBeNull();
    expect(predictedBefore(tile(4, 1, 1, 5), undefined)).toBeNull();
  });
});

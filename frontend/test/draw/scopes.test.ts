import { describe, expect, it } from "vitest";
import type { HeatmapTile } from "../../src/data/contract";
import { ceiling, looksFurther, SCOPES, span } from "../../src/draw/scopes";

const tile = (image: number, class_index: number, maximum: number | null, predicted = class_index): HeatmapTile => ({
  image,
  class_index,
  score: 1,
  probability: 0.5,
  predicted,
  minimum: 0,
  maximum,
});

describe("what full colour stands for", () => {
  const here = [tile(0, 1, 2), tile(1, 1, 4), tile(2, 1, null)];
  const over = [...here, tile(0, 1, 3), tile(1, 1, 9)];

  it("is the maximum of the map, its picture, its layer now, or its layer ever", () => {
    expect(SCOPES.map((scope) => ceiling(scope, here[0]!, here, over))).toEqual([2, 3, 4, 9]);
  });

  it("falls back to what is on screen while other steps are not known", () => {
    expect([ceiling("picture", here[0]!, here, []), ceiling("all", here[0]!, here, [])]).toEqual([2, 4]);
    expect(SCOPES.map(looksFurther)).toEqual([false, true, false, true]);
  });

  it("is told as a span of what is on screen, without the maps that show nothing", () => {
    expect(span([0.5, 0, 2])).toEqual([0.5, 2]);
    expect(span([0, 0])).toBeNull();
  });
});

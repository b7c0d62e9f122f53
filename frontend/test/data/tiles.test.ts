import { describe, expect, it } from "vitest";
import type { HeatmapFacts, InputFacts } from "../../src/data/contract";
import type { Loaded } from "../../src/data/sheets";
import { inputAt } from "../../src/data/tiles";

const tile = (image: number) => ({ image, class_index: 0 });

/** Heatmaps of two pictures over one of the sources of a sheet of inputs. */
function over(source: number | undefined, tiles: readonly object[]): Loaded & { kind: "heatmaps" } {
  const facts = { tiles: [tile(0), tile(1)], source } as unknown as HeatmapFacts;
  const inputs = { facts: { tiles } as unknown as InputFacts };
  return { kind: "heatmaps", facts, inputs } as unknown as Loaded & { kind: "heatmaps" };
}

describe("the picture of a heatmap", () => {
  const two = [{ image: 0 }, { image: 1 }, { image: 0, source: 1 }, { image: 1, source: 1 }];

  it("is that of the input or frame which the layer sees", () => {
    expect([0, 1].map((at) => inputAt(over(undefined, two), at))).toEqual([0, 1]);
    expect([0, 1].map((at) => inputAt(over(0, two), at))).toEqual([0, 1]);
    expect([0, 1].map((at) => inputAt(over(1, two), at))).toEqual([2, 3]);
  });

  it("is absent where it is not stored", () => {
    expect(inputAt(over(2, two), 0)).toBe(-1);
  });
});

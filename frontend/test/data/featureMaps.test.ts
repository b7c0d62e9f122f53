import { describe, expect, it } from "vitest";
import { asMaps, filterAt, mapsOn, ofFilter } from "../../src/data/featureMaps";
import type { Heatmaps } from "../../src/data/sheets";

const SHEET = { count: 4, columns: 2, tile: [1, 2] };

/** Two filters, 3 and 9, on two pictures; tiles of two pixels, in two rows. */
const stored = asMaps({
  ref: { run: "one", tag: "feature_maps/conv", step: 0, at: 1 },
  facts: {
    sheet: SHEET,
    tiles: [0, 1].flatMap((image) => [3, 9].map((filter) => ({ image, filter, minimum: 0, maximum: image + filter }))),
  },
  grey: { width: 4, height: 2, data: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]) },
  inputs: null,
} as unknown as Parameters<typeof asMaps>[0]);

/** Heatmaps of the pictures, the last of which has no feature maps. */
const evidence = (tile = [7, 7]): Heatmaps =>
  ({
    kind: "heatmaps",
    facts: {
      sheet: { count: 3, columns: 3, tile },
      tiles: [1, 0, 2].map((image) => ({ image, class_index: 5, predicted: 5, maximum: 0.5, entropy: 1 })),
      field: [0, 0, 1, 1],
    },
    inputs: null,
  }) as unknown as Heatmaps;

describe("feature maps", () => {
  it("are found by picture, each with its filter", () => {
    expect(mapsOn(stored, 1).map((at) => [at, filterAt(stored, at)])).toEqual([
      [2, 3],
      [3, 9],
    ]);
    expect(mapsOn(stored, 4)).toEqual([]);
  });

  it("of one filter take the place of the evidence, picture by picture", () => {
    const seen = ofFilter(evidence(), stored, 9);
    expect(seen.filter).toBe(9);
    expect([...seen.grey.data]).toEqual([7, 8, 3, 4, 0, 0]);
    expect(seen.facts.tiles.map(({ maximum }) => maximum)).toEqual([10, 9, null]);
    expect(seen.facts.sheet).toEqual({ count: 3, columns: 1, tile: [1, 2] });
  });

  it("keep what is known of the picture, but not what was measured of its evidence", () => {
    const [tile] = ofFilter(evidence(), stored, 3).facts.tiles;
    expect([tile?.class_index, tile?.predicted, tile?.entropy]).toEqual([5, 5, undefined]);
  });

  it("of a filter that is not stored are none", () => {
    expect(ofFilter(evidence(), stored, 4).facts.tiles.every(({ maximum }) => maximum === null)).toBe(true);
  });

  it("out of a hostile log cannot fill the memory", () => {
    const huge = { ...stored, facts: { ...stored.facts, sheet: { ...SHEET, tile: [8192, 8192] as const } } };
    expect(() => ofFilter(evidence(), huge, 3)).toThrow("feature maps");
  });
});

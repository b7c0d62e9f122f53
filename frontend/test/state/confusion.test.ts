import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Heatmaps, load, remembered } from "../../src/data/sheets";
import { cell, confusion, inCell, shownByCell } from "../../src/state/confusion";
import { indexOf, open, series } from "../support/page";

const { facts } = vi.hoisted(() => ({ facts: { value: {} as object } }));
vi.mock("../../src/data/sheets", () => ({ load: vi.fn(), pin: vi.fn(), remembered: vi.fn() }));
vi.mock("../../src/data/facts", () => ({ factsOf: () => facts.value, gather: vi.fn(), tilesOver: () => [] }));

const MATRIX = {
  classes: [0, 1],
  counts: [
    [3, 1],
    [0, 2],
  ],
  pictures: 6,
  accuracy: 5 / 6,
};
const model = series("", [0], "model");
const one = indexOf("one", [series("conv", [0], "heatmaps"), model]);

/** Pictures by their true class and what they are taken for; two maps of each. */
const maps = (pairs: readonly (readonly [number | null, number])[]): Heatmaps =>
  ({
    kind: "heatmaps",
    facts: { tiles: pairs.flatMap(([, predicted], image) => [0, 1].map(() => ({ image, predicted }))) },
    inputs: { facts: { tiles: pairs.map(([label], image) => ({ image, label })) } },
  }) as unknown as Heatmaps;

beforeEach(() => {
  vi.mocked(remembered).mockReset();
  vi.mocked(load).mockReset();
  facts.value = { layers: [], confusion: MATRIX };
});

describe("a cell of the confusion matrix", () => {
  const loaded = maps([
    [0, 1],
    [1, 1],
    [0, 0],
    [null, 1],
  ]);

  it("keeps the pictures of a class that are taken for another", () => {
    open([one], { run: "one", kind: "heatmaps", layer: "conv", step: 0, cell: "0:1" });
    expect(confusion.value).toBe(MATRIX);
    expect([0, 2, 4, 6].map((at) => inCell(loaded, at))).toEqual([true, false, false, false]);
  });

  it("keeps all where there is no matrix, or the pictures are patterns", () => {
    facts.value = { layers: [] };
    open([one], { run: "one", kind: "heatmaps", layer: "conv", step: 0, cell: "0:1" });
    expect([cell.value, inCell(loaded, 2)]).toEqual([null, true]);
  });

  it("counts each shown picture once", () => {
    expect([...shownByCell(loaded)]).toEqual([
      ["0:1", 1],
      ["1:1", 1],
      ["0:0", 1],
    ]);
    expect(shownByCell(null).size).toBe(0);
  });
});

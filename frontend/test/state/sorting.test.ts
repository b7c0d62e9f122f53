import { describe, expect, it } from "vitest";
import { numbersOf, silent } from "../../src/data/tileMetrics";
import { inOrderOf, sorted } from "../../src/state/sorting";
import { parseRange, parseSorting, UNSORTED, writeRange } from "../../src/url/sortParams";

const TILES = [
  { filter: 0, score: 2, drift: 0.5 },
  { filter: 4, score: 0, drift: 0.1 },
  { filter: 8, score: null },
  { filter: 12, score: 5, drift: 0.1, dead: true },
];
const ENTRIES = TILES.map(({ filter }, at) => ({ id: filter, at }));
const ids = (sort: string, hide = false) => sorted(ENTRIES, TILES, { ...UNSORTED, sort, hide }).map(({ id }) => id);

describe("sorting", () => {
  it("goes by the number of the filter, or by any number in the facts, both ways", () => {
    expect(ids("index")).toEqual([0, 4, 8, 12]);
    expect(ids("-index")).toEqual([12, 8, 4, 0]);
    expect(ids("score")).toEqual([4, 0, 12, 8]);
    expect(ids("-score")).toEqual([12, 0, 4, 8]);
    expect(ids("-drift")).toEqual([0, 4, 12, 8]);
    expect(ids("gone")).toEqual([0, 4, 8, 12]);
  });

  it("offers every number that tells tiles apart, those of old first", () => {
    expect(numbersOf(TILES)).toEqual(["score", "dead", "drift"]);
    expect(
      numbersOf([{ image: 0, class_index: 3, maximum: 1, minimum: 0, probability: 0.5, score: 2, predicted: 3 }]),
    ).toEqual(["probability", "score", "maximum"]);
    expect(numbersOf([{ score: null, note: "text", "odd name": 1, __proto: 1 }])).toEqual([]);
  });

  it("leaves out what has nothing to show", () => {
    expect(ids("index", true)).toEqual([0, 8, 12]);
    expect(
      [
        { filter: 1, score: 0 },
        { filter: 1, score: null },
        { image: 0, maximum: 0, score: 3 },
        { image: 0, maximum: 1, score: 0 },
      ].map(silent),
    ).toEqual([true, false, true, false]);
  });

  it("keeps the order of another step, and what that step left out stays out", () => {
    const order = [
      { id: 12, at: 3 },
      { id: 0, at: 0 },
    ];
    const then = [...order, { id: 4, at: 1 }];
    expect(inOrderOf(ENTRIES, order, then).map(({ id }) => id)).toEqual([12, 0, 8]);
  });

  it("keeps what lies in a range, and all of it where no tile has the number", () => {
    const only = (text: string) => sorted(ENTRIES, TILES, { ...UNSORTED, only: text }).map(({ id }) => id);
    expect([only("score:2:"), only("score::2"), only("drift:0.1:0.2"), only("dead:0.5:")]).toEqual([
      [0, 12],
      [0, 4],
      [4, 12],
      [12],
    ]);
    expect([only("gone:1:"), only("")]).toEqual([
      [0, 4, 8, 12],
      [0, 4, 8, 12],
    ]);
    expect(parseRange(writeRange({ name: "drift", least: 0.123456, most: null }))).toEqual({
      name: "drift",
      least: 0.1235,
      most: null,
    });
    expect([
      writeRange({ name: "drift", least: null, most: null }),
      parseRange("a b:1:2"),
      parseRange("drift:x:"),
    ]).toEqual(["", null, null]);
  });

  it("is read from an address, and what is no name is not", () => {
    const read = (sort: string) => parseSorting(new Map([["sort", sort]])).sort;
    expect(["score", "-energy_on_标签", "a b", "--x", ""].map(read)).toEqual([
      "score",
      "-energy_on_标签",
      "index",
      "index",
      "index",
    ]);
    expect(
      parseSorting(
        new Map([
          ["hide", "true"],
          ["hold", "3"],
        ]),
      ),
    ).toEqual({ sort: "index", hide: true, hold: 3, only: "" });
  });
});

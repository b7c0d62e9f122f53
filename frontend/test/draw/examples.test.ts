import { expect, it } from "vitest";
import type { ExampleFacts, Field } from "../../src/data/contract";
import type { Examples } from "../../src/data/examples";
import type { Whole } from "../../src/data/sheets";
import { cut, outlineOf, READABLE, tally } from "../../src/draw/examples";

const SMALL: Field = { size: [19, 19], stride: [4, 4], offset: [-6, -6], sides: [128, 128] };
const DEEP: Field = { size: [299, 299], stride: [32, 32], offset: [-118, -118], sides: [128, 128] };

/** Two pictures stored at half their size, one of them not any more. */
function held(field: Field | undefined, tile: Partial<ExampleFacts["tiles"][number]> = {}): Examples {
  const tiles = [{ picture: 7, label: 2 }, { picture: 3 }];
  const facts = { sheet: { count: 2, columns: 2, tile: [64, 64] }, tiles };
  const whole = { kind: "pictures", facts, sheet: {} } as unknown as Whole;
  const own = {
    filter: 5,
    pictures: [7, 3, 9],
    activations: [2, 1.5, 1],
    positions: [
      [2, 3],
      [0, 31],
      [1, 1],
    ],
    ...tile,
  };
  return {
    ref: { run: "run", tag: "examples/a", step: 0, at: 0 },
    facts: { tiles: [own], ...(field ? { field } : {}) },
    pictures: new Map([
      [7, { whole, at: 0 }],
      [3, { whole, at: 1 }],
    ]),
  };
}

it("cuts of each picture what the position sees, as the data format has it", () => {
  const [first, second, gone] = cut(held(SMALL), 5);
  // offset + stride * position, size pixels long, at half the size: rows (-6 + 4 * 2) / 2, columns (-6 + 4 * 3) / 2.
  expect(first?.seen).toEqual({ x: 3, y: 1, width: 9.5, height: 9.5 });
  expect(first).toMatchObject({ picture: 7, activation: 2, label: 2, position: [2, 3], centre: null });
  // What lies beyond the picture is not there: column -6 + 4 * 31 = 118 to 128 of 128.
  expect(second?.seen).toEqual({ x: 59, y: 0, width: 5, height: 6.5 });
  expect(second?.label).toBeNull();
  expect(gone).toMatchObject({ picture: 9, stored: null });
});

it("shows enough around a small part to recognize something, and outlines the part", () => {
  const [first] = cut(held(SMALL), 5);
  expect(first?.crop).toEqual({ x: 0, y: 0, width: READABLE, height: READABLE });
  const outline = first && outlineOf(first);
  expect(outline?.x).toBeCloseTo(3 / READABLE);
  expect(outline?.width).toBeCloseTo(9.5 / READABLE);
  const inPicture = first && outlineOf(first, true);
  expect(inPicture).toEqual({ x: 3 / 64, y: 1 / 64, width: 9.5 / 64, height: 9.5 / 64 });
});

it("marks where a filter looks that sees nearly all", () => {
  const [first] = cut(held(DEEP, { positions: [[2, 1]] }), 5);
  expect(first?.seen).toEqual({ x: 0, y: 0, width: 64, height: 64 });
  expect(first?.centre).toEqual([(-118 + 32 + 149.5) / 128, (-118 + 64 + 149.5) / 128]);
  expect(first && [outlineOf(first), outlineOf(first, true)]).toEqual([null, null]);
});

it("takes the whole picture where nothing is said of the field, and no place where there is none", () => {
  const [first] = cut(held(undefined, { positions: [[]] }), 5);
  expect(first?.seen).toEqual({ x: 0, y: 0, width: 64, height: 64 });
  expect(first?.centre).toBeNull();
  expect(cut(held(SMALL, { positions: [], activations: [] }), 5)[0]).toMatchObject({ activation: null, position: [] });
});

it("has none of a filter that was not searched for", () => {
  expect(cut(held(SMALL), 6)).toEqual([]);
});

it("counts classes, the most frequent first, and leaves out those that are not known", () => {
  const of = (label: number | null) => ({ label }) as ReturnType<typeof cut>[number];
  expect(tally([of(1), of(2), of(null), of(2)])).toEqual([
    [2, 2],
    [1, 1],
  ]);
  expect(tally([of(null)])).toEqual([]);
});

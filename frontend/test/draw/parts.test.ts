import { expect, it } from "vitest";
import { centreOf, readable, seenBy } from "../../src/draw/parts";

const FIELD = { size: [16, 16], stride: [8, 8], offset: [-4, -4], sides: [64, 128] };

it("cuts what a position sees, in pixels of the stored picture", () => {
  expect(seenBy(FIELD, [2, 3], [64, 128])).toEqual({ x: 20, y: 12, width: 16, height: 16 });
  expect(seenBy(FIELD, [2, 3], [32, 64])).toEqual({ x: 10, y: 6, width: 8, height: 8 });
});

it("goes from right to left where the model mirrors its pictures", () => {
  const mirrored = { ...FIELD, stride: [8, -8], offset: [-4, 116] };
  expect(seenBy(mirrored, [2, 0], [64, 128])).toEqual({ x: 116, y: 12, width: 12, height: 16 });
  expect(seenBy(mirrored, [2, 3], [64, 128])).toEqual({ x: 92, y: 12, width: 16, height: 16 });
});

it("ends at the border of the picture, and is all of it where a position sees more", () => {
  expect(seenBy(FIELD, [0, 0], [64, 128])).toEqual({ x: 0, y: 0, width: 12, height: 12 });
  const deep = { ...FIELD, size: [500, 500], offset: [-200, -200] };
  expect(seenBy(deep, [0, 0], [64, 128])).toEqual({ x: 0, y: 0, width: 128, height: 64 });
});

it("shows of a signal its whole height", () => {
  const signal = { size: [10], stride: [5], offset: [0], sides: [100] };
  expect(seenBy(signal, [4], [32, 100])).toEqual({ x: 20, y: 0, width: 10, height: 32 });
});

it("grows a small part to a readable square around it, inside the picture", () => {
  expect(readable({ x: 20, y: 12, width: 4, height: 8 }, 16, [64, 128])).toEqual({
    x: 14,
    y: 8,
    width: 16,
    height: 16,
  });
  expect(readable({ x: 0, y: 60, width: 4, height: 4 }, 16, [64, 128])).toEqual({ x: 0, y: 48, width: 16, height: 16 });
  expect(readable({ x: 0, y: 0, width: 128, height: 64 }, 16, [64, 128])).toEqual({
    x: 0,
    y: 0,
    width: 128,
    height: 64,
  });
});

it("looks at the middle of what it sees, also where that reaches beyond the picture", () => {
  expect(centreOf(FIELD, [2, 3])).toEqual([28 / 128, 20 / 64]);
  expect(centreOf({ ...FIELD, size: [500, 500], offset: [-240, -240] }, [0, 1])).toEqual([18 / 128, 10 / 64]);
  expect(centreOf({ size: [10], stride: [5], offset: [0], sides: [100] }, [4])).toEqual([0.25, 0.5]);
});

it("stays in the picture whatever a log claims", () => {
  const odd = { size: [0, 2 ** 31], stride: [1e308, -1e308], offset: [-1e308, 1e308], sides: [0, 0] };
  for (const field of [odd, { size: [], stride: [], offset: [], sides: [] }]) {
    for (const position of [[], [7], [2 ** 31, 2 ** 31]]) {
      const part = readable(seenBy(field, position, [64, 128]), 16, [64, 128]);
      expect(part.x >= 0 && part.x + part.width <= 128 && part.width >= 16).toBe(true);
      expect(part.y >= 0 && part.y + part.height <= 64 && part.height >= 16).toBe(true);
      expect(centreOf(field, position).every((share) => share >= 0 && share <= 1)).toBe(true);
    }
  }
});

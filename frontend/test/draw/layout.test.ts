import { describe, expect, it } from "vitest";
import { exampleLines, grid, within } from "../../src/draw/layout";

describe("the grid", () => {
  const shape = { count: 8, aspect: 1, caption: 48, gap: 16, least: 148 };

  it("makes the tiles as large as they can be with all of them in sight", () => {
    const { columns, width } = grid({ width: 1090, height: 600 }, shape, null);
    expect([columns, Math.ceil(8 / columns) * (width + 48 + 16) - 16 <= 600]).toEqual([4, true]);
  });

  it("scrolls rather than to show tiles too small to read", () => {
    const { columns, width } = grid({ width: 500, height: 300 }, shape, null);
    expect(width).toBeGreaterThanOrEqual(shape.least);
    expect(columns * width + (columns - 1) * 16).toBeLessThanOrEqual(500);
  });

  it("has no largest size, and fills the width with the gaps where the height decides", () => {
    expect(grid({ width: 2000, height: 1000 }, { ...shape, count: 1 }, null).width).toBe(952);
    const { columns, width, gap } = grid({ width: 1000, height: 400 }, { ...shape, count: 4 }, null);
    expect([columns, gap]).toEqual([4, 16]);
    expect(columns * width + (columns - 1) * gap).toBeLessThanOrEqual(1000);
    expect(grid({ width: 1000, height: 280 }, { ...shape, count: 4 }, null).gap).toBe(24);
  });

  it("takes the wished size, made to fill the width", () => {
    expect(grid({ width: 1000, height: 300 }, shape, 96)).toEqual({ columns: 9, width: 96, gap: 16 });
  });
});

describe("the maps of a layer", () => {
  it("lie where the layer looks, which may reach beyond the picture", () => {
    expect(within(undefined, 200, 100)).toEqual([0, 0, 200, 100]);
    expect(within([0, 0.5, 1, 0.875], 160, 80)).toEqual([0, 40, 160, 30]);
    expect(within([-0.25, 0, 1.25, 1], 80, 80)).toEqual([-20, 0, 120, 80]);
  });
});

describe("lines of examples", () => {
  const whole = (width: number, examples: number, wanted: number | null = null) => {
    const { columns, width: side, narrow } = exampleLines(width, examples, wanted);
    const line = side * (examples + 1) + 4 * (examples - 1) + 12 + (narrow ? 0 : 96 + 12);
    return { columns, side, narrow, used: columns * line + 24 * (columns - 1) };
  };

  it("fill the width with as many columns as can be read", () => {
    for (const width of [343, 560, 760, 1000, 1248, 1640, 2300])
      for (const examples of [1, 3, 5, 10]) {
        const { side, used, columns } = whole(width, examples);
        expect(side).toBeGreaterThanOrEqual(40);
        if (side > 40) expect(used).toBeLessThanOrEqual(width);
        if (columns > 1) expect(side).toBeGreaterThanOrEqual(72);
      }
    expect([whole(1000, 5).columns, whole(1248, 5).columns]).toEqual([1, 2]);
  });

  it("put the classes below where there is no space after them, and keep a wanted size", () => {
    expect([whole(343, 5).narrow, whole(1000, 5).narrow]).toEqual([true, false]);
    expect(whole(1000, 5, 128).side).toBe(128);
  });
});

import { describe, expect, it } from "vitest";
import { grid } from "../../../src/views/grid/layout";

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

  it("takes the wished size, made to fill the width", () => {
    expect(grid({ width: 1000, height: 300 }, shape, 96)).toEqual({ columns: 9, width: 96 });
  });
});

import { describe, expect, it } from "vitest";
import type { HeatmapTile } from "../../src/data/contract";
import { COLOUR_MAPS, colours } from "../../src/draw/colours";
import { cover, enlarge, enlargement, evidence, paint, tileBox, values } from "../../src/draw/pixels";
import { exact, parse } from "../../stops";

const tile = (minimum: number | null, maximum: number | null): HeatmapTile => ({
  image: 0,
  class_index: 0,
  score: 1,
  probability: 0.5,
  predicted: 0,
  minimum,
  maximum,
});

describe("heatmap pixels", () => {
  it("tell evidence from none and from what is not finite", () => {
    expect(evidence(tile(0, 0.4))).toBe("some");
    expect(evidence(tile(0, 0))).toBe("none");
    expect(evidence(tile(-2, 0))).toBe("none");
    expect(evidence(tile(null, null))).toBe("not finite");
  });

  it("find a tile in its sheet", () => {
    expect(tileBox({ count: 5, columns: 3, tile: [10, 20] }, 4)).toEqual([20, 10, 20, 10]);
  });

  it("turn grey levels into raw values", () => {
    const grey = { width: 4, height: 1, data: new Uint8Array([9, 9, 0, 255]) };
    const sheet = { count: 2, columns: 2, tile: [1, 2] as const };
    expect([...values(grey, sheet, 1, tile(0, 8)).data]).toEqual([0, 8]);
    expect([...values(grey, sheet, 1, tile(4, 8)).data]).toEqual([4, 8]);
    // Below zero there is no evidence for the class.
    expect([...values(grey, sheet, 1, tile(-8, 8)).data]).toEqual([0, 8]);
    expect([...values(grey, sheet, 1, tile(0, 0)).data]).toEqual([0, 0]);
  });

  it("are enlarged bilinearly around the middle of the cells", () => {
    const plane = { width: 2, height: 1, data: new Float32Array([0, 1]) };
    expect([...enlarge(plane, 4, 1).data]).toEqual([0, 0.25, 0.75, 1]);
    const flat = { width: 2, height: 2, data: new Float32Array([0.5, 0.5, 0.5, 0.5]) };
    expect(new Set(enlarge(flat, 5, 7).data)).toEqual(new Set([0.5]));
  });

  it("leave cold areas clear and cover hot ones", () => {
    const table = colours("viridis");
    const rgba = paint({ width: 3, height: 1, data: new Float32Array([0, 0.25, 1]) }, { table, full: 1 });
    expect([rgba[3], rgba[11]]).toEqual([0, 255]);
    expect(rgba[7]).toBe(Math.round(cover(0.25) * 255));
    expect(
      [...paint({ width: 1, height: 1, data: new Float32Array([0]) }, { table, full: 1, solid: true })].at(-1),
    ).toBe(255);
  });

  it("are measured by the value of the full colour, and clear below the threshold", () => {
    const plane = { width: 3, height: 1, data: new Float32Array([1, 2, 4]) };
    const table = colours("viridis");
    const [own, wider] = [paint(plane, { table, full: 4 }), paint(plane, { table, full: 8 })];
    expect([...wider.slice(8, 11)]).toEqual([...own.slice(4, 7)]);
    const clear = paint(plane, { table, full: 4, floor: 0.5, solid: true });
    expect([clear[3], clear[7], clear[11]]).toEqual([0, 255, 255]);
  });

  it("keep the squares of small pictures square", () => {
    expect(enlargement(32, 32, 256)).toBe(8);
    expect(enlargement(224, 224, 256)).toBe(2);
    expect(enlargement(600, 400, 256)).toBe(1);
  });
});

describe("colour maps", () => {
  it("understand both ways in which d3 writes a colour", () => {
    expect(parse("#ff8000")).toEqual([255, 128, 0]);
    expect(parse("rgb(1, 2, 3)")).toEqual([1, 2, 3]);
  });

  it.each([...COLOUR_MAPS, "diverging"] as const)("%s is that of d3, but for a level or two", (name) => {
    const table = colours(name);
    for (let level = 0; level < 256; level++) {
      exact(name, level).forEach((part, at) => {
        expect(Math.abs(part - table[level * 3 + at]!)).toBeLessThanOrEqual(2);
      });
    }
  });

  it.each(COLOUR_MAPS)("%s rises evenly in lightness", (name) => {
    const table = colours(name);
    const light = Array.from({ length: 256 }, (_, at) => {
      const [red, green, blue] = [table[at * 3]!, table[at * 3 + 1]!, table[at * 3 + 2]!];
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    });
    for (let at = 16; at < 256; at += 16) expect(light[at]).toBeGreaterThan(light[at - 16]!);
  });
});

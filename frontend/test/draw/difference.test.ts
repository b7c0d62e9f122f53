import { describe, expect, it } from "vitest";
import { brightness, diverging, largest, minus, paintSigned, size } from "../../src/draw/difference";

describe("a difference", () => {
  const plane = (...data: number[]) => ({ width: data.length, height: 1, data: new Float32Array(data) });

  it("is A minus B, with B brought to the size of A", () => {
    expect([...minus(plane(1, 2, 3), plane(1, 5, 0)).data]).toEqual([0, -3, 3]);
    expect([...minus(plane(1, 1, 1, 1), plane(0, 1)).data]).toEqual([1, 0.75, 0.25, 0]);
    expect([...size(plane(-2, 1)).data]).toEqual([2, 1]);
    expect(largest([plane(1, -4), plane(3)])).toBe(4);
    expect(largest([])).toBe(0);
  });

  it("is clear at zero, orange for more and purple for less, on one scale", () => {
    const rgba = paintSigned(plane(0, 2, -2, 1), 2);
    expect([rgba[3], rgba[7], rgba[11]]).toEqual([0, 255, 255]);
    expect(rgba[4]!).toBeGreaterThan(rgba[6]!);
    expect(rgba[10]!).toBeGreaterThan(rgba[8]!);
    expect(rgba[15]!).toBeLessThan(255);
    expect([...paintSigned(plane(1), 0)].at(-1)).toBe(0);
    expect(diverging()).toHaveLength(768);
  });

  it("of patterns is one of brightness", () => {
    const rgba = new Uint8ClampedArray([255, 255, 255, 255, 0, 255, 0, 255]);
    expect([...brightness(rgba, 2, 1).data].map(Math.round)).toEqual([255, 182]);
  });
});

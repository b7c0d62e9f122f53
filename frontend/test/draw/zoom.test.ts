import { describe, expect, it } from "vitest";
import { FITTED, held, panned, transform, zoomed } from "../../src/draw/zoom";

describe("the enlargement", () => {
  it("keeps the place under the pointer where it is", () => {
    const at = zoomed(FITTED, 4, 0.25, 0.5);
    expect(at.scale).toBe(4);
    // The point at a quarter of the frame was at a quarter of the picture, and is still there.
    expect(at.x + (0.25 - 0.5) / at.scale).toBeCloseTo(0.25);
  });

  it("shows no margins and stops at its ends", () => {
    expect(panned({ scale: 2, x: 0.5, y: 0.5 }, 5, -5)).toEqual({ scale: 2, x: 0.25, y: 0.75 });
    expect(zoomed(FITTED, 0.5)).toEqual(FITTED);
    expect(zoomed(FITTED, 1000).scale).toBe(16);
    expect(held({ scale: 0.4, x: 0.1, y: 0.9 })).toEqual({ scale: 0.4, x: 0.5, y: 0.5 });
  });

  it("fills a frame that is wider than the picture", () => {
    const room = [2, 1] as const;
    // Twice as large it just fills the width: nothing is left to move that way.
    expect(held({ scale: 2, x: 0.1, y: 0.1 }, room)).toEqual({ scale: 2, x: 0.5, y: 0.25 });
    expect(panned({ scale: 4, x: 0.5, y: 0.5 }, 5, 0, room)).toEqual({ scale: 4, x: 0.25, y: 0.5 });
  });

  it("is one transform for all pictures", () => {
    expect(transform({ scale: 2, x: 0.25, y: 0.5 })).toBe("translate(0.000%, -50.000%) scale(2)");
  });
});

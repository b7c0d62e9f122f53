import { describe, expect, it } from "vitest";
import { texture, unlike } from "../../src/draw/textures";

/** A picture by formula, the third of a sheet of `k` + 1 in a row; the same pictures were given to the Python side. */
function picture(k: number, height: number, width: number): Float32Array {
  const across = width * (k + 1);
  const rgba = new Uint8ClampedArray(across * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++)
        rgba[(y * across + width * k + x) * 4 + c] =
          (x * (7 + k) + y * y * (3 + 2 * k) + c * (50 + 11 * k) + ((x * y) % (5 + k)) * 9) % 256;
    }
  }
  return texture(rgba, across, [width * k, 0, width, height]);
}

describe("the drift of pictures", () => {
  // As convviz_tb/drift.py computes it: textures(...) and pattern_drift(...).
  it.each([
    [16, 16, [0.335081, 0.466571, 0.275047]],
    [24, 40, [0.199776, 0.27584, 0.178657]],
    [130, 140, [0.032326, 0.141004, 0.059473]],
    [5, 7, [0.318633, 0.850181, 0.550094]],
  ])("of %d by %d pixels is what the callback stores", (height, width, expected) => {
    const [a, b, c] = [0, 1, 2].map((k) => picture(k, height, width)) as [Float32Array, Float32Array, Float32Array];
    [unlike(a, b), unlike(a, c), unlike(b, c)].forEach((drift, at) => {
      expect(drift).toBeCloseTo(expected[at]!, 4);
    });
  });

  it("is 0 for the same picture, also in other contrast, and 1 against one of a single colour", () => {
    const rgba = Uint8ClampedArray.from({ length: 16 * 16 * 4 }, (_, at) => (at * 37) % 100);
    const brighter = rgba.map((value) => value * 2 + 20);
    const flat = new Uint8ClampedArray(16 * 16 * 4).fill(90);
    const [own, bright, none] = [rgba, brighter, flat].map((pixels) => texture(pixels, 16, [0, 0, 16, 16])) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    expect(unlike(own, bright)).toBeCloseTo(0, 5);
    expect([unlike(own, own), unlike(own, none), unlike(none, none)]).toEqual([0, 1, 0]);
  });

  it("is none between pictures of which one is too small for the other's reach", () => {
    expect(unlike(picture(0, 16, 16), picture(0, 5, 7))).toBeNull();
  });
});

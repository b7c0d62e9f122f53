import { describe, expect, it } from "vitest";
import { ALONE } from "../src/comparison";
import type { HeatmapTile, RunIndex, Series } from "../src/contract";
import { brightness, diverging, largest, minus, paintSigned, size } from "../src/difference";
import { chosenOf, groups, parseClasses, predictedBefore, writeClasses } from "../src/groups";
import { aligned, resolveB, resolveBeside, sameFilters } from "../src/others";
import { joinNames, splitNames } from "../src/parts";
import { ceiling, looksFurther, SCOPES, span } from "../src/scopes";
import { FITTED, held, panned, transform, zoomed } from "../src/zoom";

const tile = (image: number, class_index: number, maximum: number | null, predicted = class_index): HeatmapTile => ({
  image,
  class_index,
  score: 1,
  probability: 0.5,
  predicted,
  minimum: 0,
  maximum,
});

describe("what full colour stands for", () => {
  const here = [tile(0, 1, 2), tile(1, 1, 4), tile(2, 1, null)];
  const over = [...here, tile(0, 1, 3), tile(1, 1, 9)];

  it("is the maximum of the map, its picture, its layer now, or its layer ever", () => {
    expect(SCOPES.map((scope) => ceiling(scope, here[0]!, here, over))).toEqual([2, 3, 4, 9]);
  });

  it("falls back to what is on screen while other steps are not known", () => {
    expect([ceiling("picture", here[0]!, here, []), ceiling("all", here[0]!, here, [])]).toEqual([2, 4]);
    expect(SCOPES.map(looksFurther)).toEqual([false, true, false, true]);
  });

  it("is told as a span of what is on screen, without the maps that show nothing", () => {
    expect(span([0.5, 0, 2])).toEqual([0.5, 2]);
    expect(span([0, 0])).toBeNull();
  });
});

describe("maps of several classes", () => {
  const tiles = [tile(4, 1, 1), tile(4, 2, 1), tile(7, 1, 1), tile(7, 3, 1), tile(7, 1, 1)];

  it("are grouped by picture; the same class twice is another picture", () => {
    expect(groups(tiles)).toEqual([[0, 1], [2, 3], [4]]);
  });

  it("show the chosen class, else the first", () => {
    expect([chosenOf([2, 3], tiles, 3), chosenOf([2, 3], tiles, 9), chosenOf([2, 3], tiles, undefined)]).toEqual([3, 2, 2]);
  });

  it("are chosen in the address, and what cannot be read there is left out", () => {
    const chosen = new Map([
      [0, 387],
      [3, 201],
    ]);
    expect(writeClasses(chosen)).toBe("0:387,3:201");
    expect(parseClasses("0:387,3:201")).toEqual(chosen);
    expect(parseClasses("0:387,x,3:-1")).toEqual(new Map([[0, 387]]));
    expect(parseClasses("")).toEqual(new Map());
  });

  it("tell when the prediction was another", () => {
    expect(predictedBefore(tile(4, 1, 1, 5), [tile(4, 9, 1, 6)])).toBe(6);
    expect(predictedBefore(tile(4, 1, 1, 5), [tile(4, 9, 1, 5)])).toBeNull();
    expect(predictedBefore(tile(4, 1, 1, 5), [tile(7, 9, 1, 6)])).toBeNull();
    expect(predictedBefore(tile(4, 1, 1, 5), undefined)).toBeNull();
  });
});

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

const series = (layer: string, steps: number[], kind: Series["kind"] = "patterns"): Series => ({
  tag: `${kind}/${layer}`,
  kind,
  layer,
  steps,
  wall_times: steps,
});
const index = (run: string, all: Series[], baseline?: string): RunIndex => ({
  run,
  name: run,
  series: all,
  model: { written: 1, layers: [], ...(baseline ? { baseline } : {}) },
  failures: [],
  problems: [],
});

describe("B", () => {
  const indexes = new Map([
    ["a", index("a", [series("conv1", [0, 2, 4, 8]), series("conv2", [2, 8])], "x")],
    ["b", index("b", [series("conv1", [0, 3, 6])], "x")],
  ]);
  const at = { run: "a", kind: "patterns", layer: "conv1", step: 4 } as const;
  const other = (part: object) => resolveB({ ...ALONE, way: "side", ...part }, at, indexes);

  it("is the first stored step unless another is chosen", () => {
    expect(other({})).toMatchObject({ run: "a", layer: "conv1", step: 0, baseline: true });
    expect(other({ b: 7 })).toMatchObject({ step: 8, baseline: false });
    expect(other({ b: "previous" })).toMatchObject({ step: 2 });
    expect(resolveB({ ...ALONE, b: "previous" }, { ...at, step: 0 }, indexes)).toMatchObject({ step: null });
  });

  it("of another run or layer stands where A stands, at or before", () => {
    expect(other({ brun: "b" })).toMatchObject({ run: "b", step: 3, baseline: false });
    expect(other({ blayer: "conv2" })).toMatchObject({ layer: "conv2", step: 2 });
    expect(other({ blayer: "gone" })).toMatchObject({ layer: "conv1", step: 0 });
    expect(other({ brun: "unknown" })).toBeNull();
  });

  it("may be one pinned tile", () => {
    expect(other({ brun: "a", blayer: "conv2", btile: 5, b: 8 })).toMatchObject({ layer: "conv2", tile: 5, step: 8 });
  });

  it("tells that a run lacks the layer, or has nothing so early", () => {
    const elsewhere = { ...at, layer: "conv2" };
    expect(resolveB({ ...ALONE, brun: "b" }, elsewhere, indexes)).toMatchObject({ series: null, step: null });
    expect(resolveBeside("b", elsewhere, indexes, "step")).toMatchObject({ series: null });
    expect(resolveBeside("b", at, indexes, "end")).toMatchObject({ step: 3 });
  });
});

describe("runs beside each other", () => {
  it("are aligned by epochs, or by how far they are on their way", () => {
    expect(aligned(4, [0, 4, 8], [0, 3, 6, 12], "step")).toBe(3);
    expect(aligned(4, [0, 4, 8], [0, 3, 6, 12], "end")).toBe(6);
    expect(aligned(8, [0, 4, 8], [0, 3, 6, 12], "end")).toBe(12);
    expect(aligned(1, [0, 1], [2, 4], "step")).toBeNull();
    expect(aligned(0, [0], [0, 5], "end")).toBe(0);
  });

  it("share the meaning of a filter's number only with the same first weights", () => {
    const run = (name: string, baseline?: string) => index(name, [], baseline);
    expect(sameFilters(run("a", "x"), run("b", "x"))).toBe("same");
    expect(sameFilters(run("a", "x"), run("b", "y"))).toBe("different");
    expect(sameFilters(run("a", "x"), run("b"))).toBe("unknown");
    expect(sameFilters(run("a"), run("a"))).toBe("same");
  });

  it("are listed in the address whatever they are called", () => {
    const names = ["a/convviz", "b, c", "100 %2C"];
    expect(splitNames(joinNames(names))).toEqual(names);
    expect(splitNames("")).toEqual([]);
  });
});

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

  it("is one transform for all pictures", () => {
    expect(transform({ scale: 2, x: 0.25, y: 0.5 })).toBe("translate(0.000%, -50.000%) scale(2)");
  });
});

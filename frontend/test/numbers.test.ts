import { describe, expect, it } from "vitest";
import type { Kind } from "../src/contract";
import { courseOf, sameTile } from "../src/courses";
import { marksOf, whyMissing } from "../src/flags";
import { turn, valueAt } from "../src/network";
import { GROUPS, layerMeaning, meaning, print } from "../src/numbers";
import { numbersOf } from "../src/sorting";

describe("a number", () => {
  it("is printed in its unit", () => {
    const said = ["kernel_drift", "probability", "dead", "kernel_cosine"].map((name) => print(0.123456, meaning(name)));
    expect(said).toEqual(["12\u2009%", "12\u2009%", "yes", "0.123"]);
    expect([print(1.5, meaning("kernel_drift")), print(0, meaning("kernel_drift")), print(0.00345, meaning("area"))]).toEqual(["150\u2009%", "0", "0.34\u2009%"]);
    expect([print(3, layerMeaning("dead")), print(1.234, layerMeaning("seconds")), print(null, meaning("area"))]).toEqual(["3", "1.2\u2009s", "\u2013"]);
  });

  it("of which nobody has heard keeps its own name", () => {
    expect(meaning("odd_new_number")).toMatchObject({ name: "odd new number", group: "" });
  });

  it("of a region goes by the region's name, after that of the object", () => {
    expect(meaning("energy_on_price_tag")).toMatchObject({ name: "energy on price tag", short: "on price tag", group: "Where the evidence is", unit: "share" });
    expect(layerMeaning("energy_on_sticker").text).toBe("Share of the evidence that lies on the sticker. Mean over the pictures.");
    expect(numbersOf([{ area: 0.1, energy_on_标签: 0.5, energy_inside: 0.2, pointing: true }])).toEqual(["energy_inside", "energy_on_标签", "pointing", "area"]);
  });

  it("has one line that explains it", () => {
    const all = ["score", "probability", "kernel_drift", "function_drift", "energy_inside", "twin_similarity"].map(meaning);
    for (const { text, group } of all) expect([text.endsWith("."), GROUPS.includes(group)]).toEqual([true, true]);
    expect(layerMeaning("kernel_drift").text).toContain("Median over the filters.");
    expect(layerMeaning("energy_inside").text).toContain("Mean over the pictures.");
  });
});

describe("the marks of a tile", () => {
  const tile = { filter: 1, score: 0, computed: 6 };
  const at = (step: number, unchanged = false) => ({ ref: { step }, facts: { unchanged } });

  it("say what is wrong with the filter, and why", () => {
    expect(marksOf({ ...tile, dead: true, reason: "silent on 8 pictures" }, at(6))).toEqual([{ text: "dead", why: "silent on 8 pictures", kind: "odd" }]);
    expect(marksOf({ ...tile, stuck: true }, at(6))[0]).toMatchObject({ text: "stuck", why: "it is active everywhere" });
    expect([marksOf(tile, at(6)), marksOf({ filter: 1, score: 2 }, at(6))]).toEqual([[], []]);
  });

  it("say that a picture is of an earlier step", () => {
    expect(marksOf(tile, at(9), "budget: 12 of 64 filters computed")).toEqual([{ text: "from step 6", why: "budget: 12 of 64 filters computed", kind: "old" }]);
    expect(marksOf(tile, at(9, true))).toEqual([]);
  });

  it("are not made of what a log should not hold", () => {
    const odd = { filter: 1, score: 0, dead: "yes", computed: null, reason: 3 };
    expect(marksOf(odd as never, at(6))).toEqual([]);
  });
});

describe("missing numbers", () => {
  const why = (kind: Kind, tile: object, probes = 8) => whyMissing({ kind, facts: { tiles: [tile], probes } });

  it("have a reason", () => {
    expect(why("patterns", { filter: 0 })).toContain("before drift was measured");
    expect(why("patterns", { kernel_drift: 0 }, 0)).toContain("No probe pictures");
    expect(why("heatmaps", { image: 0 })).toContain("before they were measured");
    expect(why("heatmaps", { area: 0.5 })).toContain("GradCAM(boxes=");
    expect([why("patterns", { kernel_drift: 0, function_drift: 0 }), why("heatmaps", { area: 0.5, energy_inside: 1 })]).toEqual(["", ""]);
  });
});

describe("a number over the steps", () => {
  const course = { steps: [0, 2, 4, 7], values: [0, 0.1, 0.5, null] };

  it("has a step over which it changed most", () => {
    expect(turn(course)).toEqual({ step: 4, by: 0.4 });
    expect([turn({ steps: [0, 1], values: [0, 0] }), turn({ steps: [], values: [] })]).toEqual([null, null]);
  });

  it("holds until it is known anew", () => {
    expect([0, 1, 2, 6, 9].map((step) => valueAt(course, step))).toEqual([0, 0, 0.1, 0.5, null]);
  });

  it("follows the filter, or the picture and the class of its map", () => {
    const tiles = [{ filter: 3, score: 1 }, { filter: 8, score: 2 }];
    expect(sameTile("patterns", tiles, 8, undefined)).toBe(tiles[1]);
    expect(sameTile("patterns", tiles, 9, undefined)).toBeNull();
    const maps = [{ image: 0, class_index: 1 }, { image: 0, class_index: 2 }, { image: 1, class_index: 1 }];
    expect(sameTile("heatmaps", maps, 0, 2)).toBe(maps[1]);
    expect(sameTile("heatmaps", maps, 1, 2)).toBeNull();
  });

  it("has gaps where the tile has not the number", () => {
    const past = [{ step: 0, tile: { drift: 0 }, refreshed: true }, { step: 1, tile: null, refreshed: false }];
    expect(courseOf(past, "drift")).toEqual({ steps: [0, 1], values: [0, null] });
  });
});

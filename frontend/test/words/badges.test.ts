import { describe, expect, it } from "vitest";
import type { Kind } from "../../src/data/contract";
import { marksOf, whyMissing } from "../../src/words/badges";

describe("the marks of a tile", () => {
  const tile = { filter: 1, score: 0, computed: 6 };
  const at = (step: number, unchanged = false) => ({ ref: { step }, facts: { unchanged } });

  it("say what is wrong with the filter, and why", () => {
    expect(marksOf({ ...tile, dead: true, reason: "silent on 8 pictures" }, at(6))).toEqual([
      { text: "dead", why: "silent on 8 pictures", kind: "odd" },
    ]);
    expect(marksOf({ ...tile, stuck: true }, at(6))[0]).toMatchObject({
      text: "stuck",
      why: "it is active everywhere",
    });
    expect([marksOf(tile, at(6)), marksOf({ filter: 1, score: 2 }, at(6))]).toEqual([[], []]);
  });

  it("say that a picture is of an earlier step", () => {
    expect(marksOf(tile, at(9), "budget: 12 of 64 filters computed")).toEqual([
      { text: "from step 6", why: "budget: 12 of 64 filters computed", kind: "old" },
    ]);
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
    expect([
      why("patterns", { kernel_drift: 0, function_drift: 0 }),
      why("heatmaps", { area: 0.5, energy_inside: 1 }),
    ]).toEqual(["", ""]);
  });
});

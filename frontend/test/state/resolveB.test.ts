import { describe, expect, it } from "vitest";
import type { RunIndex, Series } from "../../src/data/contract";
import { aligned, resolveB, resolveBeside, sameFilters } from "../../src/state/resolveB";
import { DEFAULT_VIEW } from "../../src/url/view";

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
  model: { written: 1, layers: [], failures: [], ...(baseline ? { baseline } : {}) },
  failures: [],
  end: null,
  problems: [],
});

describe("B", () => {
  const indexes = new Map([
    ["a", index("a", [series("conv1", [0, 2, 4, 8]), series("conv2", [2, 8])], "x")],
    ["b", index("b", [series("conv1", [0, 3, 6])], "x")],
  ]);
  const at = { run: "a", kind: "patterns", layer: "conv1", step: 4 } as const;
  const other = (part: object) => resolveB({ ...DEFAULT_VIEW, compareMode: "side", ...part }, at, indexes);

  it("is the first stored step unless another is chosen", () => {
    expect(other({})).toMatchObject({ run: "a", layer: "conv1", step: 0, baseline: true });
    expect(other({ compareStep: 7 })).toMatchObject({ step: 8, baseline: false });
    expect(other({ compareStep: "previous" })).toMatchObject({ step: 2 });
    expect(resolveB({ ...DEFAULT_VIEW, compareStep: "previous" }, { ...at, step: 0 }, indexes)).toMatchObject({
      step: null,
    });
  });

  it("of another run or layer stands where A stands, at or before", () => {
    expect(other({ compareRun: "b" })).toMatchObject({ run: "b", step: 3, baseline: false });
    expect(other({ compareLayer: "conv2" })).toMatchObject({ layer: "conv2", step: 2 });
    expect(other({ compareLayer: "gone" })).toMatchObject({ layer: "conv1", step: 0 });
    expect(other({ compareRun: "unknown" })).toBeNull();
  });

  it("may be one pinned tile", () => {
    expect(other({ compareRun: "a", compareLayer: "conv2", compareTile: 5, compareStep: 8 })).toMatchObject({
      layer: "conv2",
      tile: 5,
      step: 8,
    });
  });

  it("tells that a run lacks the layer, or has nothing so early", () => {
    const elsewhere = { ...at, layer: "conv2" };
    expect(resolveB({ ...DEFAULT_VIEW, compareRun: "b" }, elsewhere, indexes)).toMatchObject({
      series: null,
      step: null,
    });
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
});

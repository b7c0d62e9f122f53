import { describe, expect, it } from "vitest";
import type { RunEntry, RunIndex, Series } from "../../src/data/contract";
import { refAt } from "../../src/data/series";
import { arrived, chooseRun, layerRows, resolve, runSteps, walked } from "../../src/state/location";
import type { Wish } from "../../src/url/view";

const series = (kind: Series["kind"], layer: string, steps: number[]): Series => ({
  tag: layer ? `${kind}/${layer}` : kind,
  kind,
  layer,
  steps,
  wall_times: steps.map((step) => 1000 + step),
});

const facts = (layer: string) => ({
  layer,
  class_name: "Conv2D",
  shape: [8, 8, 4],
  filters: 4,
  trainable: true,
  kinds: [],
});

const INDEX: RunIndex = {
  run: "a/convviz",
  name: "a",
  series: [
    series("heatmaps", "conv3", [0, 1, 2, 3, 4]),
    series("inputs", "", [0, 3]),
    series("model", "", [0, 1, 2, 3, 4]),
    series("patterns", "conv1", [0, 1, 2, 3, 4]),
    series("patterns", "conv3", [0, 2, 4]),
    series("patterns", "unlisted", [0]),
  ],
  model: { written: 5, planned: 8, layers: [facts("conv3"), facts("conv1")], failures: [] },
  failures: [],
  end: null,
  problems: [],
};

const WISH: Wish = { run: null, kind: null, layer: null, step: null, tile: null };

describe("the place", () => {
  it("follows the newest step where none is wished for", () => {
    expect(resolve(WISH, INDEX).step).toBe(4);
  });

  it("stays where it was wished to be when new steps come", () => {
    const grown = { ...INDEX, series: [...INDEX.series.slice(1), series("heatmaps", "conv3", [0, 1, 2, 3, 4, 5])] };
    const more = {
      ...grown,
      series: grown.series.map((s) => (s.kind === "model" ? series("model", "", [0, 1, 2, 3, 4, 5]) : s)),
    };
    expect(resolve({ ...WISH, step: 3 }, more).step).toBe(3);
    expect(resolve(WISH, more).step).toBe(5);
  });

  it("counts a step only once the model facts announce it", () => {
    const half = { ...INDEX, series: [...INDEX.series, series("patterns", "conv9", [5])] };
    expect(runSteps(half).at(-1)).toBe(4);
  });

  it("starts patterns at the first and heatmaps at the last layer, in network order", () => {
    expect(layerRows(INDEX, "patterns").map((row) => row.layer)).toEqual(["conv3", "conv1", "unlisted"]);
    expect(resolve(WISH, INDEX)).toMatchObject({ kind: "patterns", layer: "conv3" });
    expect(resolve({ ...WISH, kind: "heatmaps", layer: "conv1" }, INDEX)).toMatchObject({
      kind: "heatmaps",
      layer: "conv3",
    });
  });

  it("keeps a layer that it has no step of, since the view says so", () => {
    expect(resolve({ ...WISH, layer: "conv3", step: 3 }, INDEX)).toMatchObject({ layer: "conv3", step: 3 });
    expect(refAt("a", INDEX.series[4]!, 3)).toBeNull();
    expect(refAt("a", INDEX.series[4]!, 2)).toEqual({ run: "a", tag: "patterns/conv3", step: 2, at: 1002 });
  });

  it("falls back to a kind that is stored", () => {
    const only = { ...INDEX, series: INDEX.series.filter((s) => s.kind !== "patterns") };
    expect(resolve({ ...WISH, kind: "patterns" }, only).kind).toBe("heatmaps");
  });

  it("follows again after walking back to the newest step", () => {
    expect(walked({ ...WISH, step: 2 }, [0, 2, 4], 4).step).toBeNull();
    expect(walked(WISH, [0, 2, 4], 2).step).toBe(2);
  });

  it("counts what came in since", () => {
    expect(arrived([0, 1, 2, 3], 1)).toBe(2);
    expect(arrived([0, 1], null)).toBe(0);
  });

  it("chooses the readable run that was written last", () => {
    const run = (name: string, wall_time: number, problem?: string): RunEntry => ({
      run: name,
      name,
      step: 0,
      wall_time,
      ...(problem ? { problem } : {}),
    });
    const runs = [run("a", 1), run("b", 3), run("c", 9, "newer format")];
    expect(chooseRun(runs, null)).toBe("b");
    expect(chooseRun(runs, "a")).toBe("a");
    expect(chooseRun(runs, "gone")).toBe("b");
    expect(chooseRun([], null)).toBeNull();
  });
});

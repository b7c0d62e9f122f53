import { describe, expect, it } from "vitest";
import type { HeatmapTile, InputFacts } from "../src/contract";
import { ago, duration, number, percent, plural, shape, split } from "../src/format";
import { actionOf, HELP } from "../src/keys";
import { grid } from "../src/layout";
import { pace } from "../src/pace";
import { verdict } from "../src/verdict";

describe("words", () => {
  it("print numbers in few digits and name what is not finite", () => {
    expect([1.9344, 0.5, 12345.6, -3, 0, 0.00059, 0.00001, null].map((value) => number(value))).toEqual([
      "1.93",
      "0.500",
      "12346",
      "\u22123.00",
      "0",
      "0.00059",
      "1.0e\u22125",
      "not finite",
    ]);
    expect([number(99.7, 2), number(0.998, 2), number(999.96)]).toEqual(["99.7", "1.0", "1000"]);
  });

  it("never round a probability to a certainty", () => {
    expect([0.913, 0.999, 0.001, 0, 1, null].map(percent)).toEqual(["91\u2009%", ">\u200999\u2009%", "<\u20091\u2009%", "0\u2009%", "100\u2009%", ""]);
  });

  it("print shapes, durations, counts and paths", () => {
    expect(shape([null, 9, 512])).toBe("?\u2009\u00d7\u20099\u2009\u00d7\u2009512");
    expect([0.0004, 0.81, 12.34, 125, "odd"].map(duration)).toEqual(["1 ms", "810 ms", "12.3 s", "2 min 5 s", ""]);
    expect([plural(1, "failure"), plural(2, "failure")]).toEqual(["1 failure", "2 failures"]);
    expect([split("vgg16/block5_conv3"), split("conv1")]).toEqual([
      ["vgg16/", "block5_conv3"],
      ["", "conv1"],
    ]);
    expect([ago(100, 130), ago(0, 3600 * 5), ago(0, 86400 * 2)]).toEqual(["just now", "5 h ago", "2 days ago"]);
  });
});

describe("a heatmap's verdict", () => {
  const tile = (class_index: number, predicted: number | null): HeatmapTile => ({
    image: 1,
    class_index,
    predicted,
    score: 1,
    probability: 0.5,
    minimum: 0,
    maximum: 1,
  });
  const inputs = (label: number | null, class_names = ["cat", "dog, hound"]): InputFacts => ({
    sheet: { count: 1, columns: 1, tile: [8, 8] },
    tiles: [{ image: 1, label }],
    class_names,
  });

  it("compares the prediction with the label, not with the class of the map", () => {
    expect(verdict(tile(1, 1), inputs(1))).toMatchObject({ title: "dog, hound", answer: "right", note: "correct" });
    expect(verdict(tile(0, 0), inputs(1))).toMatchObject({ answer: "wrong", note: "is dog" });
    expect(verdict(tile(1, 0), inputs(1))).toMatchObject({ title: "dog, hound", answer: "wrong", note: "predicted cat" });
    expect(verdict(tile(0, 1), inputs(1))).toMatchObject({ answer: "right", note: "predicted dog, correct" });
  });

  it("does without labels and without names", () => {
    expect(verdict(tile(1, 1), inputs(null))).toMatchObject({ answer: "unknown", note: "label not known" });
    expect(verdict(tile(3, 3), inputs(3, []))).toMatchObject({ title: "class 3", answer: "right" });
    expect(verdict(tile(3, 3), null)).toMatchObject({ title: "class 3", answer: "unknown" });
  });
});

describe("keys", () => {
  const press = (key: string, part: object = {}) =>
    actionOf({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...part });

  it("tell an arrow from a shifted one, and ask no Shift for ?", () => {
    expect([press("ArrowLeft"), press("ArrowLeft", { shiftKey: true })]).toEqual(["previous step", "first step"]);
    expect([press("?", { shiftKey: true }), press("F", { shiftKey: true }), press("y")]).toEqual(["help", "find", null]);
  });

  it("leave Ctrl, Cmd and Alt to the browser", () => {
    expect([press("f", { ctrlKey: true }), press("f", { metaKey: true }), press("ArrowLeft", { altKey: true })]).toEqual([null, null, null]);
  });

  it("are bound once each", () => {
    const bound = HELP.flatMap((help) => help.bindings).map(({ key, shift }) => `${shift ?? false} ${key}`);
    expect(new Set(bound).size).toBe(bound.length);
  });
});

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

describe("the pace", () => {
  it("is quick while training, slower when idle, and nothing while hidden", () => {
    const idle = { visible: true, lost: false, empty: false, training: false };
    expect([pace(idle), pace({ ...idle, training: true }), pace({ ...idle, visible: false })]).toEqual([20_000, 5_000, null]);
  });
});

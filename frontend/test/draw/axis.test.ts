import { describe, expect, it } from "vitest";
import type { Curve } from "../../src/data/contract";
import { axisOf, elapsed, fractionOn, labelledOn, spacedOn, stepAt, stepTimes, tickText } from "../../src/draw/axis";
import { chooseMetric, lines, metrics, valuesAt } from "../../src/draw/curves";

const STEPS = [0, 2, 8];
const WRITTEN = new Map([
  [0, 1000],
  [2, 1010],
  [8, 1100],
]);
const BY_STEP = axisOf("step", STEPS, WRITTEN);
const BY_TIME = axisOf("time", STEPS, WRITTEN);

const curve = (part: Curve["part"], values: (number | null)[], first = 1001, metric = "loss"): Curve => ({
  metric,
  part,
  steps: values.map((_, at) => at + 1),
  wall_times: values.map((_, at) => first + at),
  values,
});

describe("the axis", () => {
  it("spaces pictures so that none covers another, and the present step has one", () => {
    const many = axisOf(
      "step",
      Array.from({ length: 101 }, (_, step) => step),
      new Map(),
    );
    const shown = spacedOn(many, 500, 50, 33);
    expect(shown).toContain(33);
    expect([shown[0], shown.at(-1)]).toEqual([0, 100]);
    const gaps = shown.slice(1).map((step, at) => step - (shown[at] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10);
    expect(spacedOn(many, 500, 50, 1000)).not.toContain(1000);
  });

  it("lays steps out by number or by wall time", () => {
    expect(fractionOn(BY_STEP, 2)).toBe(0.25);
    expect(fractionOn(BY_TIME, 2)).toBe(0.1);
    expect(fractionOn(axisOf("step", [5], new Map()), 5)).toBe(0);
  });

  it("leads from a place back to the nearest stored step", () => {
    expect(stepAt(BY_STEP, 0.4)).toBe(2);
    expect(stepAt(BY_TIME, 0.4)).toBe(2);
    expect(stepAt(BY_TIME, 0.6)).toBe(8);
    expect(stepAt(BY_STEP, -1)).toBe(0);
    expect(stepAt(BY_STEP, 2)).toBe(8);
    expect(stepAt(axisOf("step", [], new Map()), 0)).toBeNull();
  });

  it("goes by step where the wall times cannot be used", () => {
    expect(axisOf("time", STEPS, new Map([[0, 1000]])).kind).toBe("step");
    expect(axisOf("time", STEPS, new Map(STEPS.map((step) => [step, 5]))).kind).toBe("step");
  });

  it("never runs backwards, even when a clock was set back", () => {
    const back = axisOf(
      "time",
      [0, 1, 2],
      new Map([
        [0, 100],
        [1, 90],
        [2, 200],
      ]),
    );
    expect(back.spots).toEqual([100, 100, 200]);
  });

  it("prints both ends, and what leaves room for them", () => {
    expect(labelledOn(axisOf("step", [0, 1, 2, 3, 4], new Map()), 400, 30)).toEqual([0, 1, 2, 3, 4]);
    expect(labelledOn(axisOf("step", [0, 1, 2, 3, 4], new Map()), 100, 40)).toEqual([0, 2, 4]);
    expect(labelledOn(axisOf("step", [0, 1], new Map()), 10, 40)).toEqual([0, 1]);
    expect(labelledOn(axisOf("step", [], new Map()), 10, 40)).toEqual([]);
  });

  it("prints steps, or the time since the first", () => {
    expect(tickText(BY_STEP, 8)).toBe("8");
    expect(tickText(BY_TIME, 8)).toBe("1:40");
    expect([0, 7, 67, 4210, 90000].map(elapsed)).toEqual([
      "0",
      "7\u2009s",
      "1:07",
      "1\u2009h\u200910",
      "1\u2009d\u20091\u2009h",
    ]);
  });

  it("knows when a step was written from the facts that close it", () => {
    const series = [
      { tag: "patterns/a", kind: "patterns" as const, layer: "a", steps: [0, 1, 2], wall_times: [10, 20, 30] },
      { tag: "model", kind: "model" as const, layer: "", steps: [0, 1], wall_times: [11, 21] },
    ];
    const index = { run: "r", name: "r", series, model: null, failures: [], end: null, problems: [] };
    expect([...stepTimes(index)]).toEqual([
      [0, 11],
      [1, 21],
      [2, 30],
    ]);
  });
});

describe("a curve", () => {
  it("is the metric asked for, else the first, else none", () => {
    const both = [curve("train", [1]), curve("train", [1], 1001, "accuracy"), curve("validation", [1])];
    expect(metrics(both)).toEqual(["loss", "accuracy"]);
    expect(chooseMetric(both, "accuracy")).toBe("accuracy");
    expect(chooseMetric(both, "gone")).toBe("loss");
    expect(chooseMetric(both, "none")).toBeNull();
    expect(chooseMetric([], null)).toBeNull();
  });

  it("shares one scale between both parts, and leaves a gap where a value is not finite", () => {
    const drawn = lines([curve("train", [4, null, 0, 1], 1009), curve("validation", [2])], "loss", BY_STEP);
    expect(drawn[0]?.pieces).toEqual([
      [[0.125, 1]],
      [
        [0.375, 0],
        [0.5, 0.25],
      ],
    ]);
    expect(drawn[1]?.pieces).toEqual([[[0.125, 0.5]]]);
  });

  it("lies by wall time on an axis of wall time", () => {
    expect(lines([curve("train", [1, 2], 1010)], "loss", BY_TIME)[0]?.pieces).toEqual([
      [
        [0.1, 0],
        [0.11, 1],
      ],
    ]);
  });

  it("of a second fit that Keras counts from 0 again lies where it was written", () => {
    const every = axisOf("step", [0, 1, 2, 3, 4], new Map([0, 1, 2, 3, 4].map((step) => [step, 1000 + 10 * step])));
    const second = { ...curve("train", [1, 2]), wall_times: [1029, 1039] };
    expect(lines([second], "loss", every)[0]?.pieces[0]?.map(([x]) => x * 4)).toEqual([2.9, 3.9]);
    expect(valuesAt([second], "loss", every, 1).size).toBe(0);
    expect(valuesAt([second], "loss", every, 3).get("train")).toBe(1);
  });

  it("tells the values of a step, by part", () => {
    const both = [curve("train", [4, 3]), curve("validation", [null, 5])];
    expect([...valuesAt(both, "loss", BY_STEP, 2)]).toEqual([
      ["train", 3],
      ["validation", 5],
    ]);
    expect(valuesAt(both, "loss", BY_STEP, 0).size).toBe(0);
  });
});

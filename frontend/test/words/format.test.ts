import { describe, expect, it } from "vitest";
import { ago, duration, initials, number, percent, plural, power, shape, split } from "../../src/words/format";

describe("words", () => {
  it("shorten the names of layers to what tells them apart, and learning rates to their power", () => {
    expect(["relu_42", "base/block_13_expand_relu", "conv2d"].map(initials)).toEqual(["r42", "b13er", "c2d"]);
    expect([1e-4, 0.003, 7.62e-5, 1].map(power)).toEqual(["1e\u22124", "3e\u22123", "7.6e\u22125", "1e0"]);
  });

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
    expect([0.913, 0.999, 0.001, 0, 1, null].map(percent)).toEqual([
      "91\u2009%",
      ">\u200999\u2009%",
      "<\u20091\u2009%",
      "0\u2009%",
      "100\u2009%",
      "",
    ]);
  });

  it("print shapes, durations, counts and paths", () => {
    expect(shape([null, 9, 512])).toBe("?\u2009\u00d7\u20099\u2009\u00d7\u2009512");
    expect([0.0004, 0.81, 12.34, 125, null].map(duration)).toEqual(["1 ms", "810 ms", "12.3 s", "2 min 5 s", ""]);
    expect([plural(1, "failure"), plural(2, "failure")]).toEqual(["1 failure", "2 failures"]);
    expect([split("vgg16/block5_conv3"), split("conv1")]).toEqual([
      ["vgg16/", "block5_conv3"],
      ["", "conv1"],
    ]);
    expect([ago(100, 130), ago(0, 3600 * 5), ago(0, 86400 * 2)]).toEqual(["just now", "5 h ago", "2 days ago"]);
  });
});

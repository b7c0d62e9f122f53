import { describe, expect, it } from "vitest";
import type { HeatmapTile, InputFacts } from "../../src/data/contract";
import { verdict } from "../../src/words/classification";

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
    expect(verdict(tile(1, 0), inputs(1))).toMatchObject({
      title: "dog, hound",
      answer: "wrong",
      note: "predicted cat",
    });
    expect(verdict(tile(0, 1), inputs(1))).toMatchObject({ answer: "right", note: "predicted dog, correct" });
  });

  it("does without labels and without names", () => {
    expect(verdict(tile(1, 1), inputs(null))).toMatchObject({ answer: "unknown", note: "" });
    expect(verdict(tile(3, 3), inputs(3, []))).toMatchObject({ title: "class 3", answer: "right" });
    expect(verdict(tile(3, 3), null)).toMatchObject({ title: "class 3", answer: "unknown" });
  });

  it("takes all classes of a picture for right", () => {
    const several = (labels: number[]): InputFacts => ({
      ...inputs(null, ["cat", "dog", "bird", "fish", "ant"]),
      tiles: [{ image: 1, label: null, labels }],
    });
    expect(verdict(tile(0, 0), several([0, 2]))).toMatchObject({ answer: "right", note: "correct" });
    expect(verdict(tile(2, 2), several([0, 2]))).toMatchObject({ answer: "right", note: "correct" });
    expect(verdict(tile(2, 0), several([0, 2]))).toMatchObject({ answer: "right", note: "predicted cat, correct" });
    expect(verdict(tile(1, 1), several([0, 2]))).toMatchObject({ answer: "wrong", note: "is cat and bird" });
    expect(verdict(tile(0, 1), several([0, 2]))).toMatchObject({ answer: "wrong", note: "predicted dog" });
    expect(verdict(tile(1, 1), several([0, 2, 3]))).toMatchObject({ note: "is cat, bird and fish" });
    expect(verdict(tile(1, 1), several([0, 2, 3, 4]))).toMatchObject({ note: "is cat, bird and 2 more" });
    expect(verdict(tile(1, 1), several([]))).toMatchObject({ answer: "unknown" });
  });
});

import { describe, expect, it } from "vitest";
import { turn, valueAt } from "../../src/state/layerChart";

describe("a number over the steps", () => {
  const course = { steps: [0, 2, 4, 7], values: [0, 0.1, 0.5, null] };

  it("has a step over which it changed most", () => {
    expect(turn(course)).toEqual({ step: 4, by: 0.4 });
    expect([turn({ steps: [0, 1], values: [0, 0] }), turn({ steps: [], values: [] })]).toEqual([null, null]);
  });

  it("holds until it is known anew", () => {
    expect([0, 1, 2, 6, 9].map((step) => valueAt(course, step))).toEqual([0, 0, 0.1, 0.5, null]);
  });
});

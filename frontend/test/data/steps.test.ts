import { describe, expect, it } from "vitest";
import { atOrBefore, meaning, moved, nearest, union } from "../../src/data/steps";

describe("stored steps", () => {
  it("are gathered from all series, each once and in order", () => {
    expect(union([[0, 4, 8], [], [4, 6]])).toEqual([0, 4, 6, 8]);
  });

  it("snap to the nearest, to the earlier of two equally near", () => {
    expect(nearest([0, 4, 8], 5)).toBe(4);
    expect(nearest([0, 4, 8], 6)).toBe(4);
    expect(nearest([0, 4, 8], 99)).toBe(8);
    expect(nearest([], 3)).toBeNull();
  });

  it("are walked one by one and held at both ends", () => {
    expect(moved([0, 4, 8], 4, 1)).toBe(8);
    expect(moved([0, 4, 8], 8, 1)).toBe(8);
    expect(moved([0, 4, 8], 0, -1)).toBe(0);
    expect(moved([], 0, 1)).toBeNull();
  });

  it("find what was valid at a step", () => {
    expect(atOrBefore([0, 3], 2)).toBe(0);
    expect(atOrBefore([0, 3], 3)).toBe(3);
    expect(atOrBefore([2], 1)).toBeNull();
  });

  it("say what they mean", () => {
    expect([0, 1, 3].map(meaning)).toEqual(["before training, baseline", "after 1 epoch", "after 3 epochs"]);
  });
});

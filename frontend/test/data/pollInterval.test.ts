import { describe, expect, it } from "vitest";
import { pace } from "../../src/data/pollInterval";

describe("the pace", () => {
  it("is quick while training, slower when idle, and nothing while hidden", () => {
    const idle = { visible: true, lost: false, empty: false, training: false };
    expect([pace(idle), pace({ ...idle, training: true }), pace({ ...idle, visible: false })]).toEqual([
      20_000,
      5_000,
      null,
    ]);
  });
});

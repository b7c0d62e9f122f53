import { describe, expect, it } from "vitest";
import type { RunIndex } from "../../src/data/contract";
import { kept, training } from "../../src/state/store";
import { indexOf, open, series } from "../support/page";

const NOW = 1000;

function ended(end: RunIndex["end"]): void {
  const held = indexOf("run", [series("conv", [0, 1, 2])]);
  open([{ ...held, model: { written: 3, layers: [], failures: [], planned: 8 }, end }]);
}

describe("the end of a training", () => {
  it("is that of a run that says so, whatever was planned", () => {
    ended(null);
    expect(training(NOW)).toEqual({ step: 2, planned: 8 });
    ended({ failures: [], stopped: true });
    expect(training(NOW)).toBeNull();
  });

  it("tells which weights were kept, if others than the last", () => {
    ended({ failures: [], stopped: true });
    expect(kept.value).toBeUndefined();
    ended({ failures: [], kept: 1 });
    expect(kept.value).toBe(1);
    ended({ failures: [], kept: null });
    expect(kept.value).toBeNull();
  });
});

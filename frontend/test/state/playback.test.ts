import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { remembered } from "../../src/data/sheets";
import { watchPlay } from "../../src/state/playback";
import { A, fill } from "../../src/state/slot";
import { looping, place, playing, speed, view, visible, wanted } from "../../src/state/store";
import { indexOf, open, series, sheetOf } from "../support/page";

vi.mock("../../src/data/sheets", () => ({ load: vi.fn(), pin: vi.fn(), remembered: vi.fn() }));

const FRAME = 600;
let reduced = false;
let stop = (): void => undefined;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", { matchMedia: () => ({ matches: reduced }) });
  vi.mocked(remembered).mockImplementation((wish) => sheetOf(wish));
  open([indexOf("run", [series("conv", [0, 1, 2])])], { step: 0 });
  [visible.value, looping.value, speed.value, playing.value] = [true, false, 1, true];
  fill(A, wanted.value, true);
  stop = watchPlay();
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  reduced = false;
});

const step = () => place.value?.step;
const passes = (time: number) => vi.advanceTimersByTimeAsync(time);

describe("playing", () => {
  it("walks a step each frame and ends at the newest", async () => {
    await passes(FRAME);
    expect(step()).toBe(1);
    await passes(FRAME);
    expect([step(), playing.value]).toEqual([2, false]);
  });

  it("waits for the picture of a step", async () => {
    fill(A, "unknown", true);
    await passes(FRAME * 5);
    expect(step()).toBe(0);
    fill(A, wanted.value, true);
    await passes(FRAME);
    expect(step()).toBe(1);
  });

  it("begins anew where it is to", async () => {
    looping.value = true;
    view.value = { ...view.value, step: null };
    await passes(FRAME);
    expect([step(), playing.value]).toEqual([0, true]);
  });

  it("rests while nobody looks, and when it is stopped", async () => {
    visible.value = false;
    await passes(FRAME * 2);
    expect(step()).toBe(0);
    visible.value = true;
    stop();
    await passes(FRAME * 2);
    expect(step()).toBe(0);
  });

  it("goes at the speed wished for, but never at a flicker for those who must not see one", async () => {
    speed.value = 4;
    await passes(FRAME / 4);
    expect(step()).toBe(1);
    reduced = true;
    view.value = { ...view.value, step: 0 };
    await passes(FRAME / 4);
    expect(step()).toBe(0);
    await passes(FRAME);
    expect(step()).toBe(1);
  });
});

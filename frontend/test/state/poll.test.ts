import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AnswerError, fetchIndex, fetchRuns } from "../../src/data/api";
import { dropped, lost } from "../../src/data/connection";
import type { RunEntry, RunIndex } from "../../src/data/contract";
import { pause, refresh, watchAnswers, watchRuns } from "../../src/state/poll";
import { faults, indexes, place, runs, seen, view, visible } from "../../src/state/store";
import { entryOf, indexOf, open, series } from "../support/page";

vi.mock("../../src/data/api", async (original) => ({
  ...(await original<object>()),
  fetchRuns: vi.fn(),
  fetchIndex: vi.fn(),
  fetchCurves: vi.fn(async () => []),
  fetchProfile: vi.fn(async () => []),
}));

let stop = (): void => undefined;
let stored: RunIndex[] = [];
let entries: RunEntry[] = [];
const asked = () => vi.mocked(fetchIndex).mock.calls.map(([run]) => run);
const given = () =>
  vi
    .mocked(fetchIndex)
    .mock.calls.filter(([, signal]) => !signal.aborted)
    .map(([run]) => run);
const store = (...all: RunIndex[]) => {
  stored = all;
  entries = all.map(entryOf);
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "debug").mockImplementation(() => undefined);
  vi.mocked(fetchRuns)
    .mockReset()
    .mockImplementation(async () => entries);
  vi.mocked(fetchIndex)
    .mockReset()
    .mockImplementation(async (run) => stored.find((index) => index.run === run) as RunIndex);
  open([]);
  runs.value = null;
  [visible.value, lost.value, dropped.value, faults.value] = [true, false, null, new Map()];
});

afterEach(() => {
  stop();
  pause();
  vi.useRealTimers();
});

describe("asking what is new", () => {
  it("reads an index once for each state of its run, and only of runs that are looked at", async () => {
    store(indexOf("a", [series("conv", [0, 1])]), indexOf("other", [series("conv", [0])]));
    view.value = { ...view.value, run: "a" };
    await refresh();
    await refresh();
    expect([asked(), place.value?.step]).toEqual([["a"], 1]);
    store(indexOf("a", [series("conv", [0, 1, 2])]));
    await refresh();
    expect([asked(), place.value?.step]).toEqual([["a", "a"], 2]);
  });

  it("goes on at its pace until it pauses", async () => {
    store(indexOf("b", [series("conv", [0])]));
    await refresh();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(fetchRuns).toHaveBeenCalledTimes(2);
    pause();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fetchRuns).toHaveBeenCalledTimes(2);
  });

  it("tells why an index cannot be had, until it can", async () => {
    store(indexOf("c", [series("conv", [0])]));
    vi.mocked(fetchIndex).mockRejectedValueOnce(new AnswerError(500, "broken"));
    await refresh();
    expect([faults.value.get("c"), lost.value]).toEqual(["broken", false]);
    await refresh();
    expect([faults.value.size, indexes.value.has("c")]).toEqual([0, true]);
  });

  it("follows the newest step, but notes what a reader who stands elsewhere has seen", async () => {
    store(indexOf("d", [series("conv", [0, 1])]));
    view.value = { ...view.value, step: 0 };
    await refresh();
    store(indexOf("d", [series("conv", [0, 1, 2])]));
    await refresh();
    expect([seen.value, place.value?.step]).toEqual([1, 0]);
  });

  it("says when nobody answers, asks sooner then, and says when it is over", async () => {
    store(indexOf("e", [series("conv", [0])]));
    vi.mocked(fetchRuns).mockRejectedValueOnce(new TypeError("Failed to fetch"));
    await refresh();
    expect(lost.value).toBe(true);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(lost.value).toBe(false);
  });
});

describe("what makes it ask at once", () => {
  it("is another run to look at, and the tab that is back", async () => {
    store(indexOf("f", [series("conv", [0])]), indexOf("g", [series("conv", [0])]));
    stop = watchRuns();
    await vi.waitFor(() => expect(given()).toEqual(["f"]));
    view.value = { ...view.value, run: "g" };
    await vi.waitFor(() => expect(given().at(-1)).toBe("g"));
    visible.value = false;
    const before = vi.mocked(fetchRuns).mock.calls.length;
    visible.value = true;
    expect(vi.mocked(fetchRuns).mock.calls.length).toBe(before + 1);
  });

  it("is a request that nobody answered", async () => {
    stop = watchAnswers();
    lost.value = true;
    await vi.waitFor(() => expect(lost.value).toBe(false));
    expect(fetchRuns).toHaveBeenCalledTimes(1);
  });

  it("is an event that is gone: its index is read again, once", async () => {
    store(indexOf("h", [series("conv", [0])]));
    await refresh();
    stop = watchAnswers();
    dropped.value = { run: "h", tag: "patterns/conv", step: 0, at: 0.5 };
    await vi.waitFor(() => expect(asked()).toEqual(["h", "h"]));
    dropped.value = { ...dropped.value };
    await refresh();
    expect(asked()).toEqual(["h", "h"]);
  });
});

import { beforeEach, describe, expect, it, vi } from "vitest";
import { load, remembered } from "../../src/data/sheets";
import {
  b,
  besideRuns,
  comparing,
  neededRuns,
  others,
  slotOfB,
  wantedBeside,
  watchOthers,
} from "../../src/state/compare";
import { A, B, fill, onScreen, screenOf } from "../../src/state/slot";
import { indexes, view, visible } from "../../src/state/store";
import { indexOf, open, series, sheetOf } from "../support/page";

vi.mock("../../src/data/sheets", () => ({ load: vi.fn(), pin: vi.fn(), remembered: vi.fn() }));

const one = indexOf("one", [series("conv", [0, 2, 4]), series("late", [4])]);
const two = indexOf("two", [series("conv", [0, 3])]);
const asked = () => vi.mocked(load).mock.calls.map(([{ ref }]) => `${ref.run} ${ref.step}`);

beforeEach(() => {
  vi.mocked(load)
    .mockReset()
    .mockImplementation(async (wanted) => sheetOf(wanted));
  vi.mocked(remembered).mockReset();
  visible.value = true;
  open([one, two], { run: "one", layer: "conv", step: 4 });
  fill(A, "unknown", false);
});

describe("what is compared", () => {
  it("is nothing until it is asked for", () => {
    expect([b.value, comparing.value, neededRuns.value, others.value.size]).toEqual([null, false, [], 0]);
  });

  it("are runs that are there, besides that of A", () => {
    view.value = { ...view.value, beside: "two,gone,one" };
    expect([besideRuns.value, neededRuns.value]).toEqual([["two"], ["two"]]);
    expect(others.value.get("two")).toMatchObject({ run: "two", step: 3 });
    expect(wantedBeside("two", 2)?.ref).toMatchObject({ run: "two", step: 0, at: 0.5 });
  });

  it("is another run as B, which waits for its index", () => {
    view.value = { ...view.value, compareMode: "side", compareRun: "two" };
    indexes.value = new Map([["one", one]]);
    expect([neededRuns.value, others.value.get(B)]).toEqual([["two"], null]);
    indexes.value = new Map([
      ["one", one],
      ["two", two],
    ]);
    expect(b.value).toMatchObject({ run: "two", step: 3 });
  });

  it("is for each column a step of its own run, unless B is another run", () => {
    view.value = { ...view.value, compareMode: "side", beside: "two" };
    expect(slotOfB("one")).toBe(B);
    expect(others.value.get(slotOfB("two"))).toMatchObject({ run: "two", step: 0 });
    view.value = { ...view.value, compareRun: "one" };
    expect(others.value.get(slotOfB("two"))).toMatchObject({ run: "one", step: 4 });
  });

  it("is a tile only while one is enlarged", () => {
    view.value = { ...view.value, compareMode: "side", compareTile: 3 };
    expect(comparing.value).toBe(false);
    view.value = { ...view.value, tile: 1 };
    expect(comparing.value).toBe(true);
  });
});

describe("the slots beside that of A", () => {
  it("are filled, emptied, and asked for only when something else is wanted", async () => {
    const stop = watchOthers();
    view.value = { ...view.value, compareMode: "side", beside: "two" };
    await vi.waitFor(() => expect(screenOf(slotOfB("two")).status).toBe("ready"));
    expect(asked()).toEqual(["one 0", "two 3", "two 0"]);
    view.value = { ...view.value, alpha: 10 };
    expect(asked().length).toBe(3);
    view.value = { ...view.value, compareMode: null, beside: "" };
    expect([onScreen.value, screenOf(B).loaded]).toEqual([[], null]);
    stop();
  });

  it("say where the other has nothing", () => {
    const stop = watchOthers();
    view.value = { ...view.value, layer: "late", beside: "two" };
    expect(screenOf("two").status).toBe("absent");
    expect(asked()).toEqual([]);
    stop();
  });

  it("wait while nobody looks", async () => {
    visible.value = false;
    const stop = watchOthers();
    view.value = { ...view.value, compareMode: "side" };
    expect(asked()).toEqual([]);
    visible.value = true;
    await vi.waitFor(() => expect(screenOf(B).status).toBe("ready"));
    stop();
    view.value = { ...view.value, compareStep: 2 };
    expect(asked()).toEqual(["one 0"]);
  });
});

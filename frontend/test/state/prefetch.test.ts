import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { lost } from "../../src/data/connection";
import { type Loaded, load, remembered } from "../../src/data/sheets";
import { watchPlace } from "../../src/state/prefetch";
import { screen, view } from "../../src/state/store";
import { indexOf, open, series, sheetOf } from "../support/page";

vi.mock("../../src/data/sheets", () => ({ load: vi.fn(), pin: vi.fn(), remembered: vi.fn() }));

const STEPS = [...Array(20).keys()];
let stop = (): void => undefined;
let come: (loaded: Loaded) => void = () => undefined;
const asked = () => vi.mocked(load).mock.calls.map(([{ ref }]) => ref.step);

beforeEach(() => {
  vi.mocked(load)
    .mockReset()
    .mockImplementation(() => new Promise((resolve) => (come = resolve)));
  vi.mocked(remembered).mockReset();
  lost.value = false;
  open([indexOf("run", [series("conv", STEPS)])], { step: 5 });
  stop = watchPlace();
});

afterEach(() => stop());

it("after a jump the step itself comes first, then those around it", async () => {
  vi.mocked(load).mockClear();
  view.value = { ...view.value, step: 12 };
  expect(asked()).toEqual([12]);
  come(sheetOf({ ref: { run: "run", tag: "patterns/conv", step: 12, at: 12.5 }, inputs: null }));
  await vi.waitFor(() => expect(asked()).toEqual([12, 13, 11, 14, 10, 15, 16, 17, 18]));
  expect(screen.value.status).toBe("ready");
});

it("who walks on finds what lies ahead already asked for, also backwards", () => {
  vi.mocked(load).mockClear();
  view.value = { ...view.value, step: 4 };
  expect(asked()).toEqual([4, 3, 5, 2, 6, 1, 0, 0, 0]);
});

it("what is at hand is not asked for", () => {
  vi.mocked(load).mockClear();
  vi.mocked(remembered).mockImplementation((wish) => (wish.ref.step > 5 ? undefined : sheetOf(wish)));
  view.value = { ...view.value, step: 4 };
  expect([screen.value.status, asked()]).toEqual(["ready", [6]]);
});

it("nothing is asked for while nobody answers", () => {
  lost.value = true;
  vi.mocked(load).mockClear();
  view.value = { ...view.value, step: 12 };
  expect([screen.value.status, asked()]).toEqual(["loading", []]);
});

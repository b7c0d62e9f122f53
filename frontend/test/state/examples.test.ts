import { beforeEach, expect, it, vi } from "vitest";
import type { Ref } from "../../src/data/contract";
import { factsOf, gather } from "../../src/data/facts";
import { run } from "../../src/state/commands";
import {
  examplesBeside,
  gatherExamples,
  opened,
  pickExamples,
  picturesBefore,
  searchedSteps,
  showsExamples,
  walkOpened,
} from "../../src/state/examples";
import { view } from "../../src/state/store";
import { indexOf, open, series } from "../support/page";

vi.mock("../../src/data/facts", async (original) => ({
  ...(await original<object>()),
  factsOf: vi.fn(),
  gather: vi.fn(),
}));

const NEW = indexOf("new", [series("a", [0, 1, 2]), series("a", [0, 2], "examples"), series("b", [0])]);
const OLD = indexOf("old", [series("a", [0, 1])]);
const PATTERNS: Ref = { run: "new", tag: "patterns/a", step: 1, at: 1.5 };

beforeEach(() => {
  vi.mocked(factsOf).mockReset();
  open([NEW, OLD], { run: "new", layer: "a" });
});

it("are shown beside patterns once they are asked for, where a run has some", () => {
  expect(showsExamples()).toBe(false);
  pickExamples();
  expect([showsExamples(), view.value.page]).toEqual([true, "tiles"]);
  run("patterns");
  expect(showsExamples()).toBe(false);
  open([NEW, OLD], { run: "old", layer: "a" });
  run("examples");
  expect(view.value.examples).toBe(false);
});

it("of a sheet are those of its step, or the last before it", () => {
  expect(examplesBeside(PATTERNS)?.ref).toMatchObject({ run: "new", tag: "examples/a", step: 0 });
  expect(examplesBeside({ ...PATTERNS, step: 2 })?.ref.step).toBe(2);
  expect(examplesBeside({ ...PATTERNS, run: "old" })).toBeNull();
});

it("of the layer on screen are asked for without their pictures", () => {
  expect(searchedSteps()).toEqual([0, 2]);
  gatherExamples();
  expect(vi.mocked(gather).mock.lastCall?.[0].map(({ tag, step }) => [tag, step])).toEqual([
    ["examples/a", 0],
    ["examples/a", 2],
  ]);
});

it("are new against those of the step before, as far as that is known", () => {
  const now: Ref = { run: "new", tag: "examples/a", step: 2, at: 2.5 };
  expect(picturesBefore(now, 5)).toBeNull();
  vi.mocked(factsOf).mockImplementation((({ step }: Ref) =>
    step === 0 ? { tiles: [{ filter: 5, pictures: [7, 3] }] } : undefined) as never);
  expect(picturesBefore(now, 5)).toEqual([7, 3]);
  expect(picturesBefore(now, 6)).toBeNull();
  expect(picturesBefore({ ...now, step: 0 }, 5)).toBeNull();
});

it("are walked through one by one, and what is open closes before anything else does", () => {
  const all = [{}, {}] as never[];
  opened.value = { all, nth: 0, examples: {} as never };
  walkOpened(-1);
  expect(opened.value.nth).toBe(0);
  walkOpened(1);
  walkOpened(1);
  expect(opened.value.nth).toBe(1);
  view.value = { ...view.value, tile: 5 };
  expect(run("close")).toBe(true);
  expect([opened.value, view.value.tile]).toEqual([null, 5]);
  run("close");
  expect(view.value.tile).toBeNull();
});

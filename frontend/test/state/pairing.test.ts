import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Heatmaps, load, remembered, type Wanted } from "../../src/data/sheets";
import { watchOthers } from "../../src/state/compare";
import { bOf, difference, isOwnB, otherClass, paired, positionInB, scaleOfDifference } from "../../src/state/pairing";
import { A, fill } from "../../src/state/slot";
import { screen, view, wanted } from "../../src/state/store";
import { indexOf, open, series, sheetOf } from "../support/page";

vi.mock("../../src/data/sheets", () => ({ load: vi.fn(), pin: vi.fn(), remembered: vi.fn() }));

/** Two maps of two pixels each, side by side; the grey level of the step is that of the first. */
const maps = (wish: Wanted, classes: readonly number[] = [7, 8]): Heatmaps =>
  ({
    kind: "heatmaps",
    ref: wish.ref,
    facts: {
      sheet: { count: 2, columns: 2, tile: [1, 2] },
      tiles: classes.map((index, image) => ({ image, class_index: index, minimum: 0, maximum: 1 })),
    },
    grey: { width: 4, height: 1, data: new Uint8Array([wish.ref.step, 0, 0, 255]) },
    inputs: null,
  }) as unknown as Heatmaps;

const one = indexOf("one", [series("conv", [0, 51]), series("conv", [0, 51], "heatmaps")]);
const two = indexOf("two", [series("conv", [0, 51]), series("conv", [0, 51], "heatmaps")]);

async function shown(): Promise<void> {
  fill(A, wanted.value, true);
  watchOthers()();
  await vi.waitFor(() => expect(screen.value.status).toBe("ready"));
  await Promise.resolve();
}

beforeEach(() => {
  vi.mocked(remembered).mockImplementation((wish) => (wish.ref.tag.startsWith("heat") ? maps(wish) : sheetOf(wish)));
  vi.mocked(load).mockReset();
  open([one, two], { run: "one", kind: "patterns", layer: "conv", step: 51 });
});

describe("the B of a sheet", () => {
  it("is the same filter wherever it lies in the sheet of B, or the pinned one", async () => {
    vi.mocked(remembered).mockImplementation((wish) => sheetOf(wish, wish.ref.step === 0 ? [5, 3, 9] : [3, 5]));
    view.value = { ...view.value, compareMode: "side" };
    await shown();
    const a = screen.value.loaded;
    if (!a) throw new Error("nothing is shown");
    expect(bOf(a)?.ref.step).toBe(0);
    expect([positionInB(3, a, 0), positionInB(4, a, 0)]).toEqual([1, -1]);
    view.value = { ...view.value, tile: 3, compareTile: 9 };
    expect(positionInB(3, a, 0)).toBe(2);
  });

  it("is none while nothing is compared", async () => {
    await shown();
    const a = screen.value.loaded;
    expect(a && [bOf(a), positionInB(0, a, 0), paired(a)]).toEqual([null, -1, false]);
  });

  it("is itself in the column of the run that all are compared with", async () => {
    view.value = { ...view.value, compareMode: "side", compareRun: "two", beside: "two" };
    await shown();
    const a = screen.value.loaded;
    const other = a && bOf(a);
    expect(a && other && [isOwnB(a), isOwnB(other), paired(a)]).toEqual([false, true, true]);
  });

  it("is a map of the same picture, and says so where its class is another", () => {
    const [a, other] = [maps({ ref: ref(51), inputs: null }), maps({ ref: ref(0), inputs: null }, [7, 9])];
    expect([otherClass(a, 0, other, 0), otherClass(a, 1, other, 1)]).toEqual([null, 9]);
  });
});

describe("the difference of two maps", () => {
  it("is that of their raw values, on a scale of all tiles", async () => {
    view.value = { ...view.value, kind: "heatmaps", compareMode: "difference" };
    await shown();
    const a = screen.value.loaded;
    const other = a && bOf(a);
    const plane = a && other && difference(a, 0, other, 0);
    expect(plane && [plane.width, plane.data[0], plane.data[1]]).toEqual([2, expect.closeTo(0.2), 0]);
    expect(scaleOfDifference.value).toBeCloseTo(0.2);
    view.value = { ...view.value, compareMode: "side" };
    expect(scaleOfDifference.value).toBe(0);
  });
});

function ref(step: number) {
  return { run: "one", tag: "heatmaps/conv", step, at: step };
}

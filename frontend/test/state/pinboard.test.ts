import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  goToPin,
  isPinned,
  pinnedRuns,
  pinOf,
  pins,
  rememberedPins,
  togglePin,
  unpinAll,
  wantedBy,
} from "../../src/state/pinboard";
import { indexes, view } from "../../src/state/store";
import { parsePins, writePins } from "../../src/url/pins";
import { indexOf, open, series } from "../support/page";

const kept = new Map<string, string>();
const pin = (run: string, tile: number, kind: "patterns" | "heatmaps" = "patterns") => ({
  run,
  kind,
  layer: "conv",
  tile,
});

beforeEach(() => {
  kept.clear();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => kept.set(key, text),
  });
  open(
    [
      indexOf("one", [series("conv", [0, 2]), series("conv", [0, 2], "heatmaps"), series("", [0], "inputs")]),
      indexOf("two", [series("conv", [0])]),
    ],
    { run: "one", kind: "patterns", layer: "conv", step: 2 },
  );
});

describe("the pinboard", () => {
  it("pins and lets go, in the address and in the memory of the browser", () => {
    const own = pinOf(3);
    expect(own).toEqual(pin("one", 3));
    togglePin(pin("one", 3));
    expect([isPinned(3), isPinned(4), pinnedRuns.value]).toEqual([true, false, ["one"]]);
    expect(rememberedPins()).toBe(view.value.pins);
    togglePin(pin("one", 3));
    expect([isPinned(3), rememberedPins()]).toEqual([false, ""]);
  });

  it("keeps pins of runs that are not here, unseen", () => {
    view.value = { ...view.value, pins: writePins([pin("gone", 1), pin("two", 2)]) };
    expect(pins.value).toEqual([pin("two", 2)]);
    unpinAll();
    expect(parsePins(view.value.pins)).toEqual([pin("gone", 1)]);
  });

  it("wants the step on screen, or the last one stored before it", () => {
    expect(wantedBy(pin("one", 3))?.ref).toMatchObject({ run: "one", step: 2, at: 2.5 });
    expect(wantedBy(pin("two", 3))).toEqual({
      ref: { run: "two", tag: "patterns/conv", step: 0, at: 0.5 },
      inputs: null,
    });
    expect(wantedBy(pin("one", 0, "heatmaps"))?.inputs).toMatchObject({ tag: "inputs", step: 0 });
    indexes.value = new Map([...indexes.value].filter(([run]) => run === "one"));
    expect(wantedBy(pin("two", 3))).toBeNull();
  });

  it("leads to the tile at the step where one stands; who follows the newest goes on following", () => {
    goToPin(pin("two", 5));
    expect(view.value).toMatchObject({ run: "two", tile: 5, step: 2 });
    view.value = { ...view.value, step: null };
    goToPin(pin("one", 1));
    expect(view.value).toMatchObject({ run: "one", tile: 1, step: null });
  });

  it("works where the browser remembers nothing", () => {
    vi.stubGlobal("localStorage", {
      getItem: () => {
        throw new Error("refused");
      },
      setItem: () => {
        throw new Error("refused");
      },
    });
    togglePin(pin("one", 3));
    expect([isPinned(3), rememberedPins()]).toEqual([true, ""]);
  });
});

import { describe, expect, it } from "vitest";
import type { HeatmapFacts } from "../../src/data/contract";
import type { Loaded } from "../../src/data/sheets";
import type { LayerRow } from "../../src/state/location";
import { origin } from "../../src/state/origin";
import { series } from "../support/page";

const row: LayerRow = {
  layer: "conv",
  filters: 4,
  class_name: "Conv2D",
  series: series("conv", [0], "heatmaps"),
} as never;

function told(facts: Partial<HeatmapFacts>) {
  const sheet = { count: 1, columns: 1, tile: [7, 7] };
  return origin(row, {
    kind: "heatmaps",
    ref: { tag: "heatmaps/conv" },
    facts: { sheet, tiles: [], ...facts },
  } as unknown as Loaded);
}

describe("where the maps of a layer come from", () => {
  it("says that it is not known where they lie, only where it is not", () => {
    expect(told({ placed: false }).short).toContain("place in the picture not known");
    expect(told({}).short.join()).not.toContain("place");
  });

  it("says how they were turned, only where they were", () => {
    expect(told({ turned: ["transposed", "mirrored upside down"] }).long).toContain(
      "maps transposed, mirrored upside down",
    );
    expect(told({ turned: [] }).long.join()).not.toContain("maps");
  });
});

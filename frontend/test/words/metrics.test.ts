import { describe, expect, it } from "vitest";
import { numbersOf } from "../../src/data/tileMetrics";
import { GROUPS, kindOf, layerMeaning, meaning, print, rank } from "../../src/words/metrics";

describe("a number", () => {
  it("is printed in its unit", () => {
    const said = ["kernel_drift", "probability", "dead", "kernel_cosine"].map((name) => print(0.123456, meaning(name)));
    expect(said).toEqual(["12\u2009%", "12\u2009%", "yes", "83°"]);
    expect([
      print(1.5, meaning("kernel_drift")),
      print(0, meaning("kernel_drift")),
      print(0.00345, meaning("area")),
    ]).toEqual(["150\u2009%", "0", "0.34\u2009%"]);
    expect([
      print(3, layerMeaning("dead")),
      print(1.234, layerMeaning("seconds")),
      print(null, meaning("area")),
    ]).toEqual(["3", "1.2\u2009s", "\u2013"]);
  });

  it("of which nobody has heard keeps its own name", () => {
    expect(meaning("odd_new_number")).toMatchObject({ name: "odd new number", group: "" });
  });

  it("of a region goes by the region's name, after that of the object", () => {
    expect(meaning("energy_on_price_tag")).toMatchObject({
      name: "evidence on the price tag",
      short: "on the price tag",
      group: "Where the evidence is",
      unit: "share",
    });
    expect(layerMeaning("energy_on_sticker").text).toBe(
      "Share of the evidence that lies on the sticker. Mean over the pictures.",
    );
    expect(numbersOf([{ area: 0.1, energy_on_标签: 0.5, energy_inside: 0.2, pointing: true }])).toEqual([
      "energy_inside",
      "energy_on_标签",
      "pointing",
      "area",
    ]);
  });

  it("that filters and heatmaps both have is explained for both", () => {
    expect(meaning("score").text).toMatch(/^Of a filter: .+ Of a heatmap: .+/);
  });

  it("of a layer is a median, a mean or a count, and says which", () => {
    expect(layerMeaning("dead")).toMatchObject({ name: "filters that are dead", unit: "count" });
    expect(layerMeaning("stuck").text).toBe("How many filters of the layer are always on.");
    expect(layerMeaning("odd_new_number").text).toBe("");
    expect(["kernel_drift", "dead", "energy_on_tag", "probability", "seconds", "odd"].map(kindOf)).toEqual([
      "patterns",
      "patterns",
      "heatmaps",
      "heatmaps",
      null,
      null,
    ]);
  });

  it("stands with its group, and last where nobody has heard of it", () => {
    const names = ["odd", "area", "dead", "kernel_drift_previous", "kernel_norm", "score"];
    expect(names.toSorted((one, other) => rank(one) - rank(other))).toEqual(names.toReversed());
  });

  it("has one line that explains it", () => {
    const all = ["score", "probability", "kernel_drift", "function_drift", "energy_inside", "twin_similarity"].map(
      meaning,
    );
    for (const { text, group } of all) expect([text.endsWith("."), GROUPS.includes(group)]).toEqual([true, true]);
    expect(meaning("gradient").text).toContain("last step of the ascent");
    expect(layerMeaning("kernel_drift").text).toContain("Median over the filters.");
    expect(layerMeaning("energy_inside").text).toContain("Mean over the pictures.");
  });
});

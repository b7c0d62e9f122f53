import { describe, expect, it } from "vitest";
import { numbersOf } from "../../src/data/tileMetrics";
import { GROUPS, layerMeaning, meaning, print } from "../../src/words/metrics";

describe("a number", () => {
  it("is printed in its unit", () => {
    const said = ["kernel_drift", "probability", "dead", "kernel_cosine"].map((name) => print(0.123456, meaning(name)));
    expect(said).toEqual(["12\u2009%", "12\u2009%", "yes", "0.123"]);
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
      name: "energy on price tag",
      short: "on price tag",
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

  it("has one line that explains it", () => {
    const all = ["score", "probability", "kernel_drift", "function_drift", "energy_inside", "twin_similarity"].map(
      meaning,
    );
    for (const { text, group } of all) expect([text.endsWith("."), GROUPS.includes(group)]).toEqual([true, true]);
    expect(layerMeaning("kernel_drift").text).toContain("Median over the filters.");
    expect(layerMeaning("energy_inside").text).toContain("Mean over the pictures.");
  });
});

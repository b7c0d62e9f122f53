import { describe, expect, it } from "vitest";
import { colourOf, filtered } from "../../src/draw/runColours";

describe("the runs of TensorBoard", () => {
  const runs = ["a/train", "a/convviz", "b/train"];

  it("have the colours of its own tabs, by their place in its list", () => {
    expect(colourOf(runs, "a/convviz")).toBe("#0077bb");
    expect(colourOf([...Array.from({ length: 7 }, String), "x"], "x")).toBe("#ff7043");
    expect(colourOf(runs, "gone")).toBeNull();
  });

  it("are those that its filter leaves, or all where it leaves none", () => {
    const ours = [{ run: "pets_a/convviz" }, { run: "pets_b/convviz" }];
    expect(filtered(ours, "B/")).toEqual([ours[1]]);
    for (const filter of ["", "cars", "("]) expect(filtered(ours, filter)).toEqual(ours);
  });
});

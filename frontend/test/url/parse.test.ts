import { describe, expect, it } from "vitest";
import { joinNames, splitNames } from "../../src/url/parse";

describe("runs beside each other", () => {
  it("are listed in the address whatever they are called", () => {
    const names = ["a/convviz", "b, c", "100 %2C"];
    expect(splitNames(joinNames(names))).toEqual(names);
    expect(splitNames("")).toEqual([]);
  });
});

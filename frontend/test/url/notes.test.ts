import { describe, expect, it } from "vitest";
import { LONGEST, noted, parseNotes } from "../../src/url/notes";

describe("notes", () => {
  it("are kept by what they are of, and gone when empty", () => {
    const one = noted({}, "run conv 3", "  a muzzle ");
    expect(one).toEqual({ "run conv 3": "a muzzle" });
    expect(noted(one, "run conv 3", " ")).toEqual({});
    expect(noted({}, "x", "y".repeat(1000)).x).toHaveLength(LONGEST);
  });

  it("survive whatever a browser has kept instead", () => {
    for (const text of ["", "no", "[1]", "null", '{"a": 1}']) expect(parseNotes(text)).toEqual({});
    expect(parseNotes('{"a": "b", "c": 1}')).toEqual({ a: "b" });
  });
});

import { describe, expect, it } from "vitest";
import { MOST_PINS, type Pin, parsePins, toggled, writePins } from "../../src/url/pins";

const pin = (tile: number, run = "a/convviz"): Pin => ({ run, kind: "patterns", layer: "vgg16/conv1", tile });

describe("pins", () => {
  it("survive the address, whatever runs and layers are called", () => {
    const odd: Pin = { run: "100%2C:x,y%3A", kind: "heatmaps", layer: "a:b,c", tile: 7 };
    expect(parsePins(writePins([pin(3), odd]))).toEqual([pin(3), odd]);
    expect(writePins([pin(3)])).toBe("a/convviz:patterns:vgg16/conv1:3");
    expect(parsePins("")).toEqual([]);
  });

  it("that are nonsense are left out, and so is the same one again", () => {
    expect(
      parsePins(
        "a:patterns:c:1,a:patterns:c:1,a:tiles:c:1,a:patterns:c,a:patterns:c:-1,:patterns:c:1,a:patterns:c:1:2",
      ),
    ).toHaveLength(1);
  });

  it("come and go with the same key, and a full tray lets go of the oldest", () => {
    expect(toggled([pin(1)], pin(2))).toEqual([pin(1), pin(2)]);
    expect(toggled([pin(1), pin(2)], pin(1))).toEqual([pin(2)]);
    const full = Array.from({ length: MOST_PINS }, (_, tile) => pin(tile));
    expect(toggled(full, pin(99))).toEqual([...full.slice(1), pin(99)]);
  });
});

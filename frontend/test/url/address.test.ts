import { describe, expect, it } from "vitest";
import { DEFAULT_VIEW, parseView, type View, writeView } from "../../src/url/address";

const view = (part: Partial<View>): View => ({ ...DEFAULT_VIEW, ...part });

describe("the address", () => {
  it("says nothing of defaults and leaves TensorBoard's own hash alone", () => {
    expect(writeView("#convviz", DEFAULT_VIEW)).toBe("#convviz");
    expect(writeView("", DEFAULT_VIEW)).toBe("#convviz");
    expect(writeView("#convviz&darkMode=true&p.other.x=1", DEFAULT_VIEW)).toBe("#convviz&darkMode=true&p.other.x=1");
  });

  it("replaces its own keys only", () => {
    const hash = "#convviz&p.convviz.step=3&p.other.x=1";
    expect(writeView(hash, view({ step: 5 }))).toBe("#convviz&p.other.x=1&p.convviz.step=5");
  });

  it("comes back as it was written", () => {
    const all = view({
      run: "a b/100 % & more/convviz",
      kind: "heatmaps",
      layer: "vgg16/block5_conv3",
      step: 0,
      tile: 7,
      alpha: 0,
      map: "cividis",
      size: 96,
      scope: "all",
      floor: 35,
      show: "map",
      cls: "0:387,3:201",
      as: "matrix",
      zoom: 250,
      x: 1234,
      y: 9000,
      way: "difference",
      b: "previous",
      brun: "a & b/convviz",
      blayer: "vgg16/block1_conv1",
      btile: 0,
      sign: "absolute",
      beside: "one,two%2C three",
      align: "end",
    });
    expect(parseView(writeView("#convviz", all))).toEqual(all);
    expect(writeView("#convviz", all)).toContain("p.convviz.layer=vgg16/block5_conv3");
  });

  it("takes the default for whatever it cannot understand", () => {
    const hash = "#convviz&p.convviz.step=-1&p.convviz.alpha=900&p.convviz.map=jet&p.convviz.kind=x&p.convviz.size=1e9";
    expect(parseView(hash)).toEqual(DEFAULT_VIEW);
    const later = "scope=x floor=99 show=x cls=0:x as=x zoom=9 x=-1 way=x b=next btile=x sign=x align=x";
    const odd = later.split(" ").map((pair) => `p.convviz.${pair}`);
    expect(parseView(`#convviz&${odd.join("&")}`)).toEqual(DEFAULT_VIEW);
    expect(parseView("#convviz&p.convviz.layer=%E0%A4%A").layer).toBe("%E0%A4%A");
  });
});

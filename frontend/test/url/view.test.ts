import { describe, expect, it } from "vitest";
import { DEFAULT_VIEW, parseView, type View, writeView } from "../../src/url/view";

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

  // Links that others have: neither the keys nor what they say may change.
  const LINKS: [string, string, Partial<View>][] = [
    ["run", "a b/100 % & more/convviz", { run: "a b/100 % & more/convviz" }],
    ["kind", "heatmaps", { kind: "heatmaps" }],
    ["layer", "vgg16/block5_conv3", { layer: "vgg16/block5_conv3" }],
    ["examples", "true", { examples: true }],
    ["step", "0", { step: 0 }],
    ["tile", "7", { tile: 7 }],
    ["alpha", "0", { alpha: 0 }],
    ["map", "cividis", { colormap: "cividis" }],
    ["size", "96", { size: 96 }],
    ["axis", "time", { axis: "time" }],
    ["metric", "none", { metric: "none" }],
    ["pins", "a%3Ab:patterns:conv1:3", { pins: "a%3Ab:patterns:conv1:3" }],
    ["net", "kernel_drift", { layerMetric: "kernel_drift" }],
    ["scope", "all", { scope: "all" }],
    ["floor", "35", { floor: 35 }],
    ["show", "map", { show: "map" }],
    ["cls", "0:387,3:201", { classChoice: "0:387,3:201" }],
    ["as", "matrix", { layout: "matrix" }],
    ["sees", "12", { sees: 12 }],
    ["zoom", "250", { zoom: 250 }],
    ["zoom", "3.31", { zoom: 3.31 }],
    ["x", "1234", { centreX: 1234 }],
    ["y", "9000", { centreY: 9000 }],
    ["way", "difference", { compareMode: "difference" }],
    ["b", "previous", { compareStep: "previous" }],
    ["b", "12", { compareStep: 12 }],
    ["brun", "a & b/convviz", { compareRun: "a & b/convviz" }],
    ["blayer", "vgg16/block1_conv1", { compareLayer: "vgg16/block1_conv1" }],
    ["btile", "0", { compareTile: 0 }],
    ["sign", "absolute", { sign: "absolute" }],
    ["of", "places", { measure: "places" }],
    ["page", "summary", { page: "summary" }],
    ["beside", "one,two%2C three", { beside: "one,two%2C three" }],
    ["align", "end", { align: "end" }],
    ["sort", "-energy_on_标签", { sort: "-energy_on_标签" }],
    ["hide", "true", { hide: true }],
    ["cell", "3:7", { cell: "3:7" }],
    ["hold", "3", { heldStep: 3 }],
    ["only", "kernel_drift:0.2:", { range: "kernel_drift:0.2:" }],
  ];
  it.each(LINKS)("says %s=%s and is read so", (key, text, part) => {
    const hash = writeView("#convviz", view(part));
    const [, own = "", said = ""] = /^#convviz&p\.convviz\.(\w+)=([^&]*)$/.exec(hash) ?? [];
    expect([own, decodeURIComponent(said)]).toEqual([key, text]);
    expect(parseView(hash)).toEqual(view(part));
  });

  it("has a link for each of its fields", () => {
    const all: object = Object.assign({}, ...LINKS.map(([, , part]) => part));
    expect(Object.keys(all).sort()).toEqual(Object.keys(DEFAULT_VIEW).sort());
  });

  it("keeps slashes, colons and commas readable", () => {
    expect(writeView("", view({ layer: "a/b", classChoice: "0:1,2:3" }))).toBe(
      "#convviz&p.convviz.layer=a/b&p.convviz.cls=0:1,2:3",
    );
  });

  it("takes the default for whatever it cannot understand", () => {
    const hash = "#convviz&p.convviz.step=-1&p.convviz.alpha=900&p.convviz.map=jet&p.convviz.kind=x&p.convviz.size=1e9";
    expect(parseView(hash)).toEqual(DEFAULT_VIEW);
    const later = "scope=x floor=99 show=x cls=0:x as=x zoom=1 x=-1 way=x b=next btile=x sign=x align=x";
    const odd = later.split(" ").map((pair) => `p.convviz.${pair}`);
    expect(parseView(`#convviz&${odd.join("&")}`)).toEqual(DEFAULT_VIEW);
    expect(parseView("#convviz&p.convviz.layer=%E0%A4%A").layer).toBe("%E0%A4%A");
  });
});

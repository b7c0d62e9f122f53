import { describe, expect, it } from "vitest";
import { actionOf, HELP } from "../../src/state/keys";

describe("keys", () => {
  const press = (key: string, part: object = {}) =>
    actionOf({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...part });

  it("tell an arrow from a shifted one, and ask no Shift for ?", () => {
    expect([press("ArrowLeft"), press("ArrowLeft", { shiftKey: true })]).toEqual(["previous step", "first step"]);
    expect([press("?", { shiftKey: true }), press("F", { shiftKey: true }), press("y")]).toEqual([
      "help",
      "find",
      null,
    ]);
  });

  it("leave Ctrl, Cmd and Alt to the browser", () => {
    expect([
      press("f", { ctrlKey: true }),
      press("f", { metaKey: true }),
      press("ArrowLeft", { altKey: true }),
    ]).toEqual([null, null, null]);
  });

  it("are bound once each", () => {
    const bound = HELP.flatMap((help) => help.bindings).map(({ key, shift }) => `${shift ?? false} ${key}`);
    expect(new Set(bound).size).toBe(bound.length);
  });
});

import { beforeEach, describe, expect, it } from "vitest";
import { COMMANDS, type Command, run } from "../../src/state/commands";
import { commandOf, HELP, keyOf, withKey } from "../../src/state/shortcuts";
import { view } from "../../src/state/store";
import { DEFAULT_VIEW } from "../../src/url/view";

const ALL: readonly Command[] = Object.values(COMMANDS).flat();

describe("the keys of commands", () => {
  const press = (key: string, part: object = {}) =>
    commandOf({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...part });

  it("tell an arrow from a shifted one, and ask no Shift for ?", () => {
    expect([press("ArrowLeft"), press("ArrowLeft", { shiftKey: true })]).toEqual(["previous step", "first step"]);
    expect([press("?", { shiftKey: true }), press("F", { shiftKey: true }), press(" "), press("y")]).toEqual([
      "help",
      "find",
      "play",
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

  it("are bound once each, and no two commands have one name", () => {
    const keys = ALL.flatMap((command) => command.keys.split(" "));
    expect([new Set(keys).size, new Set(ALL.map(({ id }) => id)).size]).toEqual([keys.length, ALL.length]);
  });

  it("are printed as they stand on the keyboard", () => {
    const printed = ["previous step", "last step", "play", "close", "smaller", "larger"].map(keyOf);
    expect(printed).toEqual(["\u2190", "Shift \u2192", "Space", "Esc", "\u2212", "+"]);
    expect(withKey("Swap A and B", "swap")).toBe("Swap A and B (X)");
  });
});

describe("the help sheet", () => {
  it("lists every command, with those that share a line side by side", () => {
    expect(HELP.flatMap(({ lines }) => lines.flatMap(({ keys }) => keys))).toHaveLength(ALL.length);
    expect(HELP[0]).toMatchObject({ group: "Steps", lines: [{ keys: ["\u2190", "\u2192"] }, {}, {}] });
  });
});

describe("a command", () => {
  beforeEach(() => {
    view.value = DEFAULT_VIEW;
  });

  it("changes the view where it applies", () => {
    expect([run("matrix"), view.value.layout]).toEqual([true, "matrix"]);
    expect([run("way"), view.value.compareMode, view.value.layout]).toEqual([true, "side", "tiles"]);
  });

  it("leaves its key alone where it does not", () => {
    expect([run("larger"), run("enlarge"), run("opacity")]).toEqual([false, false, false]);
    expect(view.value).toBe(DEFAULT_VIEW);
  });
});

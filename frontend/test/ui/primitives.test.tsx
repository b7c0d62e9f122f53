import { describe, expect, it, vi } from "vitest";
import { Badge } from "../../src/ui/Badge";
import { Button, IconButton, TextButton } from "../../src/ui/Button";
import { LineChart, upright } from "../../src/ui/LineChart";
import { entryAfter } from "../../src/ui/Menu";
import { Slider, SliderField } from "../../src/ui/Slider";
import { Switch } from "../../src/ui/Switch";
import { markup } from "./markup";

describe("buttons", () => {
  it("never submit, and an icon has a name that is its title, too", () => {
    const drawn = markup(<IconButton label="Close" icon="cross" class="unpin" disabled />);
    expect(drawn).toMatch(/^<button type="button" class="icon-button unpin" aria-label="Close" title="Close" disabled/);
    expect(drawn).toContain("icon-cross");
    expect(markup(<IconButton label="Play" title="Play (Space)" />)).toContain('title="Play (Space)"');
  });

  it("with text keep what they are given", () => {
    expect(markup(<TextButton aria-pressed={true}>Fit</TextButton>)).toBe(
      '<button type="button" class="text-button" aria-pressed="true">Fit</button>',
    );
    expect(markup(<Button>Go</Button>)).toBe('<button type="button" class="button">Go</button>');
  });
});

describe("a switch", () => {
  const choices = [
    { value: "a", text: "First", icon: "side" as const, title: "First (A)" },
    { value: "b", text: "Second", disabled: true },
  ];

  it("presses the chosen one and picks another", () => {
    const pick = vi.fn();
    const drawn = Switch({ label: "Which", value: "a", choices, pick });
    expect(markup(drawn)).toMatch(/^<div class="switch" role="group" aria-label="Which">/);
    expect(markup(drawn).match(/aria-pressed="\w+"/g)).toEqual(['aria-pressed="true"', 'aria-pressed="false"']);
    drawn.props.children[1].props.onClick();
    expect(pick).toHaveBeenCalledWith("b");
  });

  it("of icons says its texts to those who hear it", () => {
    const drawn = markup(<Switch look="icons" label="Which" value="a" choices={choices} pick={() => undefined} />);
    expect(drawn).toContain('class="switch switch-icons"');
    expect(drawn).toContain('aria-label="First"');
    expect(drawn).not.toContain(">First<");
  });
});

describe("a slider", () => {
  it("is filled up to its thumb", () => {
    const drawn = markup(<Slider label="Size" min={100} max={300} value={150} set={() => undefined} />);
    expect(drawn).toContain('aria-label="Size"');
    expect(drawn).toContain('{"--filled":"25%"}');
    expect(markup(<Slider label="" min={1} max={1} value={1} set={() => undefined} />)).toContain('"0%"');
  });

  it("may have a name, and be off", () => {
    const drawn = markup(<SliderField icon="size" name="Size" title="Width of the tiles" off children="" />);
    expect(drawn).toContain("slider-off");
    expect(drawn).toContain('title="Width of the tiles"');
  });
});

describe("a line chart", () => {
  it("draws its strokes, without those that are not there", () => {
    const drawn = markup(<LineChart strokes={[false, upright("now", 0.5), { class: "a", d: "M0 1L1 0" }]} />);
    expect(drawn.match(/<path/g)).toHaveLength(2);
    expect(drawn).toContain('d="M0.5 0v1"');
    expect(drawn).toContain('aria-hidden="true"');
  });

  it("with a label is a picture", () => {
    expect(markup(<LineChart label="score over the steps" strokes={[]} />)).toContain('role="img"');
  });
});

describe("a badge", () => {
  it("without a text says its reason to those who hear it", () => {
    expect(markup(<Badge icon="warning" text="" title="1 failure" warn />)).toContain('"offscreen">1 failure<');
    expect(markup(<Badge icon="lock" text="frozen" title="Not trained" />)).toContain('"badge-text">frozen<');
  });
});

describe("the keys of a menu", () => {
  it("move within the list, and stop at its ends", () => {
    const moves = ["ArrowDown", "ArrowUp", "Home", "End", "a"].map((key) => entryAfter(key, 1, 3));
    expect(moves).toEqual([2, 0, 0, 2, null]);
    expect([entryAfter("ArrowDown", 2, 3), entryAfter("ArrowUp", -1, 3)]).toEqual([2, 0]);
  });
});

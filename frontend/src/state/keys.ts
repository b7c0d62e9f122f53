// The one table of keys: it binds them and it is the help sheet.

export type Action =
  | "previous step"
  | "next step"
  | "first step"
  | "last step"
  | "play"
  | "previous layer"
  | "next layer"
  | "previous tile"
  | "next tile"
  | "close"
  | "patterns"
  | "heatmaps"
  | "opacity"
  | "colours"
  | "show"
  | "compare"
  | "matrix"
  | "larger"
  | "smaller"
  | "fit"
  | "one to one"
  | "set B"
  | "swap"
  | "way"
  | "difference"
  | "scope"
  | "next class"
  | "sort"
  | "pin"
  | "find"
  | "network"
  | "help";

export interface Binding {
  /** As KeyboardEvent.key names it. */
  readonly key: string;
  readonly shift?: boolean;
  readonly action: Action;
}

export interface Help {
  readonly group: string;
  readonly keys: readonly string[];
  readonly text: string;
  readonly bindings: readonly Binding[];
}

export const HELP: readonly Help[] = [
  line(
    "Steps",
    ["\u2190", "\u2192"],
    "Previous or next stored step",
    ["ArrowLeft", "previous step"],
    ["ArrowRight", "next step"],
  ),
  {
    group: "Steps",
    keys: ["Shift \u2190", "Shift \u2192"],
    text: "First or newest step; Home and End do the same",
    bindings: [
      { key: "ArrowLeft", shift: true, action: "first step" },
      { key: "ArrowRight", shift: true, action: "last step" },
      { key: "Home", action: "first step" },
      { key: "End", action: "last step" },
    ],
  },
  line("Steps", ["Space"], "Play through the steps, or pause", [" ", "play"]),
  line("Layers", ["[", "]"], "Previous or next layer", ["[", "previous layer"], ["]", "next layer"]),
  line("Layers", ["F"], "Find a layer", ["f", "find"]),
  line("Layers", ["L"], "Numbers of all layers over the steps, or fold them away", ["l", "network"]),
  line(
    "Tiles",
    ["\u2191", "\u2193"],
    "Previous or next tile",
    ["ArrowUp", "previous tile"],
    ["ArrowDown", "next tile"],
  ),
  line("Tiles", ["R"], "Sort by the next number, what stands out first", ["r", "sort"]),
  line("Tiles", ["T"], "Pin the tile in focus, or let go of it", ["t", "pin"]),
  { group: "Tiles", keys: ["Enter"], text: "Enlarge the tile in focus", bindings: [] },
  line("Tiles", ["Esc"], "Back to all tiles", ["Escape", "close"]),
  line("Compare", ["C"], "Compare with B, or stop comparing", ["c", "compare"]),
  line("Compare", ["B"], "Make this step B; Shift and a click on the time bar does the same", ["b", "set B"]),
  line("Compare", ["X"], "Swap A and B", ["x", "swap"]),
  line("Compare", ["V"], "Side by side, swipe, blink, difference", ["v", "way"]),
  line("Compare", ["D"], "Difference, and back", ["d", "difference"]),
  line(
    "View",
    ["+", "\u2212"],
    "Enlarge the enlarged tile further, or less",
    ["+", "larger"],
    ["=", "larger"],
    ["-", "smaller"],
  ),
  line("View", ["0", "1"], "Fit; one pixel of the picture on one of the screen", ["0", "fit"], ["1", "one to one"]),
  line("View", ["A"], "Tiles at all steps, or at one", ["a", "matrix"]),
  line("View", ["P", "H"], "Patterns or heatmaps", ["p", "patterns"], ["h", "heatmaps"]),
  line("View", ["O"], "Heatmap opacity 0, 50, 100 %", ["o", "opacity"]),
  line("View", ["W"], "Heatmap over the picture, alone, or picture alone", ["w", "show"]),
  line("View", ["U"], "What full colour stands for", ["u", "scope"]),
  line("View", ["N"], "Next class of the enlarged picture", ["n", "next class"]),
  line("View", ["M"], "Next colour map", ["m", "colours"]),
  line("View", ["?"], "Help: these keys, and how to read what you see", ["?", "help"]),
];

function line(group: string, keys: string[], text: string, ...bound: [string, Action][]): Help {
  return { group, keys, text, bindings: bound.map(([key, action]) => ({ key, action })) };
}

interface Pressed {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** The action of a key press; keys with Ctrl, Cmd or Alt belong to the browser. */
export function actionOf(event: Pressed, help: readonly Help[] = HELP): Action | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const bindings = help.flatMap((entry) => entry.bindings).filter((binding) => binding.key === key);
  // "?" needs Shift on most keyboards: only arrows tell the two apart.
  const exact = bindings.find((binding) => (binding.shift ?? false) === event.shiftKey);
  return (exact ?? (event.key.length === 1 ? bindings[0] : undefined))?.action ?? null;
}

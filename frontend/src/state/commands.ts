// Commands: the one table behind keys, buttons and the help dialog. shortcuts.ts reads the keys.

import { COLOUR_MAPS } from "../draw/colours";
import { SHOWS } from "../draw/pixels";
import { SCOPES } from "../draw/scopes";
import { WAYS } from "../url/view";
import {
  change,
  cycle,
  cycleOpacity,
  following,
  goTo,
  openSummary,
  openTile,
  pickKind,
  play,
  setBStep,
  setWay,
  swap,
  toggleCompare,
  toggleDifference,
  walk,
  walkLayer,
} from "./actions";
import { opened, pickExamples } from "./examples";
import { chosen, foldChart } from "./layerChart";
import { stageAlone, toggleStageAlone } from "./page";
import { helpOpen, place, steps, view } from "./store";
import {
  canPin,
  enlarged,
  enlargedOrFocused,
  hasClasses,
  nextClass,
  nextSort,
  pinFocused,
  walkTile,
} from "./tileActions";
import { fitAll, oneToOne, zoomBy } from "./zoomStore";

export interface Command {
  readonly id: string;
  /** Key names, blank between them: letters in upper case, "Space", others as in KeyboardEvent.key. The first is shown. */
  readonly keys: string;
  /** The line in the help dialog; a command without one shares that of the command above. */
  readonly help?: string;
  /** Whether the command applies now; if not, the key is left to the browser. */
  readonly when?: () => boolean;
  readonly run: () => void;
}

const heat = (): boolean => place.value?.kind === "heatmaps";
const searchField = (): HTMLInputElement | null => document.querySelector(".find input");

export const COMMANDS = {
  Steps: [
    { id: "previous step", keys: "ArrowLeft", help: "Previous or next stored step", run: () => walk(-1) },
    { id: "next step", keys: "ArrowRight", run: () => walk(1) },
    {
      id: "first step",
      keys: "Shift+ArrowLeft Home",
      help: "First or newest step (also Home, End)",
      run: () => goTo(steps.value[0]),
    },
    { id: "last step", keys: "Shift+ArrowRight End", run: () => goTo(steps.value.at(-1)) },
    { id: "play", keys: "Space", help: "Play or pause", run: play },
  ],
  Layers: [
    { id: "previous layer", keys: "[", help: "Previous or next layer", run: () => walkLayer(-1) },
    { id: "next layer", keys: "]", run: () => walkLayer(1) },
    {
      id: "find",
      keys: "F",
      help: "Find a layer",
      when: () => searchField() !== null,
      run: () => searchField()?.focus(),
    },
    {
      id: "layer chart",
      keys: "L",
      help: "Show or hide the layer chart",
      when: () => chosen.value !== null,
      run: foldChart,
    },
  ],
  Tiles: [
    {
      id: "previous tile",
      keys: "ArrowUp",
      help: "Previous or next tile",
      when: enlargedOrFocused,
      run: () => walkTile(-1),
    },
    { id: "next tile", keys: "ArrowDown", when: enlargedOrFocused, run: () => walkTile(1) },
    { id: "sort", keys: "R", help: "Sort by the next metric, outliers first", run: nextSort },
    { id: "pin", keys: "T", help: "Pin or unpin the tile in focus", when: canPin, run: pinFocused },
    // The browser presses the button in focus.
    { id: "enlarge", keys: "Enter", help: "Enlarge the tile in focus", when: () => false, run: () => undefined },
    {
      id: "stage alone",
      keys: "Z",
      help: "The enlarged tile alone, without bars and numbers",
      when: enlarged,
      run: toggleStageAlone,
    },
    {
      id: "close",
      keys: "Escape",
      help: "Back to all tiles",
      when: () => opened.value !== null || helpOpen.value || enlarged(),
      run: closeFirst,
    },
  ],
  Compare: [
    { id: "compare", keys: "C", help: "Compare with B, or stop comparing", run: toggleCompare },
    {
      id: "set B",
      keys: "B",
      help: "Set this step as B (or Shift-click the time bar)",
      run: () => setBStep(place.value?.step),
    },
    { id: "swap", keys: "X", help: "Swap A and B", when: () => view.value.compareMode !== null, run: swap },
    {
      id: "way",
      keys: "V",
      help: "Cycle side by side, swipe, blink, difference",
      run: () => setWay(following(WAYS, view.value.compareMode ?? "difference")),
    },
    { id: "difference", keys: "D", help: "Difference, and back again", run: toggleDifference },
  ],
  View: [
    {
      id: "larger",
      keys: "+ =",
      help: "Zoom in or out on the enlarged tile",
      when: enlarged,
      run: () => zoomBy(1.5),
    },
    { id: "smaller", keys: "-", when: enlarged, run: () => zoomBy(1 / 1.5) },
    { id: "fit", keys: "0", help: "Fit, or actual size", when: enlarged, run: fitAll },
    { id: "one to one", keys: "1", when: enlarged, run: oneToOne },
    {
      id: "matrix",
      keys: "A",
      help: "Tiles at all steps, or at one",
      when: () => !enlarged(),
      run: () => change({ page: "tiles", layout: view.value.layout === "matrix" ? "tiles" : "matrix" }),
    },
    { id: "summary", keys: "S", help: "Summary, patterns, examples or heatmaps", run: openSummary },
    { id: "patterns", keys: "P", run: () => pickKind("patterns") },
    { id: "examples", keys: "E", run: pickExamples },
    { id: "heatmaps", keys: "H", run: () => pickKind("heatmaps") },
    { id: "opacity", keys: "O", help: "Heatmap opacity 0, 50, 100 %", when: heat, run: cycleOpacity },
    {
      id: "show",
      keys: "W",
      help: "Cycle picture, overlay, heatmap",
      when: heat,
      run: () => cycle("show", SHOWS),
    },
    { id: "scope", keys: "U", help: "Next scale of full colour", when: heat, run: () => cycle("scope", SCOPES) },
    {
      id: "next class",
      keys: "N",
      help: "Next class of the enlarged picture",
      when: hasClasses,
      run: nextClass,
    },
    { id: "colours", keys: "M", help: "Next colour map", when: heat, run: () => cycle("colormap", COLOUR_MAPS) },
    { id: "help", keys: "?", help: "Open or close this help", run: toggleHelp },
  ],
} as const satisfies Record<string, readonly Command[]>;

export type CommandId = (typeof COMMANDS)[keyof typeof COMMANDS][number]["id"];

export const ALL: readonly Command[] = Object.values(COMMANDS).flat();

/** What lies on top. */
function closeFirst(): void {
  if (opened.value) opened.value = null;
  else if (helpOpen.value) toggleHelp();
  else if (stageAlone.value) toggleStageAlone();
  else openTile(null);
}

function toggleHelp(): void {
  helpOpen.value = !helpOpen.value;
}

/** Runs a command where it applies; false where it does not. */
export function run(id: string): boolean {
  const command = ALL.find((one) => one.id === id);
  if (!command || command.when?.() === false) return false;
  command.run();
  return true;
}

// The entry that TensorBoard imports: draws the page into its iframe.

import { effect } from "@preact/signals";
import { render as draw } from "preact";
import { isReport } from "./data/report";
import * as host from "./host";
import styles from "./main.css?inline";
import { run } from "./state/commands";
import { rememberedPins } from "./state/pinboard";
import { pause, refresh } from "./state/poll";
import { commandOf } from "./state/shortcuts";
import { start } from "./state/start";
import * as state from "./state/store";
import { pageTurned, parseView, type View, writeView } from "./url/view";
import { App } from "./views/App";

export function render(): void {
  // Not as an element: the policy of a report lets no styles in that are written in its markup.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  document.adoptedStyleSheets.push(sheet);
  document.documentElement.lang = "en";
  document.title = "ConvViz";

  const hash = host.readHash();
  const asked = parseView(hash);
  // Who asks for nothing of ours sees what there is to see.
  const page = hash.includes("p.convviz.") || host.ownsHash() ? asked.page : "summary";
  state.view.value = { ...asked, page, pins: asked.pins || rememberedPins() };
  host.watchTheme((dark) => {
    state.dark.value = dark;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  });
  host.watchVisible((visible) => {
    state.visible.value = visible;
    state.runFilter.value = host.runFilter();
    if (visible) host.takeFocus();
    else pause();
  });
  const filter = (): void => {
    state.runFilter.value = host.runFilter();
  };
  filter();
  host.watchReload(() => {
    filter();
    if (state.visible.value) void refresh();
  });
  host.watchHash(() => {
    const hash = host.readHash();
    if (hash.includes("p.convviz.") || host.ownsHash()) state.view.value = said = parseView(hash);
    else say();
  });
  effect(say);
  start();
  document.addEventListener("keydown", pressed);
  draw(<App />, document.body);
}

/** The view that the address holds. */
let said: View | null = null;
let turned = -Infinity;
/** Who walks through the layers leaves one entry behind, not one for each. */
const STRIDE = 1000;

let later: ReturnType<typeof setTimeout> | undefined;
const PAUSE = 250;

function put(view: View, push = false): void {
  if (state.visible.value) host.writeHash(writeView(host.readHash(), view), push);
}

/** Writes the view into the address; again when shown, since TensorBoard forgets it with the tab. */
function say(): void {
  const view = state.view.value;
  if (!state.visible.value) return;
  const turn = said !== null && pageTurned(said, view);
  const push = turn && performance.now() - turned > STRIDE;
  if (turn) turned = performance.now();
  // What waits to be written belongs to the entry that is left behind.
  if (push && said && later !== undefined) put(said);
  said = view;
  clearTimeout(later);
  later = undefined;
  // A drag is written when it rests: browsers ignore those who rewrite the address at every move of it, and it
  // takes them so long that it must not stand between a move and its pictures.
  if (push) put(view, true);
  else putAtRest(host.readHash());
}

/** Where the address has changed meanwhile, Back was pressed and its event comes yet: that entry is not ours to change. */
function putAtRest(from: string): void {
  later = setTimeout(() => {
    const now = host.readHash();
    later = undefined;
    if (now === from) put(state.view.value);
    else putAtRest(now);
  }, PAUSE);
}

function pressed(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.defaultPrevented || target.closest("input:not([type=range]), textarea, [role=listbox], [role=menu]"))
    return;
  const command = commandOf(event);
  if (!command) return;
  // The browser closes the panel, and nothing else.
  if (event.key === "Escape" && target.closest("[popover]")) return;
  // Sliders use arrows and buttons use Space themselves; the step slider's arrows are ours anyway.
  if (target.matches("input[type=range]") && /Arrow|Home|End/.test(event.key)) return;
  if (target.matches("button, a") && event.key === " ") return;
  if (run(command)) event.preventDefault();
}

// TensorBoard calls it; a report is a page of its own, in which nobody does.
if (isReport) render();

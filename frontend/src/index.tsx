// The entry that TensorBoard imports: draws the page into its iframe.

import { effect } from "@preact/signals";
import { render as draw } from "preact";
import { act } from "./actions";
import { parseView, writeView } from "./address";
import * as host from "./host";
import { actionOf } from "./keys";
import { pause, refresh, watchPlace, watchPlay } from "./live";
import * as state from "./state";
import styles from "./style/index.css?inline";
import { App } from "./views/App";

export function render(): void {
  const sheet = document.createElement("style");
  sheet.textContent = styles;
  document.head.append(sheet);
  document.documentElement.lang = "en";

  state.view.value = parseView(host.readHash());
  host.watchTheme((dark) => {
    state.dark.value = dark;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  });
  host.watchVisible((visible) => {
    state.visible.value = visible;
    if (visible) host.takeFocus();
    else pause();
  });
  host.watchReload(() => state.visible.value && void refresh());
  host.watchHash(() => {
    const hash = host.readHash();
    if (hash.includes("p.convviz.")) state.view.value = parseView(hash);
    else say();
  });
  effect(say);
  effect(() => {
    // Another run is on screen, or the tab is back: find out at once what it holds.
    if (state.run.value !== undefined && state.visible.value) void refresh();
  });
  watchPlace();
  watchPlay();
  document.addEventListener("keydown", pressed);
  draw(<App />, document.body);
}

/** Writes the view into the address; again when shown, since TensorBoard forgets it with the tab. */
function say(): void {
  const view = state.view.value;
  if (state.visible.value) host.writeHash(writeView(host.readHash(), view));
}

function pressed(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.defaultPrevented || target.closest("input:not([type=range]), textarea, [role=listbox]")) return;
  const action = actionOf(event);
  if (!action) return;
  // Sliders use arrows and buttons use Space themselves; the step slider's arrows are ours anyway.
  if (target.matches("input[type=range]") && /Arrow|Home|End/.test(event.key)) return;
  if (target.matches("button, a") && event.key === " ") return;
  if (act(action)) event.preventDefault();
}

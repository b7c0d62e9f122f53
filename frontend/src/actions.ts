// What the user can do: each action is one change of the wish.

import { COLOUR_MAPS } from "./colours";
import type { Kind } from "./contract";
import type { Action } from "./keys";
import { hasKind, runSteps, walked } from "./place";
import { tileIds } from "./tiles";
import { helpOpen, index, indexes, place, playing, rows, screen, seen, steps, view } from "./state";
import { moved } from "./steps";
import type { View } from "./address";

export function change(part: Partial<View>): void {
  view.value = { ...view.value, ...part };
}

export function goTo(step: number | null | undefined): void {
  if (step === null || step === undefined) return;
  // Leaving the newest step: from here on what comes in counts as new.
  if (view.value.step === null) seen.value = steps.value.at(-1) ?? null;
  view.value = { ...view.value, ...walked(view.value, steps.value, step) };
}

export function walk(by: number): void {
  if (place.value?.step != null) goTo(moved(steps.value, place.value.step, by));
}

/** Another run at the same step, since that is what one compares; see `resolve` for where it has none. */
export function pickRun(run: string): void {
  const other = indexes.value.get(run);
  const newest = other ? (runSteps(other).at(-1) ?? null) : null;
  const standing = place.value?.step ?? null;
  seen.value = newest;
  change({ run, step: standing === newest ? null : standing });
}

export function pickKind(kind: Kind): void {
  if (index.value && hasKind(index.value, kind)) change({ kind, tile: null });
}

export function pickLayer(layer: string): void {
  change({ layer, tile: place.value?.kind === "heatmaps" ? view.value.tile : null });
}

export function openTile(tile: number | null): void {
  change({ tile });
}

function play(): void {
  // From the newest step there is nowhere to go: playing then means from the start.
  if (!playing.value && place.value?.step === steps.value.at(-1)) goTo(steps.value[0]);
  playing.value = !playing.value;
}

function walkLayer(by: number): void {
  const at = rows.value.findIndex((row) => row.layer === place.value?.layer);
  const next = rows.value[at + by];
  if (next) pickLayer(next.layer);
}

/** Moves the enlarged tile, or else the focus, by one; false where neither is the case. */
export function walkTile(by: number): boolean {
  const { loaded } = screen.value;
  const ids = loaded ? tileIds(loaded) : [];
  if (view.value.tile !== null) {
    const next = ids[ids.indexOf(view.value.tile) + by];
    if (next !== undefined) openTile(next);
    return true;
  }
  const focus = document.activeElement;
  if (!(focus instanceof HTMLElement) || !focus.matches(".tile")) return false;
  const next = by > 0 ? focus.parentElement?.nextElementSibling : focus.parentElement?.previousElementSibling;
  next?.querySelector<HTMLElement>(".tile")?.focus();
  return true;
}

export function cycleOpacity(): void {
  const { alpha } = view.value;
  change({ alpha: alpha < 50 ? 50 : alpha < 100 ? 100 : 0 });
}

function cycleMap(): void {
  const at = COLOUR_MAPS.indexOf(view.value.map);
  change({ map: COLOUR_MAPS[(at + 1) % COLOUR_MAPS.length] ?? view.value.map });
}

/** Carries out a key's action; false leaves the key to the browser. */
export function act(action: Action): boolean {
  const heat = place.value?.kind === "heatmaps";
  switch (action) {
    case "previous step":
      return walk(-1), true;
    case "next step":
      return walk(1), true;
    case "first step":
      return goTo(steps.value[0]), true;
    case "last step":
      return goTo(steps.value.at(-1)), true;
    case "play":
      return play(), true;
    case "previous layer":
      return walkLayer(-1), true;
    case "next layer":
      return walkLayer(1), true;
    case "previous tile":
      return walkTile(-1);
    case "next tile":
      return walkTile(1);
    case "close":
      if (helpOpen.value) return (helpOpen.value = false), true;
      if (view.value.tile === null) return false;
      return openTile(null), true;
    case "patterns":
    case "heatmaps":
      return pickKind(action), true;
    case "opacity":
      return heat && cycleOpacity(), heat;
    case "colours":
      return heat && cycleMap(), heat;
    case "find": {
      const field = document.querySelector<HTMLInputElement>(".find input");
      return field?.focus(), field !== null;
    }
    case "help":
      return (helpOpen.value = !helpOpen.value), true;
  }
}

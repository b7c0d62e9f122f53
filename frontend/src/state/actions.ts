// What the user can do: each action is one change of the wish.

import { groups, writeClasses } from "../data/classesPerImage";
import type { Kind } from "../data/contract";
import { seriesOf } from "../data/series";
import { moved } from "../data/steps";
import { numbersOf } from "../data/tileMetrics";
import { positionOf } from "../data/tiles";
import { COLOUR_MAPS } from "../draw/colours";
import { SHOWS } from "../draw/pixels";
import { SCOPES } from "../draw/scopes";
import type { View } from "../url/address";
import { WAYS } from "../url/compareParams";
import { meaning } from "../words/metrics";
import { setBStep, setWay, swap, toggleCompare, toggleDifference } from "./comparisonActions";
import { tilesWith } from "./driftFromB";
import type { Action } from "./keys";
import { chosen, folded } from "./layerChart";
import { hasKind, runSteps, walked } from "./location";
import { pinOf, togglePin } from "./pinboard";
import { classes, helpOpen, index, indexes, place, playing, rows, screen, seen, steps, view } from "./store";
import { arranged } from "./tileOrder";
import { fitAll, oneToOne, zoomBy } from "./zoomStore";

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

/** To a layer in the kind that shows what one wants to see, else in the one on screen, else in the one it has. */
export function pickLayerOf(kind: Kind | null, layer: string, tile: number | null = null): void {
  const has = (wished: Kind | null | undefined): boolean =>
    Boolean(wished && index.value && seriesOf(index.value, wished, layer));
  const found = [kind, place.value?.kind, "patterns" as const, "heatmaps" as const].find(has);
  if (found) change({ kind: found, layer, tile });
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
  const ids = loaded ? arranged(loaded).map(({ id }) => id) : [];
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

function following<T>(all: readonly T[], now: T): T {
  return all[(all.indexOf(now) + 1) % all.length] ?? now;
}

function nextClass(): boolean {
  const { loaded } = screen.value;
  const id = view.value.tile;
  const group = loaded?.kind === "heatmaps" && id !== null ? (groups(loaded.facts.tiles)[id] ?? []) : [];
  if (loaded?.kind !== "heatmaps" || id === null || group.length < 2) return false;
  const next = following(group, positionOf(loaded, id, classes.value));
  return (chooseClass(id, loaded.facts.tiles[next]?.class_index ?? 0), true);
}

export function chooseClass(id: number, index: number): void {
  change({ cls: writeClasses(new Map(classes.value).set(id, index)) });
}

/** Pins the enlarged tile, or else the one in focus. */
function pinFocused(): boolean {
  const focus = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.tile : undefined;
  const tile = view.value.tile ?? (focus === undefined ? null : Number(focus));
  const pin = tile === null ? null : pinOf(tile);
  if (pin) togglePin(pin);
  return pin !== null;
}

/** The next number of the tiles to sort by, what stands out first; after the last their own order again. */
function nextSort(): void {
  const numbers = screen.value.loaded ? numbersOf(tilesWith(screen.value.loaded)) : [];
  change({
    sort: following(["index", ...numbers.map((name) => (meaning(name).low ? name : `-${name}`))], view.value.sort),
  });
}

/** Carries out a key's action; false leaves the key to the browser. */
export function act(action: Action): boolean {
  const heat = place.value?.kind === "heatmaps";
  switch (action) {
    case "previous step":
      return (walk(-1), true);
    case "next step":
      return (walk(1), true);
    case "first step":
      return (goTo(steps.value[0]), true);
    case "last step":
      return (goTo(steps.value.at(-1)), true);
    case "play":
      return (play(), true);
    case "previous layer":
      return (walkLayer(-1), true);
    case "next layer":
      return (walkLayer(1), true);
    case "previous tile":
      return walkTile(-1);
    case "next tile":
      return walkTile(1);
    case "close":
      if (helpOpen.value) return ((helpOpen.value = false), true);
      if (view.value.tile === null) return false;
      return (openTile(null), true);
    case "patterns":
    case "heatmaps":
      return (pickKind(action), true);
    case "opacity":
      return (heat && cycleOpacity(), heat);
    case "colours":
      return (heat && cycleMap(), heat);
    case "larger":
    case "smaller":
      return view.value.tile !== null && (zoomBy(action === "larger" ? 1.5 : 1 / 1.5), true);
    case "fit":
      return view.value.tile !== null && (fitAll(), true);
    case "one to one":
      return view.value.tile !== null && (oneToOne(), true);
    case "matrix":
      return view.value.tile === null && (change({ as: view.value.as === "matrix" ? "tiles" : "matrix" }), true);
    case "compare":
      return (toggleCompare(), true);
    case "set B":
      return (setBStep(place.value?.step), true);
    case "swap":
      return view.value.way !== null && (swap(), true);
    case "way":
      return (setWay(following(WAYS, view.value.way ?? "difference")), true);
    case "difference":
      return (toggleDifference(), true);
    case "show":
      return (heat && change({ show: following(SHOWS, view.value.show) }), heat);
    case "scope":
      return (heat && change({ scope: following(SCOPES, view.value.scope) }), heat);
    case "next class":
      return nextClass();
    case "pin":
      return pinFocused();
    case "sort":
      return (nextSort(), true);
    case "find": {
      const field = document.querySelector<HTMLInputElement>(".find input");
      return (field?.focus(), field !== null);
    }
    case "network":
      return chosen.value !== null && (change({ net: folded.value ? null : "none" }), true);
    case "help":
      return ((helpOpen.value = !helpOpen.value), true);
  }
}

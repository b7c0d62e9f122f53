// Actions on the enlarged tile, or else on the tile in focus.

import { groups } from "../data/classesPerImage";
import { numbersOf } from "../data/tileMetrics";
import { positionOf } from "../data/tiles";
import { meaning } from "../words/metrics";
import { change, chooseClass, following, openTile } from "./actions";
import { pinOf, togglePin } from "./pinboard";
import { classes, screen, view } from "./store";
import { arranged } from "./tileOrder";

export function enlarged(): boolean {
  return view.value.tile !== null;
}

function focused(): HTMLElement | null {
  return document.activeElement instanceof HTMLElement ? document.activeElement : null;
}

export function enlargedOrFocused(): boolean {
  return enlarged() || Boolean(focused()?.matches(".tile"));
}

/** Moves the enlarged tile, or else the focus, by one. */
export function walkTile(by: number): void {
  if (!enlarged()) {
    walkFocus(by);
    return;
  }
  const { loaded } = screen.value;
  const ids = loaded ? arranged(loaded).map(({ id }) => id) : [];
  const next = ids[ids.indexOf(view.value.tile ?? -1) + by];
  if (next !== undefined) openTile(next);
}

function walkFocus(by: number): void {
  const item = focused()?.parentElement;
  const next = by > 0 ? item?.nextElementSibling : item?.previousElementSibling;
  next?.querySelector<HTMLElement>(".tile")?.focus();
}

function pinOfFocused() {
  const id = view.value.tile ?? focused()?.dataset.tile;
  return id === undefined ? null : pinOf(Number(id));
}

export function canPin(): boolean {
  return pinOfFocused() !== null;
}

export function pinFocused(): void {
  const pin = pinOfFocused();
  if (pin) togglePin(pin);
}

/** The positions of all maps of the enlarged picture. */
function mapsOfPicture(): readonly number[] {
  const { loaded } = screen.value;
  return loaded?.kind === "heatmaps" ? (groups(loaded.facts.tiles)[view.value.tile ?? -1] ?? []) : [];
}

export function hasClasses(): boolean {
  return mapsOfPicture().length > 1;
}

export function nextClass(): void {
  const { loaded } = screen.value;
  const id = view.value.tile;
  if (loaded?.kind !== "heatmaps" || id === null) return;
  const next = following(mapsOfPicture(), positionOf(loaded, id, classes.value));
  chooseClass(id, loaded.facts.tiles[next]?.class_index ?? 0);
}

/** Sorts by the next metric of the tiles, outliers first; after the last by index again. */
export function nextSort(): void {
  const numbers = screen.value.loaded ? numbersOf(screen.value.loaded.facts.tiles) : [];
  const sorts = numbers.map((name) => (meaning(name).low ? name : `-${name}`));
  change({ sort: following(["index", ...sorts], view.value.sort) });
}

// Which tiles the matrix has rows of: the pinned ones of the layer, else the first.

import { signal } from "@preact/signals";
import type { Loaded } from "../data/sheets";
import { pins } from "./pinboard";
import { place } from "./store";
import { arranged } from "./tileOrder";

const FIRST = 24;
const times = signal(1);

export function showMore(): void {
  times.value += 1;
}

/** Pinned tiles of the layer on screen. */
export function pinnedHere(): readonly number[] {
  const here = place.value;
  return pins.value
    .filter((pin) => pin.run === here?.run && pin.kind === here.kind && pin.layer === here.layer)
    .map(({ tile }) => tile);
}

export function matrixTiles(loaded: Loaded): readonly number[] {
  const all = arranged(loaded).map(({ id }) => id);
  const chosen = pinnedHere();
  return chosen.length ? all.filter((id) => chosen.includes(id)) : all.slice(0, FIRST * times.value);
}

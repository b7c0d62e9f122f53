// The pins of the view -> what the tray shows of them, and what pinning changes.

import { computed } from "@preact/signals";
import { read, write } from "../data/memory";
import { seriesOf, wantedOf } from "../data/series";
import type { Wanted } from "../data/sheets";
import { atOrBefore } from "../data/steps";
import { MOST_PINS, type Pin, parsePins, same, toggled, writePins } from "../url/pins";
import { indexes, place, runs, view } from "./store";

const MEMORY = "convviz.pins";

/** Pins of runs that are here; others wait in the address for theirs. */
export const pins = computed(() => {
  const there = new Set(runs.value?.map((entry) => entry.run));
  return parsePins(view.value.pins).filter((pin) => there.has(pin.run));
});

/** Runs whose index the tray needs. */
export const pinnedRuns = computed(() => [...new Set(pins.value.map((pin) => pin.run))]);

export function pinOf(tile: number): Pin | null {
  const at = place.value;
  return at?.layer ? { run: at.run, kind: at.kind, layer: at.layer, tile } : null;
}

export function isPinned(tile: number): boolean {
  const pin = pinOf(tile);
  return pin !== null && pins.value.some((other) => same(other, pin));
}

export function togglePin(pin: Pin): void {
  take(toggled(parsePins(view.value.pins), pin));
}

/** Lets go of what the tray shows; pins of runs that are not here stay. */
export function unpinAll(): void {
  const shown = pins.value;
  take(parsePins(view.value.pins).filter((pin) => !shown.some((other) => same(other, pin))));
}

/** To the tile, at the step where one stands. */
export function goToPin({ run, kind, layer, tile }: Pin): void {
  view.value = {
    ...view.value,
    page: "tiles",
    run,
    kind,
    layer,
    tile,
    step: view.value.step === null ? null : (place.value?.step ?? null),
  };
}

/** The pinned tile at the step on screen, or at the last stored one before it. */
export function wantedBy(pin: Pin): Wanted | null {
  const index = indexes.value.get(pin.run);
  const step = place.value?.step ?? null;
  if (!index || step === null) return null;
  const series = seriesOf(index, pin.kind, pin.layer);
  return wantedOf(index, series, series && atOrBefore(series.steps, step));
}

function take(now: readonly Pin[]): void {
  const text = writePins(now.slice(0, MOST_PINS));
  view.value = { ...view.value, pins: text };
  write(MEMORY, text);
}

/** What was pinned when this browser was last here. */
export function rememberedPins(): string {
  return writePins(parsePins(read(MEMORY)));
}

// The size of the page, and what folds away for lack of space.

import { computed, signal } from "@preact/signals";
import { read, write } from "../data/memory";
import { view } from "./store";

/** Widths from which on the page has another shape; the styles know the same ones. */
const PHONE = 600;
const NARROW = 1280;
const ROOMY = 1600;
const WIDE = 1920;
/** Below it the chart of the layers takes too much of the height. */
const LOW = 736;

export const pageSize = signal({ width: 1400, height: 836 });

export const isPhone = computed(() => pageSize.value.width < PHONE);
/** The list of layers is a menu above the tiles. */
export const isNarrow = computed(() => pageSize.value.width < NARROW);
/** The other tiles stay next to the enlarged one. */
export const isWide = computed(() => pageSize.value.width >= WIDE);
export const isLow = computed(() => pageSize.value.height < LOW);

const wishedAlone = signal(false);
/** Whether the enlarged tile has the page for itself, but for the steps. */
export const stageAlone = computed(() => wishedAlone.value && view.value.page === "tiles" && view.value.tile !== null);

export function toggleStageAlone(): void {
  wishedAlone.value = !stageAlone.value;
}

const STRIP = "convviz.layers";
/** Whether the user has folded the list of layers; null lets the page choose. */
const chosenStrip = signal<boolean | null>(remembered());

/** Whether the list of layers is a strip: an enlarged tile needs the width more. */
export const layersFolded = computed(
  () => chosenStrip.value ?? (view.value.tile !== null && pageSize.value.width < ROOMY),
);

export function foldLayers(): void {
  chosenStrip.value = !layersFolded.value;
  write(STRIP, chosenStrip.value ? "strip" : "list");
}

function remembered(): boolean | null {
  const kept = read(STRIP);
  return kept === "" ? null : kept === "strip";
}

export function watchSize(): () => void {
  const measure = (): void => {
    // A hidden tab has no height, and no need of a shape.
    if (innerHeight > 0) pageSize.value = { width: innerWidth, height: innerHeight };
  };
  addEventListener("resize", measure);
  measure();
  return () => removeEventListener("resize", measure);
}

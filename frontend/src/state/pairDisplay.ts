// How pairs are shown at present: where the swipe divider stands, and which of the two shows while blinking.

import { signal } from "@preact/signals";

/** Share of the width that shows A; one divider for all tiles. */
export const divider = signal(0.5);
export const showsB = signal(false);

export function flip(): void {
  showsB.value = !showsB.value;
}

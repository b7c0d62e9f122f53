// The enlargement of the enlarged tile, one for all pictures compared: where it is kept, how it changes.

import { computed, signal } from "@preact/signals";
import { FITTED, held, type Zoom, zoomed } from "../draw/zoom";
import { view } from "./store";

/** While the hand is on the picture; the address hears of it when it lets go. */
const moving = signal<Zoom | null>(null);
/** Whether the wheel enlarges; else the page keeps it. */
export const wheel = signal(false);
/** Screen pixels per pixel of the stored picture when it fits: known to who draws it. */
export const fit = signal(1);

export const zoom = computed<Zoom>(() => {
  const { zoom: percent, x, y } = view.value;
  return moving.value ?? held({ scale: percent / 100, x: x / 10_000, y: y / 10_000 });
});

export function move(to: Zoom): void {
  moving.value = to;
}

export function settle(to: Zoom = zoom.value): void {
  moving.value = null;
  const { scale, x, y } = scaleOf(to);
  view.value = { ...view.value, zoom: scale, x, y };
}

function scaleOf(to: Zoom): Zoom {
  return { scale: Math.round(to.scale * 100), x: Math.round(to.x * 10_000), y: Math.round(to.y * 10_000) };
}

export function zoomBy(factor: number): void {
  settle(zoomed(zoom.value, factor));
}

export function fitAll(): void {
  settle(FITTED);
}

/** One pixel of the picture is one of the screen. */
export function oneToOne(): void {
  settle(held({ ...zoom.value, scale: 1 / fit.value }));
}

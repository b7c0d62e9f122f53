// The enlargement of the enlarged tile, one for all pictures compared: where it is kept, how it changes.

import { computed, signal } from "@preact/signals";
import { FITTED, held, NO_ROOM, type Room, type Zoom, zoomed } from "../draw/zoom";
import { view } from "./store";

/** While the hand is on the picture; the address hears of it when it lets go. */
const moving = signal<Zoom | null>(null);
/** Whether the wheel enlarges; else the page keeps it. */
export const wheel = signal(false);
/** Screen pixels per pixel of the stored picture when it fits, and the room around it: known to who draws it. */
export const fit = signal(1);
export const room = signal<Room>(NO_ROOM);

export const zoom = computed<Zoom>(() => {
  const { zoom: percent, centreX, centreY } = view.value;
  return moving.value ?? held({ scale: percent / 100, x: centreX / 10_000, y: centreY / 10_000 }, room.value);
});

/** Screen pixels for a pixel of the stored picture, in percent. */
export const percentOfPixels = computed(() => Math.round(zoom.value.scale * fit.value * 100));

export function move(to: Zoom): void {
  moving.value = to;
}

export function settle(to: Zoom = zoom.value): void {
  moving.value = null;
  const { scale, x, y } = scaleOf(to);
  view.value = { ...view.value, zoom: scale, centreX: x, centreY: y };
}

/** The hand has left the picture: the address hears of what it did. */
export function letGo(): void {
  if (moving.value) settle();
}

function scaleOf(to: Zoom): Zoom {
  return { scale: Math.round(to.scale * 10_000) / 100, x: Math.round(to.x * 10_000), y: Math.round(to.y * 10_000) };
}

export function zoomBy(factor: number): void {
  settle(zoomed(zoom.value, factor, 0.5, 0.5, room.value));
}

export function fitAll(): void {
  settle(FITTED);
}

/** One pixel of the picture is one of the screen. */
export function oneToOne(): void {
  settle(held({ ...zoom.value, scale: 1 / fit.value }, room.value));
}

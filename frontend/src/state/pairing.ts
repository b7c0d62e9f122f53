// Loaded sheets of A and B -> their differences, on one scale for all tiles.

import { computed } from "@preact/signals";
import { keyOf } from "../data/series";
import type { Loaded, Patterns } from "../data/sheets";
import { entries, positionOf } from "../data/tiles";
import { brightness, largest, minus, shares, size } from "../draw/difference";
import { evidence, type Plane, tileBox, values } from "../draw/pixels";
import { b, besideRuns, comparing, slotOfB } from "./compare";
import { screenOf } from "./slot";
import { classes, screen, view } from "./store";

/** The sheet of the B that a sheet is compared with, while tiles are drawn as pairs. */
export function bOf({ ref }: Loaded): Loaded | null {
  return comparing.value ? screenOf(slotOfB(ref.run)).loaded : null;
}

/** Whether a sheet is its own B: that of the run that all columns are compared with. */
export function isOwnB(loaded: Loaded): boolean {
  const other = bOf(loaded);
  return other !== null && keyOf(other.ref) === keyOf(loaded.ref) && view.value.compareTile === null;
}

/** Whether the tiles of a sheet are drawn as pairs now. */
export function paired(loaded: Loaded): boolean {
  return comparing.value && columns.value.includes(loaded) && !(besideRuns.value.length > 0 && isOwnB(loaded));
}

/** What stands in the columns, that of A first. */
const columns = computed(() =>
  [screen.value.loaded, ...besideRuns.value.map((run) => screenOf(run).loaded)].filter((loaded) => loaded !== null),
);

/** Where B's tile lies in the sheet of B: the pinned one, else the same filter or picture and class. */
export function positionInB(id: number, a: Loaded, at: number): number {
  const other = bOf(a);
  if (!other || other.kind !== a.kind) return -1;
  const wished = b.value?.tile ?? id;
  const index = a.kind === "heatmaps" ? a.facts.tiles[at]?.class_index : undefined;
  return positionOf(other, wished, index === undefined ? classes.value : new Map([[wished, index]]));
}

export function hasPartner(id: number, a: Loaded, at: number): boolean {
  return positionInB(id, a, at) >= 0;
}

/** Whether the map of B is of another class than that of A: the two then answer different questions. */
export function otherClass(a: Loaded, at: number, other: Loaded, bAt: number): number | null {
  if (a.kind !== "heatmaps" || other.kind !== "heatmaps") return null;
  const [left, right] = [a.facts.tiles[at]?.class_index, other.facts.tiles[bAt]?.class_index];
  return left === right ? null : (right ?? null);
}

const lights = new WeakMap<Patterns, Plane>();

/** How bright the pixels of a whole sheet are. */
function light(loaded: Patterns): Plane | null {
  const known = lights.get(loaded);
  if (known) return known;
  const { width, height } = loaded.sheet;
  const context = new OffscreenCanvas(Math.max(1, width), Math.max(1, height)).getContext("2d", {
    willReadFrequently: true,
  });
  if (!context || width === 0) return null;
  context.drawImage(loaded.sheet, 0, 0);
  const plane = brightness(context.getImageData(0, 0, width, height).data, width, height);
  lights.set(loaded, plane);
  return plane;
}

function cut(plane: Plane, [left, top, width, height]: readonly [number, number, number, number]): Plane {
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    data.set(plane.data.subarray((top + y) * plane.width + left, (top + y) * plane.width + left + width), y * width);
  return { width, height, data };
}

function planeOf(loaded: Loaded, at: number): Plane | null {
  if (loaded.kind === "heatmaps") {
    const tile = loaded.facts.tiles[at];
    return tile && evidence(tile) !== "not finite" ? values(loaded.grey, loaded.facts.sheet, at, tile) : null;
  }
  const all = light(loaded);
  return all && cut(all, tileBox(loaded.facts.sheet, at));
}

/** A minus B of one tile: raw values or shares of the evidence of heatmaps, brightness of patterns. */
export function difference(a: Loaded, at: number, other: Loaded, bAt: number): Plane | null {
  const byPlace = a.kind === "heatmaps" && view.value.measure === "places";
  const [left, right] = [planeOf(a, at), planeOf(other, bAt)].map((plane) =>
    plane && byPlace ? shares(plane) : plane,
  );
  if (!left || !right) return null;
  const signed = minus(left, right);
  return a.kind === "patterns" && view.value.sign === "absolute" ? size(signed) : signed;
}

/** What the ends of the scale stand for, over all tiles on screen. */
export const scaleOfDifference = computed(() => {
  if (view.value.compareMode !== "difference") return 0;
  return Math.max(0, ...columns.value.filter(paired).map(largestOf));
});

function largestOf(a: Loaded): number {
  const other = bOf(a);
  if (!other || a.kind !== other.kind) return 0;
  const shown =
    view.value.compareTile === null
      ? entries(a, classes.value)
      : entries(a, classes.value).filter(({ id }) => id === view.value.tile);
  const planes = shown.map(({ id, at }) => {
    const bAt = positionInB(id, a, at);
    return bAt < 0 ? null : difference(a, at, other, bAt);
  });
  return largest(planes.filter((plane) => plane !== null));
}

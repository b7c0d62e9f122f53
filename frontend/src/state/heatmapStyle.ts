// Opacity, colours and scale of heatmaps: what the sliders and menus say, as draw/canvas.ts wants it.

import type { Heatmaps } from "../data/sheets";
import type { Style } from "../draw/canvas";
import { fullOf } from "./scale";
import { view } from "./store";

export function styleOf(loaded: Heatmaps, at: number): Style {
  const { alpha, colormap, floor, show } = view.value;
  return { alpha: alpha / 100, colormap, full: fullOf(loaded, at), floor: floor / 100, show };
}

/** Whether the picture is what is seen, below the map: regions are of the picture. */
export function liesOnPicture(loaded: Heatmaps): boolean {
  return loaded.facts.placed !== false || view.value.show === "picture";
}

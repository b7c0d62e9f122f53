// The view -> how a heatmap is drawn at present.

import type { Heatmaps } from "../data/sheets";
import type { Style } from "../draw/canvas";
import { fullOf } from "./scale";
import { view } from "./store";

export function styleOf(loaded: Heatmaps, at: number): Style {
  const { alpha, map, floor, show } = view.value;
  return { alpha: alpha / 100, map, full: fullOf(loaded, at), floor: floor / 100, show };
}

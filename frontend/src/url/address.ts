// A location hash <-> the view. Only what differs from the default is written, under `p.convviz.`.

import type { Kind } from "../data/contract";
import { AXES, type AxisKind } from "../draw/axis";
import { COLOUR_MAPS, type ColourMap, DEFAULT_MAP } from "../draw/colours";
import { ALONE, COMPARISON_KEYS, type Comparison, parseComparison } from "./compareParams";
import { LOOKS_KEYS, type Looks, PLAIN, parseLooks } from "./displayParams";
import { oneOf, whole } from "./parse";
import { parsePins, writePins } from "./pins";
import { parseSorting, SORTING_KEYS, type Sorting, UNSORTED } from "./sortParams";

/** What is asked for, whether or not it is stored. */
export interface Wish {
  readonly run: string | null;
  readonly kind: Kind | null;
  readonly layer: string | null;
  /** null follows the newest step. */
  readonly step: number | null;
  /** Filter (patterns) or position (heatmaps) of the enlarged tile. */
  readonly tile: number | null;
}

export interface View extends Wish, Looks, Comparison, Sorting {
  /** Heatmap opacity in percent. */
  readonly alpha: number;
  readonly map: ColourMap;
  /** Wanted tile width in pixels; null fits the space. */
  readonly size: number | null;
  readonly axis: AxisKind;
  /** Metric drawn over the time bar; null is the first there is, "none" is none. */
  readonly metric: string | null;
  /** Pinned tiles, as `writePins` puts them. */
  readonly pins: string;
  /** The number by which layers are told apart; null is the first there is, "none" folds its chart away. */
  readonly net: string | null;
}

export const DEFAULT_VIEW: View = {
  run: null,
  kind: null,
  layer: null,
  step: null,
  tile: null,
  alpha: 70,
  map: DEFAULT_MAP,
  size: null,
  ...PLAIN,
  ...ALONE,
  ...UNSORTED,
  axis: "step",
  metric: null,
  pins: "",
  net: null,
};

export const SIZES = { least: 64, most: 384, by: 16 } as const;
const PREFIX = "p.convviz.";
const KEYS = [
  "run",
  "kind",
  "layer",
  "step",
  "tile",
  "alpha",
  "map",
  "size",
  "axis",
  "metric",
  "pins",
  "net",
  ...LOOKS_KEYS,
  ...COMPARISON_KEYS,
  ...SORTING_KEYS,
] as const;

/** The view that a hash asks for; what it does not say, or says wrongly, is the default. */
export function parseView(hash: string): View {
  const said = new Map<string, string>();
  for (const part of hash.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    if (at > 0 && part.startsWith(PREFIX)) said.set(part.slice(PREFIX.length, at), decode(part.slice(at + 1)));
  }
  return {
    run: said.get("run") ?? null,
    kind: oneOf<Kind>(["patterns", "heatmaps"], said.get("kind")) ?? null,
    layer: said.get("layer") ?? null,
    step: whole(said.get("step"), 0, 2 ** 31) ?? null,
    tile: whole(said.get("tile"), 0, 2 ** 31) ?? null,
    alpha: whole(said.get("alpha"), 0, 100) ?? DEFAULT_VIEW.alpha,
    map: oneOf(COLOUR_MAPS, said.get("map")) ?? DEFAULT_MAP,
    size: whole(said.get("size"), SIZES.least, SIZES.most) ?? null,
    ...parseLooks(said),
    ...parseComparison(said),
    ...parseSorting(said),
    axis: oneOf(AXES, said.get("axis")) ?? DEFAULT_VIEW.axis,
    metric: said.get("metric") ?? null,
    net: said.get("net") ?? null,
    pins: writePins(parsePins(said.get("pins") ?? "")),
  };
}

/** Whether the Back button should lead from one view to the other: steps and colours are no pages. */
export function pageTurned(from: View, to: View): boolean {
  return (
    from.run !== to.run ||
    from.kind !== to.kind ||
    from.layer !== to.layer ||
    from.tile !== to.tile ||
    from.as !== to.as
  );
}

/** `hash` with our keys replaced by those of `view`; everything TensorBoard wrote stays. */
export function writeView(hash: string, view: View, plugin = "convviz"): string {
  const kept = hash
    .replace(/^#/, "")
    .split("&")
    .filter((part) => part && !part.startsWith(PREFIX));
  if (kept.length === 0) kept.push(plugin);
  for (const key of KEYS) {
    const value = view[key];
    if (value !== DEFAULT_VIEW[key] && value !== null) kept.push(`${PREFIX}${key}=${encode(String(value))}`);
  }
  return `#${kept.join("&")}`;
}

// Slashes of runs and nested layers stay readable, and so do lists; TensorBoard splits on & and = only.
function encode(value: string): string {
  return encodeURIComponent(value).replaceAll("%2F", "/").replaceAll("%3A", ":").replaceAll("%2C", ",");
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

// The view and its codec table: a location hash <-> the view. Only what differs from the default is written,
// under `p.convviz.`.

import type { Kind } from "../data/contract";
import { AXES } from "../draw/axis";
import { COLOUR_MAPS, DEFAULT_MAP } from "../draw/colours";
import { SHOWS } from "../draw/pixels";
import { SCOPES } from "../draw/scopes";
import { NAME } from "../words/metrics";
import { count, decimal, either, type Field, flag, int, key, matching, name, oneOf, text } from "./fields";
import { parsePins, writePins } from "./pins";
import { parseRange } from "./range";

export const SIZES = { least: 64, most: 384, by: 16 } as const;
export const WAYS = ["side", "swipe", "blink", "difference"] as const;
/** How A and B are shown together. */
export type Way = (typeof WAYS)[number];

/** Every field of the view, in the order in which they are written; `key` where the address calls it otherwise. */
const FIELDS = {
  run: name,
  kind: oneOf<Kind, null>(["patterns", "heatmaps"], null),
  layer: name,
  /** Whether each pattern has the examples of its filter next to it. */
  examples: flag,
  /** The summary of the run, or its tiles. */
  page: oneOf(["tiles", "summary"], "tiles"),
  /** null follows the newest step. */
  step: count,
  /** Filter (patterns) or position (heatmaps) of the enlarged tile. */
  tile: count,

  /** Heatmap opacity in percent. */
  alpha: int(0, 100, 70),
  colormap: key("map", oneOf(COLOUR_MAPS, DEFAULT_MAP)),
  /** Wanted tile width in pixels; null fits the space. */
  size: int(SIZES.least, SIZES.most, null),
  axis: oneOf(AXES, "step"),
  /** Metric drawn over the time bar; null is the first there is, "none" is none. */
  metric: name,
  /** Pinned tiles, as `writePins` puts them. */
  pins: text("", (pins) => writePins(parsePins(pins))),
  /** The number by which layers are told apart; null is the first there is, "none" folds its chart away. */
  layerMetric: key("net", name),

  /** What the full colour of a heatmap stands for. */
  scope: oneOf(SCOPES, "map"),
  /** Percent of the full colour below which the picture is left clear. */
  floor: int(0, 95, 0),
  show: oneOf(SHOWS, "both"),
  /** The class chosen for each picture, as `writeClasses` puts it. */
  classChoice: key("cls", matching(/^\d{1,9}:\d{1,9}(,\d{1,9}:\d{1,9})*$/)),
  /** Tiles of one step, or the first tiles at all steps. */
  layout: key("as", oneOf(["tiles", "matrix"], "tiles")),
  /** The filter whose activations lie on the enlarged picture; null is the evidence for its class. */
  sees: count,
  /** Enlargement of the enlarged tile in percent of what fits; its middle in hundredths of a percent of the picture. */
  zoom: decimal(2, 1600, 100),
  centreX: key("x", int(0, 10_000, 5000)),
  centreY: key("y", int(0, 10_000, 5000)),

  /** null shows A alone. */
  compareMode: key("way", oneOf(WAYS, null)),
  /** Step of B, "last" the last one stored; null is the baseline, or with another run the step of A. */
  compareStep: key("b", either(count, oneOf(["previous", "last"], null))),
  /** What of B is left open is that of A. */
  compareRun: key("brun", name),
  compareLayer: key("blayer", name),
  compareTile: key("btile", count),
  /** Differences of patterns: by sign or by size. */
  sign: oneOf(["signed", "absolute"], "signed"),
  /** Differences of heatmaps: of their raw values, or of where each has its evidence. */
  measure: key("of", oneOf(["amounts", "places"], "amounts")),
  /** Runs beside that of A, joined by `joinNames`. */
  beside: text(),
  /** Which steps of other runs stand beside a step of A. */
  align: oneOf(["step", "end"], "step"),

  /** "index" or the name of a number in the facts; "-" before it means highest first. */
  sort: matching(new RegExp(`^-?${NAME}$`, "u"), "index"),
  /** Leaves out filters without response, pictures without evidence. */
  hide: flag,
  /** Keeps only pictures of a true class that are taken for another, "true:predicted". */
  cell: matching(/^\d{1,9}:\d{1,9}$/),
  /** The step whose order and gaps are kept at all steps; null arranges each step by its own numbers. */
  heldStep: key("hold", count),
  /** Keeps only tiles whose number lies in a range, as `writeRange` puts it. */
  range: key(
    "only",
    text("", (range) => parseRange(range) && range),
  ),
};

type Fields = typeof FIELDS;
export type View = { readonly [F in keyof Fields]: Fields[F] extends Field<infer T> ? T : never };
/** What is asked for, whether or not it is stored. */
export type Wish = Pick<View, "run" | "kind" | "layer" | "step" | "tile">;
/** What A is compared with, and how. */
export type Comparison = Pick<View, "compareMode" | "compareStep" | "compareRun" | "compareLayer" | "compareTile">;
/** Which tiles come first and which stay out. */
export type Sorting = Pick<View, "sort" | "hide" | "range">;

const PREFIX = "p.convviz.";

/** The view that a hash asks for; what it does not say, or says wrongly, is the default. */
export function parseView(hash: string): View {
  const said = new Map<string, string>();
  for (const part of hash.replace(/^#/, "").split("&")) {
    const equals = part.indexOf("=");
    if (equals > 0 && part.startsWith(PREFIX))
      said.set(part.slice(PREFIX.length, equals), decode(part.slice(equals + 1)));
  }
  const entries = Object.entries<Field<unknown>>(FIELDS).map(([name, { key = name, fallback, parse }]) => {
    const value = said.get(key);
    return [name, value === undefined ? fallback : (parse(value) ?? fallback)];
  });
  return Object.fromEntries(entries);
}

export const DEFAULT_VIEW = parseView("");

/** Whether the Back button should lead from one view to the other: steps and colours are no pages. */
export function pageTurned(from: View, to: View): boolean {
  return (["page", "run", "kind", "examples", "layer", "tile", "layout"] as const).some((key) => from[key] !== to[key]);
}

/** `hash` with our keys replaced by those of `view`; everything TensorBoard wrote stays. */
export function writeView(hash: string, view: View, plugin = "convviz"): string {
  const kept = hash
    .replace(/^#/, "")
    .split("&")
    .filter((part) => part && !part.startsWith(PREFIX));
  if (kept.length === 0) kept.push(plugin);
  for (const [name, { key = name, fallback }] of Object.entries<Field<unknown>>(FIELDS)) {
    const value = view[name as keyof View];
    if (value !== fallback && value !== null) kept.push(`${PREFIX}${key}=${encode(String(value))}`);
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

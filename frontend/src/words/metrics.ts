// The name of a number in the facts -> how it is called, printed and explained, and which end of it is of interest.

import { number, percent } from "./format";

export interface Meaning {
  /** By itself, in a menu. */
  readonly name: string;
  /** Under the heading of its group. */
  readonly short: string;
  readonly group: Group;
  readonly unit: "plain" | "share" | "sure" | "yes" | "count" | "seconds";
  /** One line. */
  readonly text: string;
  /** Whether the lowest are those to look at first. */
  readonly low?: boolean;
}

export const GROUPS = [
  "",
  "Drift from the baseline",
  "Since the last log",
  "From B",
  "Life",
  "Where the evidence is",
] as const;
type Group = (typeof GROUPS)[number];
const [OWN, BASE, LAST, B, LIFE, WHERE] = GROUPS;

/** What a number may be called: the names of regions in it are of any script. */
export const NAME = "[A-Za-z][\\p{L}\\p{N}_]{0,40}";
export const A_NAME = new RegExp(`^${NAME}$`, "u");

const MEANINGS: Readonly<Record<string, Meaning>> = {
  probability: {
    name: "probability",
    short: "probability",
    group: OWN,
    unit: "sure",
    text: "How sure the network is of the class of the map.",
  },
  score: {
    name: "score",
    short: "score",
    group: OWN,
    unit: "plain",
    text: "Mean activation reached; of a map, the output for its class.",
  },
  maximum: {
    name: "map maximum",
    short: "map maximum",
    group: OWN,
    unit: "plain",
    text: "The largest raw value of the map.",
  },
  kernel_drift: {
    name: "kernel drift",
    short: "kernel",
    group: BASE,
    unit: "share",
    text: "How far the weights moved, against their size at the baseline.",
  },
  pattern_drift: {
    name: "pattern drift",
    short: "pattern",
    group: BASE,
    unit: "share",
    text: "How different the picture looks, contrast and place aside.",
  },
  function_drift: {
    name: "function drift",
    short: "function",
    group: BASE,
    unit: "share",
    text: "How differently the filter answers the probe pictures: 100\u2009% is nothing in common.",
  },
  kernel_cosine: {
    name: "kernel direction",
    short: "direction",
    group: BASE,
    unit: "plain",
    low: true,
    text: "Cosine of the weights to those of the baseline: 1 has not turned, whatever its size.",
  },
  kernel_norm: {
    name: "kernel size",
    short: "size",
    group: BASE,
    unit: "plain",
    text: "Size of the weights against the baseline: 2 is twice as large.",
  },
  kernel_drift_previous: {
    name: "kernel drift since last log",
    short: "kernel",
    group: LAST,
    unit: "share",
    text: "How far the weights moved since the last log.",
  },
  pattern_drift_previous: {
    name: "pattern drift since last log",
    short: "pattern",
    group: LAST,
    unit: "share",
    text: "How different the picture is from that of the last log.",
  },
  pattern_drift_b: {
    name: "pattern drift from B",
    short: "pattern",
    group: B,
    unit: "share",
    text: "How different the picture is from that of B, computed here from the two pictures.",
  },
  active: {
    name: "active positions",
    short: "active",
    group: LIFE,
    unit: "share",
    low: true,
    text: "Share of the positions of the probe pictures at which the answer is not 0.",
  },
  response: {
    name: "strongest response",
    short: "response",
    group: LIFE,
    unit: "plain",
    text: "The largest answer to the probe pictures.",
  },
  gradient: {
    name: "gradient",
    short: "gradient",
    group: LIFE,
    unit: "plain",
    low: true,
    text: "How much the predicted classes hang on the filter's answers to the probe pictures.",
  },
  dead: {
    name: "dead",
    short: "dead",
    group: LIFE,
    unit: "yes",
    text: "No answer but 0 to any probe picture, and the ascent finds none.",
  },
  stuck: {
    name: "stuck",
    short: "stuck",
    group: LIFE,
    unit: "yes",
    text: "On everywhere on all probe pictures, or the same everywhere.",
  },
  twin_similarity: {
    name: "likeness to its twin",
    short: "twin",
    group: LIFE,
    unit: "plain",
    text: "Correlation with the filter of the layer that answers most alike: 1 is a copy.",
  },
  energy_inside: {
    name: "energy on object",
    short: "on object",
    group: WHERE,
    unit: "share",
    low: true,
    text: "Share of the evidence that lies on the object, inside its box.",
  },
  pointing: {
    name: "points at the object",
    short: "hits object",
    group: WHERE,
    unit: "yes",
    low: true,
    text: "Whether the maximum of the map lies on the object, inside its box.",
  },
  area: {
    name: "area",
    short: "area",
    group: WHERE,
    unit: "share",
    text: "Share of the map at or over half its maximum.",
  },
  entropy: {
    name: "spread",
    short: "spread",
    group: WHERE,
    unit: "plain",
    text: "Entropy of the map: 0 is all at one place, 1 is the same everywhere.",
  },
  overlap_previous: {
    name: "overlap with the last log",
    short: "overlap last",
    group: WHERE,
    unit: "share",
    low: true,
    text: "How much of the evidence lies where it lay at the last log.",
  },
  overlap_baseline: {
    name: "overlap with the baseline",
    short: "overlap base",
    group: WHERE,
    unit: "share",
    low: true,
    text: "How much of the evidence lies where it lay at the baseline.",
  },
};

/** Begins the name of the number that says how much lies on a region other than the object; its name follows. */
const ON_REGION = "energy_on_";

/** Numbers of a layer that mean something else than those of its tiles, or that tiles have not. */
const OF_LAYERS: Readonly<Record<string, Meaning>> = {
  dead: {
    name: "dead filters",
    short: "dead",
    group: LIFE,
    unit: "count",
    text: "How many filters of the layer answer to nothing.",
  },
  stuck: {
    name: "stuck filters",
    short: "stuck",
    group: LIFE,
    unit: "count",
    text: "How many filters of the layer are active everywhere.",
  },
  seconds: {
    name: "seconds",
    short: "seconds",
    group: OWN,
    unit: "seconds",
    text: "Time spent on the pictures and numbers of the layer.",
  },
};

const ORDER = Object.keys(MEANINGS);
const LAYER_ORDER = [
  "kernel_drift",
  "pattern_drift",
  "function_drift",
  "energy_inside",
  "overlap_previous",
  "area",
  "probability",
  "dead",
  "stuck",
  "seconds",
];

/** What a number of a tile means; one this version has never heard of is shown under its own name. */
export function meaning(name: string): Meaning {
  const words = name.replaceAll("_", " ");
  if (name.startsWith(ON_REGION)) {
    const region = words.slice(ON_REGION.length);
    return {
      name: `energy on ${region}`,
      short: `on ${region}`,
      group: WHERE,
      unit: "share",
      text: `Share of the evidence that lies on the ${region}.`,
    };
  }
  return MEANINGS[name] ?? { name: words, short: words, group: OWN, unit: "plain", text: "" };
}

/** What a number of a layer means: the median of its filters, the mean of its pictures, or a count. */
export function layerMeaning(name: string): Meaning {
  const own = OF_LAYERS[name];
  const of = meaning(name);
  const among = of.group === WHERE || name === "probability" ? "Mean over the pictures." : "Median over the filters.";
  return own ?? { ...of, text: [of.text, among].filter(Boolean).join(" ") };
}

/** Those of old first, then in the order of the table. */
export function rank(name: string): number {
  return placeIn(ORDER, name);
}

export function layerRank(name: string): number {
  return placeIn(LAYER_ORDER, name);
}

function placeIn(order: readonly string[], name: string): number {
  const at = order.indexOf(name.startsWith(ON_REGION) ? "energy_inside" : name);
  return at < 0 ? order.length : at;
}

/** A value in the unit of its number. */
export function print(value: number | null | undefined, { unit }: Meaning): string {
  if (value === null || value === undefined) return "\u2013";
  if (unit === "yes") return value ? "yes" : "no";
  if (unit === "sure") return percent(value);
  if (unit === "count") return String(value);
  if (unit === "seconds") return `${number(value, 2)}\u2009s`;
  return unit === "share" && value !== 0 ? `${number(value * 100, 2)}\u2009%` : number(value);
}

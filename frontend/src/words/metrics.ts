// Metrics -> what they are called, how they are printed and explained, and which end of them is of interest.

import { type Kind, METRICS, type Metric, ON_REGION } from "../data/contract";
import { number, percent } from "./format";

export interface Meaning {
  /** By itself, in a menu. */
  readonly name: string;
  /** Under the heading of its group. */
  readonly short: string;
  readonly group: Group;
  readonly unit: Metric["unit"] | "count";
  /** One line. */
  readonly text: string;
  /** Whether the lowest are those to look at first. */
  readonly low?: boolean;
}

export const GROUPS = ["", "Drift from the baseline", "Since the last log", "Life", "Where the evidence is"] as const;
type Group = (typeof GROUPS)[number];
const HEADINGS: Readonly<Record<Metric["group"], Group>> = {
  "": "",
  drift: "Drift from the baseline",
  previous: "Since the last log",
  life: "Life",
  evidence: "Where the evidence is",
};

/** What a number may be called: the names of regions in it are of any script. */
export const NAME = "[A-Za-z][\\p{L}\\p{N}_]{0,40}";
export const A_NAME = new RegExp(`^${NAME}$`, "u");

/** What a number of a tile means; one this version has never heard of is shown under its own name. */
export function meaning(name: string): Meaning {
  const [first, ...more] = METRICS.filter((metric) => metric.of !== "layer" && metric.name === rowOf(name));
  const words = name.replaceAll("_", " ");
  if (!first) return { name: words, short: words, group: "", unit: "plain", text: "" };
  const text = more.length > 0 ? [first, ...more].map((row) => `Of a ${row.of}: ${row.text}`).join(" ") : first.text;
  return inWords({ ...first, text }, name);
}

/** What a number of a layer means: the median or mean of its tiles, how many of them, or a number of its own. */
export function layerMeaning(name: string): Meaning {
  const row = rowOfLayer(name);
  if (!row) return meaning(name);
  const own = inWords(row, name);
  if (row.summary === "median") return { ...own, text: `${own.text} Median over the filters.` };
  if (row.summary === "mean") return { ...own, text: `${own.text} Mean over the pictures.` };
  if (row.summary !== "sum") return own;
  const counted = `filters that are ${row.title}`;
  return { ...own, name: counted, unit: "count", text: `How many filters of the layer are ${row.title}.` };
}

/** Where numbers of layers of this name are seen best. */
export function kindOf(name: string): Kind | null {
  const kinds = { filter: "patterns", heatmap: "heatmaps", layer: null } as const;
  return kinds[rowOfLayer(name)?.of ?? "layer"];
}

/** By group, then in the order of the table; unknown ones last. */
export function rank(name: string): number {
  const group = HEADINGS[METRICS[placeIn(METRICS, name)]?.group ?? "evidence"];
  return GROUPS.indexOf(group) * METRICS.length + placeIn(METRICS, name);
}

export function layerRank(name: string): number {
  return placeIn(OF_LAYERS, name);
}

/** Metrics that layers have a number of. */
const OF_LAYERS = METRICS.filter(({ of, summary }) => of === "layer" || summary);

function rowOfLayer(name: string): Metric | undefined {
  return OF_LAYERS.find((row) => row.name === rowOf(name));
}

function placeIn(rows: readonly Metric[], name: string): number {
  const index = rows.findLastIndex((row) => row.name === rowOf(name));
  return index < 0 ? rows.length : index;
}

/** Metrics of all regions have one row. */
function rowOf(name: string): string {
  return name.startsWith(ON_REGION) ? ON_REGION : name;
}

function inWords(row: Metric, name: string): Meaning {
  const region = name.slice(ON_REGION.length).replaceAll("_", " ");
  const named = (text: string): string => (row.name === ON_REGION ? text.replace("\u2026", () => region) : text);
  return {
    name: named(row.title),
    short: named(row.short ?? row.title),
    group: HEADINGS[row.group],
    unit: row.unit,
    text: named(row.text),
    low: row.first === "low",
  };
}

function degrees(cosine: number): number {
  return (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI;
}

/** 0.031 -> "+3.1 %"; hundredths of a percent say nothing. */
function change(share: number): string {
  const percent = Math.round(share * 1000) / 10;
  return `${percent > 0 ? "+" : ""}${number(percent, 2)}\u2009%`;
}

/** A value in the unit of its number. */
export function print(value: number | null | undefined, { unit }: Meaning): string {
  if (value === null || value === undefined) return "\u2013";
  if (unit === "flag") return value ? "yes" : "no";
  if (unit === "probability") return percent(value);
  if (unit === "count") return String(value);
  if (unit === "cosine") return `${number(degrees(value), 2)}°`;
  if (unit === "ratio") return change(value - 1);
  if (unit === "seconds") return `${number(value, 2)}\u2009s`;
  return unit === "share" && value !== 0 ? `${number(value * 100, 2)}\u2009%` : number(value);
}

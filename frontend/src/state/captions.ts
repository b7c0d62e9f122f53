// Captions: what A, B, a tile and the metric at a step are called on screen.

import { classNamesOf, type Examples } from "../data/examples";
import type { Loaded } from "../data/sheets";
import { valuesAt } from "../draw/curves";
import { cut, tally } from "../draw/examples";
import { evidence } from "../draw/pixels";
import { marksOf } from "../words/badges";
import { verdict } from "../words/classification";
import { describeExample, inClasses, noExamples } from "../words/examples";
import { number, percent } from "../words/format";
import { b, besideRuns } from "./compare";
import { picturesBefore } from "./examples";
import { skippedReason } from "./model";
import { axis, beside, entry, indexes, metric, place, view } from "./store";
import { sortedNumber } from "./tileOrder";

/** A in words: its run only where other runs are next to it. */
export function nameOfA(): string {
  const step = `step ${place.value?.step}`;
  return besideRuns.value.length ? `${entry.value?.name}, ${step}` : step;
}

/** B in words: only what differs from A. */
export function nameOfB(): string {
  const [a, other] = [place.value, b.value];
  if (!a || !other) return "";
  const filter = other.tile === null ? "" : `${a.kind === "patterns" ? "filter" : "picture"} ${other.tile}`;
  const layer = other.layer === a.layer ? "" : (other.layer ?? "");
  const run =
    other.run === a.run && view.value.compareRun === null ? "" : (indexes.value.get(other.run)?.name ?? other.run);
  const step =
    other.step === null
      ? "no step"
      : `step ${other.step}${other.baseline && other.step === 0 ? " (before training)" : ""}`;
  return [run, layer, filter, step].filter(Boolean).join(", ");
}

const SHORT = { train: "train", validation: "val" } as const;

/** "train 0.482  val 0.513"; empty where nothing was logged at the step. */
export function metricText(step: number | null): string {
  if (metric.value === null || step === null) return "";
  const values = [...valuesAt(beside.value, metric.value, axis.value, step)];
  return values.map(([part, value]) => `${SHORT[part]}\u00a0${number(value)}`).join("  ");
}

/** A tile in words, for screen readers. */
export function describe(loaded: Loaded, position: number): string {
  const sort = sortedNumber(loaded, position);
  const sorted = sort ? `, ${sort.meaning.name} ${sort.text}` : "";
  if (loaded.kind === "patterns") {
    const tile = loaded.facts.tiles[position];
    if (!tile) return "";
    const marks = marksOf(tile, loaded, skippedReason(loaded.ref.tag)).map(({ text, why }) => `, ${text}: ${why}`);
    return `Filter ${tile.filter}${tile.name ? `, ${tile.name}` : ""}, score ${number(tile.score)}${sorted}${marks.join("")}`;
  }
  const tile = loaded.facts.tiles[position];
  if (!tile) return "";
  const { title, note } = verdict(tile, loaded.inputs?.facts ?? null);
  const peak = {
    some: `maximum ${number(tile.maximum)}`,
    none: loaded.filter === undefined ? "no evidence" : "no activation",
    flat: "flat: the same everywhere",
    "not finite": "not finite",
  };
  const parts = [`${title} ${percent(tile.probability)}`, note, peak[evidence(tile)]].filter(Boolean);
  const of = loaded.filter === undefined ? "" : ` through filter ${loaded.filter}`;
  return `Picture ${tile.image}${of}: ${parts.join(", ")}${sorted}`;
}

/** The examples of a filter in words: their classes, then each of them, with what is new since the step before. */
export function describeExamples(examples: Examples, filter: number): string {
  const all = cut(examples, filter);
  if (all.length === 0) return `Filter ${filter}: ${noExamples(examples.facts.count).toLowerCase()}`;
  const names = classNamesOf(examples);
  const before = picturesBefore(examples.ref, filter);
  const each = all.map((one) => {
    const fresh = before && !before.includes(one.picture) ? ", new" : "";
    return `${describeExample(one, names)}${fresh}`;
  });
  const of = inClasses(tally(all), all.length, names);
  return `Filter ${filter}${of && `, ${of}`}: ${each.join("; ")}`;
}

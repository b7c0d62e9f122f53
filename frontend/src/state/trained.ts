// When each layer was trained and at what learning rate -> frozen spans and marks over the steps.

import { computed } from "@preact/signals";
import type { Turns } from "../data/contract";
import { profiles } from "../data/scalars";
import { bestEpoch, valuesAt } from "../draw/curves";
import { number, plural, power, split } from "../words/format";
import { model } from "./model";
import { axis, beside, place, run, steps } from "./store";

const turns = computed(
  () =>
    new Map(
      (profiles.known(run.value ?? "") ?? []).flatMap(({ layer, trainable }) =>
        trainable ? [[layer, trainable] as const] : [],
      ),
    ),
);

function trainedAt({ steps: own, values }: Turns, step: number): boolean {
  return values[own.findLastIndex((turn) => turn <= step)] ?? values[0] ?? true;
}

/** Whether a layer was frozen at a step, as far as the log of all steps is known by now. */
export function frozenThen(layer: string, step: number): boolean {
  const own = turns.value.get(layer);
  return own !== undefined && !trainedAt(own, step);
}

/** Whether a layer is frozen at the step on screen. */
export function isFrozen(layer: string): boolean {
  const step = place.value?.step ?? null;
  if (turns.value.has(layer) && step !== null) return frozenThen(layer, step);
  return model.value?.layers.find((facts) => facts.layer === layer)?.trainable === false;
}

/** The best epoch by the validation that Keras logged; null where it is not known. */
export const best = computed(() => bestEpoch(beside.value, axis.value));

/** "lowest validation loss, 0.31"; empty where there is none. */
export const bestInWords = computed(() => {
  if (best.value === null) return "";
  const { metric, value } = best.value;
  const which = metric === "loss" ? "lowest" : "highest";
  return `${which} validation ${metric.replaceAll("_", " ")}, ${number(value)}`;
});

/** A range of stored steps, both ends in it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** When the layer on screen was frozen. */
export const frozenSpans = computed<Span[]>(() => {
  const own = turns.value.get(place.value?.layer ?? "");
  const spans: Span[] = [];
  steps.value.forEach((step, at) => {
    if (own === undefined || trainedAt(own, step)) return;
    const last = spans.at(-1);
    if (last && last.to === steps.value[at - 1]) spans.splice(-1, 1, { from: last.from, to: step });
    else spans.push({ from: step, to: step });
  });
  return spans;
});

/** Something that happened to the training after a step, and what in more words. */
export interface Mark {
  readonly step: number;
  readonly text: string;
  readonly why: string;
}

/** A schedule changes the rate at every epoch: news is a factor that is large, and much larger than the one before. */
const JUMP = Math.log(1.9);
const MUCH = 3;

/** Layers that were unfrozen or frozen, and jumps of the learning rate. */
export const marks = computed<Mark[]>(() =>
  steps.value.flatMap((step, at) => {
    const before = steps.value[at - 1];
    if (before === undefined) return [];
    const earlier = steps.value[at - 2] ?? null;
    const changes = [...turned(before, step, true), ...turned(before, step, false), ...rate(earlier, before, step)];
    if (changes.length === 0) return [];
    const words = (part: "text" | "why"): string => changes.map((change) => change[part]).join(", ");
    return [{ step: before, text: words("text"), why: `After step ${before}: ${words("why")}` }];
  }),
);

type Change = Omit<Mark, "step">;

function turned(before: number, step: number, trained: boolean): Change[] {
  const layers = [...turns.value].flatMap(([layer, own]) =>
    trainedAt(own, step) === trained && trainedAt(own, before) !== trained ? [split(layer)[1]] : [],
  );
  const word = trained ? "unfrozen" : "frozen";
  return layers.length ? [{ text: word, why: `${plural(layers.length, "layer")} ${word} (${layers.join(", ")})` }] : [];
}

function rate(earlier: number | null, before: number, step: number): Change[] {
  const rateAt = (at: number | null): number | undefined =>
    at === null ? undefined : valuesAt(beside.value, "learning_rate", axis.value, at).get("train");
  const [first = 0, was = 0, is = 0] = [earlier, before, step].map(rateAt);
  if (was <= 0 || is <= 0) return [];
  const by = Math.abs(Math.log(is / was));
  if (by < JUMP || (first > 0 && by < MUCH * Math.abs(Math.log(was / first)))) return [];
  return [{ text: `lr ${power(is)}`, why: `learning rate ${power(was)} to ${power(is)}` }];
}

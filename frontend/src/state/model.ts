// The facts of the model at the step on screen: findings, numbers of the layers, what the step cost.

import { computed, effect, signal } from "@preact/signals";
import { lost } from "../data/connection";
import type { ModelFacts, Ref } from "../data/contract";
import { factsOf, gather } from "../data/facts";
import { refAt, seriesOf } from "../data/series";
import { atOrBefore } from "../data/steps";
import { index, place, steps, visible } from "./store";

/** Someone who drags the time bar does not read. */
const REST = 150;

const ref = computed<Ref | null>(() => {
  const [held, at] = [index.value, place.value];
  const series = held && seriesOf(held, "model", null);
  return series && at?.step != null ? refAt(at.run, series, atOrBefore(series.steps, at.step)) : null;
});

/** What is shown until the facts of a step are there: those of the step before it, of the same run. */
const last = signal<{ readonly run: string; readonly model: ModelFacts } | null>(null);

export const model = computed<ModelFacts | null>(() => {
  const now = ref.value;
  const found = now && factsOf<Partial<ModelFacts>>(now);
  if (found?.layers) return found as ModelFacts;
  return last.value?.run === now?.run ? (last.value?.model ?? null) : null;
});

/** The numbers of a layer at the step on screen, as far as the log has them. */
export function numbersOfLayer(layer: string): Readonly<Record<string, number | null>> {
  return model.value?.layers.find((own) => own.layer === layer)?.numbers ?? {};
}

/** Why there is less of a series at this step than was asked for. */
export function skippedReason(tag: string): string {
  const found = model.value?.skipped;
  return Array.isArray(found) ? (found.find((own) => own.tag === tag)?.reason ?? "") : "";
}

export interface Cost {
  readonly seconds: number;
  /** Share of the training time since the last log; null where a log does not say how long that was. */
  readonly share: number | null;
  readonly budget: number | null;
}

/** What looking at the step has cost. */
export const cost = computed<Cost | null>(() => {
  const { seconds, epoch_seconds, budget } = model.value ?? {};
  if (typeof seconds !== "number") return null;
  const now = place.value?.step ?? 0;
  const before = steps.value.findLast((step) => step < now);
  const trained = before === undefined ? 0 : (epoch_seconds ?? 0) * (now - before);
  return { seconds, share: trained > 0 ? seconds / trained : null, budget: budget ?? null };
});

/** Keeps the facts of the step at hand. */
export function watchModel(): void {
  effect(() => {
    const now = ref.value;
    const found = now && factsOf<Partial<ModelFacts>>(now);
    if (now && found?.layers) {
      last.value = { run: now.run, model: found as ModelFacts };
      return;
    }
    if (!now || found || !visible.value || lost.value) return;
    const wait = setTimeout(() => void gather([now]), last.peek()?.run === now.run ? REST : 0);
    return () => clearTimeout(wait);
  });
}

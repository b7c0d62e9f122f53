// Metrics of the enlarged tile over the steps, one line each, in groups.

import { useEffect } from "preact/hooks";
import type { Course } from "../../data/contract";
import { gather, refsOf } from "../../data/facts";
import type { Loaded } from "../../data/sheets";
import { metricOf, numbersOf } from "../../data/tileMetrics";
import { fractionOn, stepAt } from "../../draw/axis";
import { type Point, path, pieces } from "../../draw/lines";
import { goTo } from "../../state/actions";
import { b } from "../../state/compare";
import { courseOf, type Past, pastOf } from "../../state/metricHistory";
import { axis, place, row, view } from "../../state/store";
import { LineChart, upright } from "../../ui/LineChart";
import { whyMissing } from "../../words/badges";
import { GROUPS, type Meaning, meaning, print } from "../../words/metrics";

interface Props {
  readonly loaded: Loaded;
  readonly position: number;
  readonly id: number;
}

export function MetricHistory({ loaded, position, id }: Props) {
  const series = row.value?.series;
  const run = place.value?.run;
  useEffect(() => {
    if (series && run !== undefined) void gather(refsOf(run, series));
  }, [series, run]);
  const tile = loaded.facts.tiles[position];
  if (!series || run === undefined || !tile) return null;
  const past = pastOf(
    run,
    series,
    id,
    loaded.kind === "heatmaps" ? loaded.facts.tiles[position]?.class_index : undefined,
  );
  const names = numbersOf([tile]).filter((name) => name !== "dead" && name !== "stuck");
  const why = whyMissing(loaded);
  return (
    <div class="history">
      {GROUPS.map((group) => {
        const own = names.filter((name) => meaning(name).group === group);
        if (own.length === 0) return null;
        return (
          <section key={group} aria-label={group || "Over the steps"}>
            <h3>{headline(group, loaded)}</h3>
            {own.map((name) => (
              <Line
                key={name}
                name={name}
                course={courseOf(past, name)}
                now={metricOf(tile, name)}
                floor={floorOf(name, loaded)}
                past={past}
              />
            ))}
            {noteOf(group, loaded) && <p class="hint">{noteOf(group, loaded)}</p>}
          </section>
        );
      })}
      {why && <p class="hint">{why}</p>}
    </div>
  );
}

function headline(group: string, loaded: Loaded): string {
  if (group !== "Drift from the baseline" || loaded.kind === "heatmaps") return group || "Over the steps";
  return `Drift from step ${loaded.facts.baseline_step ?? 0}`;
}

function noteOf(group: string, loaded: Loaded): string {
  if (loaded.kind === "heatmaps" || group !== "Drift from the baseline") return "";
  const { noise_floor: floor, trainable } = loaded.facts;
  const noise =
    floor != null
      ? `Changes of the picture below ${print(floor, meaning("pattern_drift"))} (dashed) are noise of the ascent.`
      : "";
  return [trainable === false && "Frozen: its weights do not change.", noise].filter(Boolean).join(" ");
}

function floorOf(name: string, loaded: Loaded): number | null {
  if (loaded.kind === "heatmaps" || !name.startsWith("pattern_drift")) return null;
  return loaded.facts.noise_floor ?? null;
}

interface LineProps {
  readonly name: string;
  readonly course: Course;
  readonly now: number | null;
  readonly floor: number | null;
  readonly past: readonly Past[];
}

function Line({ name, course, now, floor, past }: LineProps) {
  const own = meaning(name);
  const known = course.values.filter((value) => value !== null);
  const high = Math.max(...known, now ?? -Infinity, floor ?? -Infinity);
  // Shares start at 0; of others only the change is of interest.
  const low = ["plain", "cosine", "ratio"].includes(own.unit) ? Math.min(...known, now ?? Infinity) : 0;
  const up = (value: number): number => (high > low ? (value - low) / (high - low) : 0.5);
  const x = (step: number): number => fractionOn(axis.value, step);
  const press = (event: PointerEvent & { currentTarget: Element }): void => {
    const box = event.currentTarget.getBoundingClientRect();
    goTo(stepAt(axis.value, (event.clientX - box.left) / box.width));
  };
  const other = b.value?.run === place.value?.run ? b.value?.step : null;
  const step = place.value?.step;
  const points = course.steps.map((step, index): Point | null => {
    const value = course.values[index];
    return value == null ? null : [x(step), up(value)];
  });
  const restarts = past.filter((one) => one.refreshed && one.step > 0).map((one) => upright("", x(one.step), 0.2).d);
  const strokes = [
    floor !== null && { class: "history-line-floor", d: `M0 ${1 - up(floor)}h1` },
    floor !== null && { class: "history-line-restart", d: restarts.join("") },
    other != null && upright("history-line-b", x(other)),
    step != null && upright("history-line-a", x(step)),
    { class: "history-line-path", d: path(pieces(points)) },
  ];
  return (
    <div
      class="history-line"
      title={`${own.text}${view.value.tile === null ? "" : " Click the line to go to a step."}`}
    >
      <span class="history-line-name">{own.short}</span>
      <LineChart label={inWords(own, course)} onPointerDown={press} strokes={strokes} />
      <span class="history-line-value">{print(now, own)}</span>
    </div>
  );
}

function inWords(own: Meaning, { steps, values }: Course): string {
  const ends = [0, steps.length - 1]
    .filter((index) => values[index] != null)
    .map((index) => `${print(values[index], own)} at step ${steps[index]}`);
  return `${own.name} over the steps: ${ends.join(", ") || "not known yet"}`;
}

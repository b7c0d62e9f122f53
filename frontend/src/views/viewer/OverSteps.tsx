// The numbers of the enlarged tile -> one line each over the steps, in groups.

import { useEffect } from "preact/hooks";
import type { Course } from "../../data/contract";
import { gather, refsOf } from "../../data/facts";
import type { Loaded } from "../../data/sheets";
import { metricOf, numbersOf } from "../../data/tileMetrics";
import { fractionOn, stepAt } from "../../draw/axis";
import type { Point } from "../../draw/curves";
import { goTo } from "../../state/actions";
import { b } from "../../state/compare";
import { tilesWith } from "../../state/driftFromB";
import { courseOf, type Past, pastOf } from "../../state/metricHistory";
import { axis, index, place, row, view } from "../../state/store";
import { whyMissing } from "../../words/badges";
import { GROUPS, type Meaning, meaning, print } from "../../words/metrics";
import { path } from "../time/Curve";

interface Props {
  readonly loaded: Loaded;
  readonly at: number;
  readonly id: number;
}

export function OverSteps({ loaded, at, id }: Props) {
  const series = row.value?.series;
  const run = place.value?.run;
  useEffect(() => {
    if (series && run !== undefined) void gather(refsOf(run, series));
  }, [series, run]);
  const tile = tilesWith(loaded)[at];
  if (!series || run === undefined || !tile) return null;
  const past = pastOf(run, series, id, loaded.kind === "heatmaps" ? loaded.facts.tiles[at]?.class_index : undefined);
  const names = numbersOf([tile]).filter((name) => name !== "dead" && name !== "stuck");
  const why = whyMissing(loaded);
  return (
    <div class="courses">
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
  if (group === "From B") return `Drift from B, step ${b.value?.step}`;
  if (group !== "Drift from the baseline" || loaded.kind === "heatmaps") return group || "Over the steps";
  return `Drift from step ${loaded.facts.baseline_step ?? 0}`;
}

function noteOf(group: string, loaded: Loaded): string {
  if (group === "From B") return "Kernel and function drift are stored against the baseline and the last log only.";
  if (loaded.kind === "heatmaps" || group !== "Drift from the baseline") return "";
  const { noise_floor: floor, trainable } = loaded.facts;
  const noise =
    typeof floor === "number"
      ? `Pattern drift below ${print(floor, meaning("pattern_drift"))} (dashed) is noise of the ascent.`
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
  // Shares begin at nothing; of others only the change is of interest.
  const low = own.unit === "plain" ? Math.min(...known, now ?? Infinity) : 0;
  const up = (value: number): number => (high > low ? (value - low) / (high - low) : 0.5);
  const x = (step: number): number => fractionOn(axis.value, step);
  const press = (event: PointerEvent & { currentTarget: Element }): void => {
    const box = event.currentTarget.getBoundingClientRect();
    goTo(stepAt(axis.value, (event.clientX - box.left) / box.width));
  };
  const other = b.value?.run === place.value?.run ? b.value?.step : null;
  return (
    <div class="course" title={`${own.text}${view.value.tile === null ? "" : " Press on the line to go to a step."}`}>
      <span class="course-name">{own.short}</span>
      <svg
        viewBox="0 0 1 1"
        preserveAspectRatio="none"
        role="img"
        aria-label={inWords(own, course)}
        onPointerDown={press}
      >
        {floor !== null && <path class="course-floor" d={`M0 ${1 - up(floor)}h1`} vector-effect="non-scaling-stroke" />}
        {floor !== null && (
          <path
            class="course-fresh"
            d={past
              .filter((one) => one.refreshed && one.step > 0)
              .map((one) => `M${x(one.step)} 1v-.2`)
              .join("")}
            vector-effect="non-scaling-stroke"
          />
        )}
        {other != null && <path class="course-b" d={`M${x(other)} 0v1`} vector-effect="non-scaling-stroke" />}
        {place.value?.step != null && (
          <path class="course-a" d={`M${x(place.value.step)} 0v1`} vector-effect="non-scaling-stroke" />
        )}
        <path class="course-line" d={pieces(course, x, up).map(path).join("")} vector-effect="non-scaling-stroke" />
      </svg>
      <span class="course-value">{print(now, own)}</span>
    </div>
  );
}

function pieces({ steps, values }: Course, x: (step: number) => number, up: (value: number) => number): Point[][] {
  const found: Point[][] = [[]];
  steps.forEach((step, at) => {
    const value = values[at];
    if (value == null) found.push([]);
    else found.at(-1)?.push([x(step), up(value)]);
  });
  return found.filter((piece) => piece.length > 0);
}

function inWords(own: Meaning, { steps, values }: Course): string {
  const ends = [0, steps.length - 1]
    .filter((at) => values[at] != null)
    .map((at) => `${print(values[at], own)} at step ${steps[at]}`);
  return `${own.name} over the steps: ${ends.join(", ") || "not known yet"}`;
}

/** The way of the centre of the evidence over the steps, on the picture. */
export function CentreWay({ loaded, at, id }: Props) {
  const series = index.value?.series.find((own) => own.tag === loaded.ref.tag);
  if (!series || loaded.kind !== "heatmaps") return null;
  const past = pastOf(loaded.ref.run, series, id, loaded.facts.tiles[at]?.class_index);
  const spots = past
    .map(({ step, tile }) => ({ step, spot: (tile as { centre?: unknown } | null)?.centre }))
    .filter((one): one is { step: number; spot: [number, number] } => Array.isArray(one.spot));
  const now = spots.find(({ step }) => step === loaded.ref.step);
  if (spots.length === 0) return null;
  return (
    <svg
      class="way"
      viewBox="0 0 1 1"
      preserveAspectRatio="none"
      role="img"
      aria-label="Where the centre of the evidence went over the steps"
    >
      <path d={`M${spots.map(({ spot }) => spot.join(" ")).join("L")}h0`} vector-effect="non-scaling-stroke" />
      {now && <path class="way-now" d={`M${now.spot.join(" ")}h0`} vector-effect="non-scaling-stroke" />}
    </svg>
  );
}

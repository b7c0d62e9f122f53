// The chosen metric -> lines over the ticks of the time bar, and its menu.

import { AXES, type AxisKind } from "../../draw/axis";
import { lines, metrics, type Point, valuesAt } from "../../draw/curves";
import { change } from "../../state/actions";
import { axis, beside, metric, place } from "../../state/store";
import { Menu } from "../../ui/Menu";
import { number } from "../../words/format";

export function Curve() {
  if (metric.value === null) return null;
  const drawn = lines(beside.value, metric.value, axis.value);
  return (
    <svg class="curve" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
      {drawn.map(({ part, pieces }) => (
        <g key={part} class={`curve-${part}`}>
          <path d={pieces.map(path).join("")} vector-effect="non-scaling-stroke" />
          <path
            class="curve-dots"
            d={pieces
              .filter((piece) => piece.length === 1)
              .map(path)
              .join("")}
            vector-effect="non-scaling-stroke"
          />
        </g>
      ))}
    </svg>
  );
}

/** A single point becomes a line of no length, which round ends make a dot. */
export function path(piece: readonly Point[]): string {
  const places = piece.map(([x, y]) => `${x.toFixed(4)} ${(1 - y).toFixed(4)}`);
  return `M${places.join("L")}${places.length === 1 ? "h0" : ""}`;
}

const SHORT = { train: "train", validation: "val" } as const;

/** "train 0.482, val 0.513"; empty where nothing was logged at the step. */
export function valueText(step: number | null): string {
  if (metric.value === null || step === null) return "";
  const values = [...valuesAt(beside.value, metric.value, axis.value, step)];
  return values.map(([part, value]) => `${SHORT[part]}\u00a0${number(value)}`).join("  ");
}

const AXIS_TEXT: Record<AxisKind, string> = { step: "By step", time: "By wall time" };
const AXIS_NOTE: Record<AxisKind, string> = { step: "a step is an epoch completed", time: "since the first step" };

/** What the time bar shows: the metric over it, its values where the user stands, and its axis. */
export function CurveMenus() {
  const names = metrics(beside.value);
  const step = place.value?.step ?? null;
  return (
    <div class="curve-menus">
      {names.length > 0 && (
        <>
          <Menu
            name="Curve"
            value={metric.value ?? "none"}
            options={[...names, "none"].map((name) => ({
              value: name,
              label: metricName(name),
              view: metricName(name),
            }))}
            pick={(name) => change({ metric: name === names[0] ? null : name })}
            side="right"
            up
          >
            <span class="curve-name">{metricName(metric.value ?? "none")}</span>
          </Menu>
          {metric.value !== null && (
            <p class="curve-values">{valueText(step) || (step === 0 ? "not trained yet" : "not logged here")}</p>
          )}
        </>
      )}
      <Menu
        name="Axis"
        value={axis.value.kind}
        options={AXES.map((kind) => ({ value: kind, label: AXIS_TEXT[kind], view: <AxisOption kind={kind} /> }))}
        pick={(kind) => change({ axis: kind })}
        side="right"
        up
      >
        <span>{AXIS_TEXT[axis.value.kind]}</span>
      </Menu>
    </div>
  );
}

function AxisOption({ kind }: { kind: AxisKind }) {
  return (
    <span class="run-option">
      {AXIS_TEXT[kind]}
      <span class="quiet">{AXIS_NOTE[kind]}</span>
    </span>
  );
}

function metricName(name: string): string {
  return name === "none" ? "no curve" : name.replaceAll("_", " ");
}

// Curve of one of Keras' metrics over the ticks of the time bar, with the menus of curve and axis.

import { AXES, type AxisKind } from "../../draw/axis";
import { lines, metrics } from "../../draw/curves";
import { path } from "../../draw/lines";
import { change } from "../../state/actions";
import { metricText } from "../../state/captions";
import { axis, beside, metric, place } from "../../state/store";
import { LineChart } from "../../ui/LineChart";
import { Menu } from "../../ui/Menu";

export function Curve() {
  if (metric.value === null) return null;
  const drawn = lines(beside.value, metric.value, axis.value);
  const strokes = drawn.flatMap(({ part, pieces }) => [
    { class: `curve-line curve-${part}`, d: path(pieces) },
    { class: "curve-dots", d: path(pieces.filter((piece) => piece.length === 1)) },
  ]);
  return <LineChart class="curve" strokes={strokes} />;
}

const AXIS_TEXT: Record<AxisKind, string> = { step: "By step", time: "By wall time" };
const AXIS_NOTE: Record<AxisKind, string> = { step: "one step per completed epoch", time: "since the first step" };

/** Menus of curve and axis, with the values at the present step. */
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
            <p class="curve-values">{metricText(step) || (step === 0 ? "not trained yet" : "not logged here")}</p>
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

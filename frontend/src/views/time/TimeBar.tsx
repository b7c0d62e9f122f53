// Time bar: the stored steps and the present one, under the chart of the layers or the enlarged tile at each step.

import { useRef, useState } from "preact/hooks";
import { meaning } from "../../data/steps";
import { fractionOn, labelledOn, stepAt, tickText } from "../../draw/axis";
import { goTo, setBStep } from "../../state/actions";
import { metricText } from "../../state/captions";
import { run } from "../../state/commands";
import { b } from "../../state/compare";
import { chosen, folded } from "../../state/layerChart";
import { stageAlone } from "../../state/page";
import { withKey } from "../../state/shortcuts";
import { axis, fresh, index, kept, place, playing, row, steps, training, view } from "../../state/store";
import { best } from "../../state/trained";
import { IconButton } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { clock } from "../../words/format";
import { useWidth } from "../useWidth";
import { Curve, CurveMenus } from "./Curve";
import { Filmstrip } from "./Filmstrip";
import { LayerChart } from "./LayerChart";
import { PlaybackSpeed } from "./PlaybackSpeed";
import { TimeMarks } from "./TimeMarks";

export function TimeBar() {
  const step = place.value?.step ?? null;
  const enlarged = view.value.tile !== null;
  return (
    <footer class={`time ${enlarged ? "time-enlarged" : ""}`}>
      {!enlarged ? <LayerChart /> : !stageAlone.value && <Filmstrip />}
      <div class="time-controls">
        <div class="time-buttons">
          <Step command="previous step" icon="left" off={step === null || step === steps.value[0]} />
          <IconButton
            label={playing.value ? "Pause" : "Play through the steps"}
            title={withKey(playing.value ? "Pause" : "Play through the steps", "play")}
            icon={playing.value ? "pause" : "play"}
            disabled={steps.value.length < 2}
            onClick={() => run("play")}
          />
          <Step command="next step" icon="right" off={step === null || step === steps.value.at(-1)} />
        </div>
        <div class="time-more">
          <PlaybackSpeed />
          {!enlarged && <ChartButton />}
        </div>
      </div>
      <Now step={step} />
      <Track step={step} />
      <CurveMenus />
      <News />
    </footer>
  );
}

/** Folds the layer chart away, and brings it back. */
function ChartButton() {
  if (chosen.value === null || steps.value.length < 2) return null;
  const name = folded.value ? "Show layer chart" : "Hide layer chart";
  return (
    <IconButton
      label={name}
      title={withKey(name, "layer chart")}
      icon={folded.value ? "up" : "below"}
      aria-expanded={!folded.value}
      onClick={() => run("layer chart")}
    />
  );
}

function Step({
  command,
  icon,
  off,
}: {
  command: "previous step" | "next step";
  icon: "left" | "right";
  off: boolean;
}) {
  const name = command === "next step" ? "Next stored step" : "Previous stored step";
  return (
    <IconButton label={name} title={withKey(name, command)} icon={icon} disabled={off} onClick={() => run(command)} />
  );
}

function Now({ step }: { step: number | null }) {
  const time = step === null ? null : timeOf(step);
  return (
    <div class="now">
      {step !== null && (
        <>
          <p class="now-step">
            Step <b>{step}</b>
            <span class="quiet"> of {steps.value.at(-1)}</span>
          </p>
          <p class="now-meaning">{[meaning(step), ...fate(step)].join(", ")}</p>
          <p class="now-time">{time === null ? "" : clock(time)}</p>
        </>
      )}
    </div>
  );
}

/** What became of the weights of a step, and whether they were the best. */
function fate(step: number): string[] {
  return [kept.value === step ? "weights kept" : "", best.value?.step === step ? "best" : ""].filter(Boolean);
}

function timeOf(step: number): number | null {
  for (const series of [row.value?.series, ...(index.value?.series ?? [])]) {
    const time = series?.wall_times[series.steps.indexOf(step)];
    if (time !== undefined) return time;
  }
  return null;
}

function Track({ step }: { step: number | null }) {
  const track = useRef<HTMLDivElement>(null);
  const width = useWidth(track);
  const [over, setOver] = useState<number | null>(null);

  const all = steps.value;
  const stepUnder = (event: PointerEvent): number | null => {
    const box = track.current?.getBoundingClientRect();
    return box && box.width > 0 ? stepAt(axis.value, (event.clientX - box.left) / box.width) : null;
  };
  const drag = (event: PointerEvent): void => {
    setOver(stepUnder(event));
    if (event.buttons & 1) put(event);
  };
  const press = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    put(event);
  };
  // With Shift it is B that moves.
  const put = (event: PointerEvent): void => (event.shiftKey ? setBStep(stepUnder(event)) : goTo(stepUnder(event)));
  const x = (of: number): string => `${(fractionOn(axis.value, of) * 100).toFixed(3)}%`;
  const own = new Set(row.value?.series.steps ?? []);
  return (
    <div
      class="track-box"
      role="slider"
      tabIndex={0}
      aria-label="Step"
      aria-valuemin={all[0] ?? 0}
      aria-valuemax={all.at(-1) ?? 0}
      aria-valuenow={step ?? 0}
      aria-valuetext={step === null ? "none" : `step ${step} of ${all.at(-1)}, ${meaning(step)}`}
      onPointerDown={press}
      onPointerMove={drag}
      onPointerLeave={() => setOver(null)}
    >
      <div class="track" ref={track}>
        {view.value.tile === null && (
          <>
            <Curve />
            <TimeMarks />
          </>
        )}
        <span class="track-line" />
        {all.map((stored) => (
          <span key={stored} class={`tick ${own.has(stored) ? "" : "tick-absent"}`} style={{ left: x(stored) }} />
        ))}
        {labelledOn(axis.value, width, axis.value.kind === "time" ? 56 : 36).map((stored) => (
          <span key={stored} class={`tick-label ${stored === step ? "tick-now" : ""}`} style={{ left: x(stored) }}>
            {tickText(axis.value, stored)}
          </span>
        ))}
        {b.value?.step != null && b.value.run === place.value?.run && (
          <span class="thumb thumb-b" title={`B, step ${b.value.step}`} style={{ left: x(b.value.step) }} />
        )}
        {step !== null && <span class="thumb" style={{ left: x(step) }} />}
        {over !== null && over !== step && (
          <span class="tip" style={{ left: x(over) }}>
            {[over, metricText(over)].filter(Boolean).join(" \u00b7 ")}
          </span>
        )}
      </div>
    </div>
  );
}

function News() {
  const live = training(Date.now() / 1000);
  const count = fresh.value;
  return (
    <div class="news" role="status">
      {count > 0 && (
        <button type="button" class="chip" onClick={() => goTo(steps.value.at(-1))}>
          {count} new {count === 1 ? "step" : "steps"}
          <Icon name="right" />
        </button>
      )}
      {live && (
        <span class="training">
          <span class="pulse" aria-hidden="true" />
          epoch {live.step} of {live.planned}
        </span>
      )}
    </div>
  );
}

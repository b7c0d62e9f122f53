// The stored steps and the one looked at -> the bar at the bottom.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { meaning } from "../../data/steps";
import { fractionOn, labelledOn, stepAt, tickText } from "../../draw/axis";
import { act, goTo } from "../../state/actions";
import { b } from "../../state/compare";
import { setBStep } from "../../state/comparisonActions";
import { axis, fresh, index, place, playing, row, steps, training } from "../../state/store";
import { Icon } from "../../ui/Icon";
import { clock } from "../../words/format";
import { Curve, CurveMenus, valueText } from "./Curve";
import { Network } from "./LayerChart";
import { Pace } from "./PlaybackSpeed";

export function TimeBar() {
  const step = place.value?.step ?? null;
  return (
    <footer class="time">
      <Network />
      <div class="time-controls">
        <div class="time-buttons">
          <Step action="previous step" icon="left" off={step === null || step === steps.value[0]} />
          <button
            type="button"
            class="icon-button"
            aria-label={playing.value ? "Pause" : "Play through the steps"}
            title={playing.value ? "Pause (Space)" : "Play through the steps (Space)"}
            disabled={steps.value.length < 2}
            onClick={() => act("play")}
          >
            <Icon name={playing.value ? "pause" : "play"} />
          </button>
          <Step action="next step" icon="right" off={step === null || step === steps.value.at(-1)} />
        </div>
        <Pace />
      </div>
      <Now step={step} />
      <Track step={step} />
      <CurveMenus />
      <News />
    </footer>
  );
}

function Step({ action, icon, off }: { action: "previous step" | "next step"; icon: "left" | "right"; off: boolean }) {
  const name = action === "next step" ? "Next stored step" : "Previous stored step";
  return (
    <button type="button" class="icon-button" aria-label={name} title={name} disabled={off} onClick={() => act(action)}>
      <Icon name={icon} />
    </button>
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
          <p class="now-meaning">{meaning(step)}</p>
          <p class="now-time">{time === null ? "" : clock(time)}</p>
        </>
      )}
    </div>
  );
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
  const [width, setWidth] = useState(0);
  const [over, setOver] = useState<number | null>(null);
  useLayoutEffect(() => {
    if (!track.current) return;
    const observer = new ResizeObserver(([box]) => setWidth(box?.contentRect.width ?? 0));
    observer.observe(track.current);
    return () => observer.disconnect();
  }, []);

  const all = steps.value;
  const at = (event: PointerEvent): number | null => {
    const box = track.current?.getBoundingClientRect();
    return box && box.width > 0 ? stepAt(axis.value, (event.clientX - box.left) / box.width) : null;
  };
  const drag = (event: PointerEvent): void => {
    setOver(at(event));
    if (event.buttons & 1) put(event);
  };
  const press = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    put(event);
  };
  // With Shift the hand is on the marker of B.
  const put = (event: PointerEvent): void => (event.shiftKey ? setBStep(at(event)) : goTo(at(event)));
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
        <Curve />
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
          <span class="thumb-b" title={`B, step ${b.value.step}`} style={{ left: x(b.value.step) }} />
        )}
        {step !== null && <span class="thumb" style={{ left: x(step) }} />}
        {over !== null && over !== step && (
          <span class="tip" style={{ left: x(over) }}>
            {[over, valueText(over)].filter(Boolean).join(" \u00b7 ")}
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

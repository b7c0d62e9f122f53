// Run, kind and how the pictures are drawn -> the bar at the top.

import { useState } from "preact/hooks";
import type { Kind, RunEntry } from "../../data/contract";
import { COLOUR_MAPS } from "../../draw/colours";
import * as host from "../../host";
import { change, pickKind, pickRun } from "../../state/actions";
import { hasKind } from "../../state/location";
import { entry, helpOpen, index, place, run, runs, view } from "../../state/store";
import { Icon } from "../../ui/Icon";
import { Menu } from "../../ui/Menu";
import { SIZES, writeView } from "../../url/address";
import { ago } from "../../words/format";
import { RunsBeside } from "../compare/RunsBeside";
import { ramp } from "../grid/Legend";
import { CompareButton, MatrixButton } from "./LayoutButtons";
import { ShowSwitch } from "./OverlayMode";

export function TopBar() {
  const heat = place.value?.kind === "heatmaps";
  return (
    <header class={`top ${heat ? "top-heat" : ""}`}>
      <RunMenu />
      <RunsBeside />
      <KindSwitch />
      <CompareButton />
      <MatrixButton />
      <span class="spring" />
      {heat && <HeatmapControls />}
      <SizeControl />
      <span class="divider" />
      <CopyLink />
      <button
        type="button"
        class="icon-button"
        aria-label="Help"
        title="How to read this, and keys (?)"
        aria-expanded={helpOpen.value}
        onClick={() => (helpOpen.value = !helpOpen.value)}
      >
        <span aria-hidden="true">?</span>
      </button>
    </header>
  );
}

function RunMenu() {
  const all = runs.value ?? [];
  const now = Date.now() / 1000;
  const options = all.map((item) => ({ value: item.run, label: item.name, view: <RunOption item={item} now={now} /> }));
  return (
    <Menu name="Run" value={run.value ?? ""} options={options} pick={pickRun}>
      <span class="field-name">Run</span>
      <span class="run-name">{entry.value?.name ?? "\u2026"}</span>
    </Menu>
  );
}

function RunOption({ item, now }: { item: RunEntry; now: number }) {
  return (
    <span class="run-option">
      <span class="run-name">{item.name}</span>
      <span class="quiet">{item.problem ? "cannot be read" : `step ${item.step}, ${ago(item.wall_time, now)}`}</span>
    </span>
  );
}

const KINDS: readonly { kind: Kind; text: string }[] = [
  { kind: "patterns", text: "Patterns" },
  { kind: "heatmaps", text: "Heatmaps" },
];

function KindSwitch() {
  const held = index.value;
  return (
    <div class="switch" role="group" aria-label="What to look at">
      {KINDS.map(({ kind, text }) => {
        const stored = held ? hasKind(held, kind) : true;
        return (
          <button
            key={kind}
            type="button"
            aria-pressed={place.value?.kind === kind}
            disabled={!stored}
            title={stored ? undefined : `This run holds no ${kind}`}
            onClick={() => pickKind(kind)}
          >
            {text}
          </button>
        );
      })}
    </div>
  );
}

function HeatmapControls() {
  const { alpha, map, show } = view.value;
  const options = COLOUR_MAPS.map((name) => ({
    value: name,
    label: name,
    view: (
      <>
        <span class="swatch" style={{ backgroundImage: ramp(name) }} />
        <span>{name}</span>
      </>
    ),
  }));
  return (
    <>
      <ShowSwitch />
      <label class={`slider ${show === "both" ? "" : "slider-off"}`} title="Opacity of the heatmap (O)">
        <Icon name="opacity" />
        <span class="field-name">Opacity</span>
        <input
          type="range"
          min="0"
          max="100"
          step="1"
          disabled={show !== "both"}
          value={alpha}
          style={{ "--filled": `${alpha}%` }}
          aria-label="Opacity of the heatmap in percent"
          onInput={(event) => change({ alpha: Number(event.currentTarget.value) })}
        />
        <output class="slider-value">{alpha} %</output>
      </label>
      <Menu name="Colour map" value={map} options={options} pick={(name) => change({ map: name })} side="right">
        <span class="swatch" style={{ backgroundImage: ramp(map) }} />
      </Menu>
    </>
  );
}

function SizeControl() {
  const { size, tile } = view.value;
  const enlarged = tile !== null;
  const { least, most, by } = SIZES;
  const shown = size ?? 176;
  return (
    <div
      class={`slider slider-size ${enlarged ? "slider-off" : ""}`}
      role="group"
      aria-label="Width of the tiles"
      aria-disabled={enlarged}
      title="Width of the tiles"
    >
      <Icon name="size" />
      <span class="field-name">Size</span>
      <input
        type="range"
        disabled={enlarged}
        min={least}
        max={most}
        step={by}
        value={shown}
        style={{ "--filled": `${((shown - least) / (most - least)) * 100}%` }}
        aria-label="Width of the tiles in pixels"
        onInput={(event) => change({ size: Number(event.currentTarget.value) })}
      />
      <button
        type="button"
        class="text-button"
        disabled={enlarged}
        aria-pressed={size === null}
        title="As large as the room allows"
        onClick={() => change({ size: size === null ? shown : null })}
      >
        Fit
      </button>
    </div>
  );
}

const COPIED = "Link copied";

function CopyLink() {
  const [said, say] = useState("");
  const done = said === COPIED;
  const copy = async (): Promise<void> => {
    const at = place.value;
    // A link must mean the same tomorrow: it names what the address leaves to the defaults.
    const full = at ? { ...view.value, run: at.run, kind: at.kind, layer: at.layer, step: at.step } : view.value;
    const [page] = host.address().split("#");
    const copied = await host.copy(`${page}${writeView(host.readHash(), full)}`);
    say(copied ? COPIED : "The browser forbids copying; the address bar has the link");
    setTimeout(() => say(""), 2000);
  };
  return (
    <button
      type="button"
      class={`icon-button ${done ? "done" : ""}`}
      aria-label="Copy link to this view"
      title={said || "Copy link to this view"}
      onClick={() => void copy()}
    >
      <Icon name={done ? "check" : "link"} />
      <span class="offscreen" role="status">
        {said}
      </span>
    </button>
  );
}

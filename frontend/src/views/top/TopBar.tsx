// Top bar: run, kind, layout, and how pictures are drawn.

import { useState } from "preact/hooks";
import type { Kind, RunEntry } from "../../data/contract";
import { COLOUR_MAPS } from "../../draw/colours";
import { ramp } from "../../draw/ramp";
import * as host from "../../host";
import { change, pickKind, pickRun } from "../../state/actions";
import { run as perform } from "../../state/commands";
import { hasKind } from "../../state/location";
import { withKey } from "../../state/shortcuts";
import { entry, helpOpen, index, place, run, runs, view } from "../../state/store";
import { IconButton, TextButton } from "../../ui/Button";
import { Menu } from "../../ui/Menu";
import { Slider, SliderField } from "../../ui/Slider";
import { Switch } from "../../ui/Switch";
import { SIZES, writeView } from "../../url/view";
import { ago } from "../../words/format";
import { RunsBeside } from "../compare/RunsBeside";
import { CompareButton, MatrixButton } from "./LayoutButtons";
import { OverlayMode } from "./OverlayMode";

export function TopBar() {
  const heat = place.value?.kind === "heatmaps";
  return (
    <header class={`strip top ${heat ? "top-heat" : ""}`}>
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
      <IconButton
        label="Help"
        title={withKey("How to read this, and keyboard shortcuts", "help")}
        aria-expanded={helpOpen.value}
        onClick={() => perform("help")}
      >
        <span aria-hidden="true">?</span>
      </IconButton>
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
  const choices = KINDS.map(({ kind, text }) => {
    const stored = held ? hasKind(held, kind) : true;
    return { value: kind, text, disabled: !stored, title: stored ? undefined : `This run has no ${kind}` };
  });
  return <Switch label="Kind of tiles" value={place.value?.kind ?? null} choices={choices} pick={pickKind} />;
}

function HeatmapControls() {
  const { alpha, colormap, show } = view.value;
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
      <OverlayMode />
      <SliderField
        icon="opacity"
        name="Opacity"
        title={withKey("Opacity of the heatmap", "opacity")}
        off={show !== "both"}
      >
        <Slider
          label="Opacity of the heatmap in percent"
          min={0}
          max={100}
          value={alpha}
          disabled={show !== "both"}
          set={(percent) => change({ alpha: percent })}
        />
        <output class="slider-value">{alpha} %</output>
      </SliderField>
      <Menu
        name="Colour map"
        value={colormap}
        options={options}
        pick={(name) => change({ colormap: name })}
        side="right"
      >
        <span class="swatch" style={{ backgroundImage: ramp(colormap) }} />
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
    <SliderField icon="size" name="Size" title="Width of the tiles" off={enlarged} class="slider-size">
      <Slider
        label="Width of the tiles in pixels"
        min={least}
        max={most}
        step={by}
        value={shown}
        disabled={enlarged}
        set={(pixels) => change({ size: pixels })}
      />
      <TextButton
        disabled={enlarged}
        aria-pressed={size === null}
        title="As large as the space allows"
        onClick={() => change({ size: size === null ? shown : null })}
      >
        Fit
      </TextButton>
    </SliderField>
  );
}

const COPIED = "Link copied";

function CopyLink() {
  const [said, say] = useState("");
  const done = said === COPIED;
  const copy = async (): Promise<void> => {
    const here = place.value;
    // A link must mean the same tomorrow, so it spells out the defaults, too.
    const full = here
      ? { ...view.value, run: here.run, kind: here.kind, layer: here.layer, step: here.step }
      : view.value;
    const [page] = host.address().split("#");
    const copied = await host.copy(`${page}${writeView(host.readHash(), full)}`);
    say(copied ? COPIED : "The browser does not allow copying; the address bar has the link");
    setTimeout(() => say(""), 2000);
  };
  const label = "Copy link to this view";
  return (
    <IconButton
      class={done ? "done" : ""}
      icon={done ? "check" : "link"}
      label={label}
      title={said || label}
      onClick={() => void copy()}
    >
      <span class="offscreen" role="status">
        {said}
      </span>
    </IconButton>
  );
}

// Top bar: run, kind, layout, and what was found.

import { useState } from "preact/hooks";
import type { Kind, RunEntry } from "../../data/contract";
import { colourOf } from "../../draw/runColours";
import * as host from "../../host";
import { openSummary, pickKind, pickRun } from "../../state/actions";
import { run as perform } from "../../state/commands";
import { hasKind } from "../../state/location";
import { withKey } from "../../state/shortcuts";
import { choice, entry, helpOpen, hostRuns, index, place, run, runColour, view } from "../../state/store";
import { IconButton } from "../../ui/Button";
import { Menu } from "../../ui/Menu";
import { RunName } from "../../ui/RunName";
import { Switch } from "../../ui/Switch";
import { writeView } from "../../url/view";
import { ago } from "../../words/format";
import { RunsBeside } from "../compare/RunsBeside";
import { Findings } from "./Findings";
import { CompareButton, MatrixButton } from "./LayoutButtons";

export function TopBar() {
  return (
    <header class="strip top">
      <RunMenu />
      <RunsBeside />
      <PageSwitch />
      {view.value.page === "tiles" && (
        <>
          <CompareButton />
          <MatrixButton />
        </>
      )}
      <Findings />
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
  const all = choice.value;
  const now = Date.now() / 1000;
  const options = all.map((item) => ({ value: item.run, label: item.name, view: <RunOption item={item} now={now} /> }));
  return (
    <Menu name="Run" value={run.value ?? ""} options={options} pick={pickRun}>
      <span class="run-dot" style={{ background: runColour.value ?? "none" }} />
      <span class="field-name">Run</span>
      <RunName name={entry.value?.name ?? "\u2026"} />
    </Menu>
  );
}

function RunOption({ item, now }: { item: RunEntry; now: number }) {
  return (
    <span class="run-option">
      <span class="run-dot" style={{ background: colourOf(hostRuns.value, item.run) ?? "none" }} />
      <RunName name={item.name} />
      <span class="quiet">{item.problem ? "cannot be read" : `step ${item.step}, ${ago(item.wall_time, now)}`}</span>
    </span>
  );
}

const KINDS: readonly { kind: Kind; text: string }[] = [
  { kind: "patterns", text: "Patterns" },
  { kind: "heatmaps", text: "Heatmaps" },
];

function PageSwitch() {
  const held = index.value;
  const kinds = KINDS.map(({ kind, text }) => {
    const stored = held ? hasKind(held, kind) : true;
    return { value: kind, text, disabled: !stored, title: stored ? withKey(text, kind) : `This run has no ${kind}` };
  });
  const choices = [{ value: "summary" as const, text: "Summary", title: withKey("Summary", "summary") }, ...kinds];
  const now = view.value.page === "summary" ? "summary" : (place.value?.kind ?? null);
  return (
    <Switch
      label="Page"
      value={now}
      choices={choices}
      pick={(page) => (page === "summary" ? openSummary() : pickKind(page))}
    />
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

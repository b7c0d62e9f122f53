// Top bar: run, kind, layout, and what was found.

import { useState } from "preact/hooks";
import type { Kind, RunEntry, RunIndex } from "../../data/contract";
import { hasExamples } from "../../data/examples";
import { isReport } from "../../data/report";
import { colourOf } from "../../draw/runColours";
import * as host from "../../host";
import { openSummary, pickKind, pickRun } from "../../state/actions";
import { run as perform } from "../../state/commands";
import { pickExamples, showsExamples } from "../../state/examples";
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

type Page = Kind | "summary" | "examples";

/** What there is to turn to; without, why not. */
const PAGES: readonly { page: Page; text: string; stored: (held: RunIndex) => boolean; none: string }[] = [
  { page: "summary", text: "Summary", stored: () => true, none: "" },
  { page: "patterns", text: "Patterns", stored: (held) => hasKind(held, "patterns"), none: "This run has no patterns" },
  {
    page: "examples",
    text: "Examples",
    stored: hasExamples,
    none: isReport
      ? "This report holds no examples"
      : "This run logged no examples: ConvViz(\u2026, examples=Examples(images))",
  },
  { page: "heatmaps", text: "Heatmaps", stored: (held) => hasKind(held, "heatmaps"), none: "This run has no heatmaps" },
];

function PageSwitch() {
  const held = index.value;
  const choices = PAGES.map(({ page, text, stored, none }) => {
    const there = !held || stored(held);
    return { value: page, text, disabled: !there, title: there ? withKey(text, page) : none };
  });
  const turn = (page: Page): void => {
    if (page === "summary") openSummary();
    else if (page === "examples") pickExamples();
    else pickKind(page);
  };
  return <Switch label="Page" value={pageNow()} choices={choices} pick={turn} />;
}

function pageNow(): Page | null {
  if (view.value.page === "summary") return "summary";
  return showsExamples() ? "examples" : (place.value?.kind ?? null);
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

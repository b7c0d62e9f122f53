// Compare bar: what A and B are, and how they are compared.

import { useEffect } from "preact/hooks";
import { change, pinB, setB, setWay } from "../../state/actions";
import { nameOfB } from "../../state/captions";
import { run } from "../../state/commands";
import { b, besideRuns, pinned } from "../../state/compare";
import { showsExamples } from "../../state/examples";
import { divider, flip, showsB } from "../../state/pairDisplay";
import { sameFilters } from "../../state/resolveB";
import { withKey } from "../../state/shortcuts";
import { B, screenOf } from "../../state/slot";
import { entry, index, indexes, place, rows, runs, view } from "../../state/store";
import { IconButton, TextButton } from "../../ui/Button";
import type { IconName } from "../../ui/Icon";
import { explained, Menu } from "../../ui/Menu";
import { Slider } from "../../ui/Slider";
import { Switch } from "../../ui/Switch";
import { type Comparison, WAYS, type Way } from "../../url/view";
import { acrossRuns } from "../../words/comparison";
import { DifferenceLegend } from "./DifferenceLegend";

const WAY_WORDS: Record<Way, { readonly text: string; readonly icon: IconName }> = {
  side: { text: "Side by side", icon: "side" },
  swipe: { text: "Swipe", icon: "swipe" },
  blink: { text: "Blink", icon: "blink" },
  difference: { text: "Difference", icon: "difference" },
};

const WAY_CHOICES = WAYS.map((value) => ({ value, ...WAY_WORDS[value], title: withKey(WAY_WORDS[value].text, "way") }));

const MEASURES = [
  { value: "amounts", text: "Amounts", title: "Raw values: how much more evidence there is" },
  {
    value: "places",
    text: "Places",
    title: "Each map over its own sum: where its evidence lies, however much there is",
  },
] as const;

export function CompareBar() {
  const { compareMode } = view.value;
  useBlink(compareMode === "blink");
  // The matrix shows all steps anyway, and lines of other runs have no space for a B of each.
  const without = view.value.layout === "matrix" || (showsExamples() && besideRuns.value.length > 0);
  if (!compareMode || (without && view.value.tile === null)) return null;
  return (
    <div class="strip compare" role="region" aria-label="Comparison">
      <span class="mark mark-a">A</span>
      <span class="compare-a">step {place.value?.step ?? "\u2026"}</span>
      <IconButton
        label="Swap A and B"
        title={withKey("Swap A and B", "swap")}
        icon="turned"
        onClick={() => run("swap")}
      />
      <span class="mark mark-b">B</span>
      <BMenu />
      <Switch class="compare-ways" label="Way of comparing" value={compareMode} choices={WAY_CHOICES} pick={setWay} />
      <WayControl compareMode={compareMode} />
      <span class="spring" />
      {compareMode === "difference" && <DifferenceLegend />}
      <IconButton
        class="compare-close"
        label="Stop comparing"
        title={withKey("Stop comparing", "compare")}
        icon="cross"
        onClick={() => run("compare")}
      />
      <Remark />
    </div>
  );
}

/** The control that one way of comparing has of its own. */
function WayControl({ compareMode }: { compareMode: Way }) {
  if (compareMode === "swipe") {
    return (
      <Slider
        label="Share of A in percent"
        min={0}
        max={100}
        value={Math.round(divider.value * 100)}
        set={(percent) => (divider.value = percent / 100)}
      />
    );
  }
  if (compareMode === "blink") {
    return (
      <TextButton title="Show the other one" onClick={flip}>
        now <span class={`mark mark-${showsB.value ? "b" : "a"}`}>{showsB.value ? "B" : "A"}</span>
      </TextButton>
    );
  }
  if (compareMode !== "difference") return null;
  if (place.value?.kind === "heatmaps") {
    return (
      <Switch
        look="small"
        label="Difference of"
        value={view.value.measure}
        choices={MEASURES}
        pick={(measure) => change({ measure })}
      />
    );
  }
  const absolute = view.value.sign === "absolute";
  return (
    <TextButton
      aria-pressed={absolute}
      title="How much differs, regardless of sign"
      onClick={() => change({ sign: absolute ? "signed" : "absolute" })}
    >
      Absolute
    </TextButton>
  );
}

function BMenu() {
  const a = place.value;
  const other = b.value;
  const word = nameOfB();
  const { compareStep: wished, compareRun, compareLayer, compareTile } = view.value;
  const own = compareLayer !== null ? `layer ${compareLayer}` : wished === null ? "baseline" : String(wished);
  const value =
    compareTile !== null ? "pinned" : compareRun !== null ? `${wished === "last" ? "last" : "run"} ${compareRun}` : own;
  const options = [
    explained("baseline", "First step", "before training, if step 0 is stored"),
    explained("previous", "Previous step", "the stored step before A"),
    ...(a?.step == null ? [] : [explained(String(a.step), `Step ${a.step}`, "stays while A moves on")]),
    ...(typeof wished === "number" && compareRun === null && compareLayer === null && wished !== a?.step
      ? [explained(String(wished), `Step ${wished}`, "as chosen")]
      : []),
    ...(view.value.tile === null || !a
      ? []
      : [explained("pin", "This tile", "stays while A becomes another tile, layer or run")]),
    ...(compareTile === null ? [] : [explained("pinned", word, "as pinned")]),
    ...(runs.value ?? [])
      .filter((entry) => !entry.problem && entry.run !== a?.run)
      .flatMap((entry) => [
        explained(`run ${entry.run}`, `Run ${entry.name}`, "at the step of A, or the last before it"),
        // Only runs that may have begun with the same weights; before a run is read that is not known.
        ...(sameFilters(index.value ?? undefined, indexes.value.get(entry.run)) === "different"
          ? []
          : [explained(`last ${entry.run}`, `Run ${entry.name}, last step`, "where its training ended")]),
      ]),
    ...(besideRuns.value.length && a
      ? [explained(`run ${a.run}`, `Run ${entry.value?.name}`, "the run of the first column")]
      : []),
    ...rows.value
      .filter((row) => row.layer !== a?.layer)
      .map((row) => explained(`layer ${row.layer}`, `Layer ${row.layer}`, "at the step of A, or the last before it")),
  ];
  const pick = (chosen: string): void => {
    if (chosen === "pinned") return;
    if (chosen === "pin") pinB(view.value.tile ?? 0);
    else setB(partOf(chosen));
  };
  return (
    <Menu name="Compared with" value={value} options={options} pick={pick} label={word}>
      <span class="run-name">{other ? word : "\u2026"}</span>
    </Menu>
  );
}

function partOf(chosen: string): Partial<Comparison> {
  if (chosen === "baseline") return {};
  if (chosen === "previous") return { compareStep: "previous" };
  if (chosen.startsWith("last ")) return { compareRun: chosen.slice(5), compareStep: "last" };
  if (chosen.startsWith("run ")) return { compareRun: chosen.slice(4) };
  return chosen.startsWith("layer ") ? { compareLayer: chosen.slice(6) } : { compareStep: Number(chosen) };
}

/** Why there is nothing to see, or what to beware of. */
function Remark() {
  const text = remark();
  return text ? <p class="compare-remark">{text}</p> : null;
}

function remark(): string {
  const [a, other] = [place.value, b.value];
  if (!a || !other) return "";
  if (pinned.value && view.value.tile === null) return "B is a single tile: enlarge a tile to compare it with.";
  if (!other.series) return `This layer has no ${a.kind} in that run.`;
  if (other.step === null)
    return view.value.compareStep === "previous"
      ? "There is no step before this one."
      : "Nothing is stored there at or before this step.";
  const { status, message } = screenOf(B);
  if (status === "failed") return `B cannot be shown: ${message}`;
  const same = other.run === a.run && other.layer === a.layer && other.step === a.step && other.tile === null;
  if (same) return besideRuns.value.length ? "" : "A and B are the same step: move to another one.";
  if (a.kind === "patterns" && other.layer !== a.layer && other.tile === null)
    return "Filters of the same number in two layers are unrelated. To compare two filters, enlarge one and set it as B.";
  return a.kind === "patterns" ? acrossRuns(sameFilters(index.value ?? undefined, indexes.value.get(other.run))) : "";
}

const BLINK = 700;

/** Blinks while it is on; not for those who asked for less motion. */
function useBlink(on: boolean): void {
  useEffect(() => {
    if (!on || window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const timer = setInterval(flip, BLINK);
    return () => clearInterval(timer);
  }, [on]);
}

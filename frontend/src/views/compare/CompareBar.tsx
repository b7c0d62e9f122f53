// A and B -> the bar that says what is compared, and how; there only while comparing.

import { change } from "../../state/actions";
import { B, b, besideRuns, pinned, screenOf } from "../../state/compare";
import { pinB, setB, setWay, swap } from "../../state/comparisonActions";
import { sameFilters } from "../../state/resolveB";
import { entry, index, indexes, place, rows, runs, view } from "../../state/store";
import { Icon, type IconName } from "../../ui/Icon";
import { explained, Menu } from "../../ui/Menu";
import type { Comparison, Way } from "../../url/compareParams";
import { WAYS } from "../../url/compareParams";
import { DifferenceLegend } from "./DifferenceLegend";
import { blinkB, divider, useBlink } from "./Pair";

export const WAY_WORDS: Record<Way, { readonly text: string; readonly icon: IconName }> = {
  side: { text: "Side by side", icon: "side" },
  swipe: { text: "Swipe", icon: "swipe" },
  blink: { text: "Blink", icon: "blink" },
  difference: { text: "Difference", icon: "difference" },
};

export function CompareBar() {
  const { way } = view.value;
  useBlink(way === "blink");
  // The matrix shows every step already.
  if (!way || (view.value.as === "matrix" && view.value.tile === null)) return null;
  return (
    <div class="compare" role="region" aria-label="Comparison">
      <span class="mark mark-a">A</span>
      <span class="compare-a">step {place.value?.step ?? "\u2026"}</span>
      <button type="button" class="icon-button" aria-label="Swap A and B" title="Swap A and B (X)" onClick={swap}>
        <Icon name="turned" />
      </button>
      <span class="mark mark-b">B</span>
      <BMenu />
      <Ways way={way} />
      <Aside way={way} />
      <span class="spring" />
      {way === "difference" && <DifferenceLegend />}
      <button
        type="button"
        class="icon-button compare-close"
        aria-label="Stop comparing"
        title="Stop comparing (C)"
        onClick={() => setWay(null)}
      >
        <Icon name="cross" />
      </button>
      <Remark />
    </div>
  );
}

function Ways({ way }: { way: Way }) {
  return (
    <div class="switch compare-ways" role="group" aria-label="How to compare">
      {WAYS.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={way === one}
          title={`${WAY_WORDS[one].text} (V)`}
          onClick={() => setWay(one)}
        >
          <Icon name={WAY_WORDS[one].icon} />
          <span>{WAY_WORDS[one].text}</span>
        </button>
      ))}
    </div>
  );
}

/** What one way needs beside the pictures. */
function Aside({ way }: { way: Way }) {
  if (way === "swipe") {
    const percent = Math.round(divider.value * 100);
    return (
      <input
        type="range"
        class="compare-divider"
        min="0"
        max="100"
        value={percent}
        style={{ "--filled": `${percent}%` }}
        aria-label="Share of A in percent"
        onInput={(event) => (divider.value = Number(event.currentTarget.value) / 100)}
      />
    );
  }
  if (way === "blink") {
    return (
      <button
        type="button"
        class="text-button"
        title="Show the other one"
        onClick={() => (blinkB.value = !blinkB.value)}
      >
        now <span class={`mark mark-${blinkB.value ? "b" : "a"}`}>{blinkB.value ? "B" : "A"}</span>
      </button>
    );
  }
  if (way !== "difference" || place.value?.kind !== "patterns") return null;
  const absolute = view.value.sign === "absolute";
  return (
    <button
      type="button"
      class="text-button"
      aria-pressed={absolute}
      title="How much, whichever way"
      onClick={() => change({ sign: absolute ? "signed" : "absolute" })}
    >
      Size only
    </button>
  );
}

function BMenu() {
  const at = place.value;
  const other = b.value;
  const word = nameOfB();
  const { b: wished, brun, blayer, btile } = view.value;
  const own = blayer !== null ? `layer ${blayer}` : wished === null ? "baseline" : String(wished);
  const value = btile !== null ? "pinned" : brun !== null ? `${wished === "last" ? "last" : "run"} ${brun}` : own;
  const options = [
    explained("baseline", "Baseline", "the first stored step"),
    explained("previous", "Previous step", "the stored step before A"),
    ...(at?.step == null ? [] : [explained(String(at.step), `Step ${at.step}`, "stays here while A moves on")]),
    ...(typeof wished === "number" && brun === null && blayer === null && wished !== at?.step
      ? [explained(String(wished), `Step ${wished}`, "as chosen")]
      : []),
    ...(view.value.tile === null || !at
      ? []
      : [explained("pin", "This tile", "stays while A becomes another tile, layer or run")]),
    ...(btile === null ? [] : [explained("pinned", word, "as pinned")]),
    ...(runs.value ?? [])
      .filter((entry) => !entry.problem && entry.run !== at?.run)
      .flatMap((entry) => [
        explained(`run ${entry.run}`, `Run ${entry.name}`, "at the step of A, or the last before it"),
        // Where training led from the same weights; of a run that is not read yet nobody knows that.
        ...(sameFilters(index.value ?? undefined, indexes.value.get(entry.run)) === "different"
          ? []
          : [explained(`last ${entry.run}`, `Run ${entry.name}, last step`, "where its training led")]),
      ]),
    ...(besideRuns.value.length && at
      ? [explained(`run ${at.run}`, `Run ${entry.value?.name}`, "what stands in the first column")]
      : []),
    ...rows.value
      .filter((row) => row.layer !== at?.layer)
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
  if (chosen === "previous") return { b: "previous" };
  if (chosen.startsWith("last ")) return { brun: chosen.slice(5), b: "last" };
  if (chosen.startsWith("run ")) return { brun: chosen.slice(4) };
  return chosen.startsWith("layer ") ? { blayer: chosen.slice(6) } : { b: Number(chosen) };
}

/** B in words: only what differs from A. */
export function nameOfB(): string {
  const [at, other] = [place.value, b.value];
  if (!at || !other) return "";
  const filter = other.tile === null ? "" : `${at.kind === "patterns" ? "filter" : "picture"} ${other.tile}`;
  const layer = other.layer === at.layer ? "" : (other.layer ?? "");
  const run = other.run === at.run && view.value.brun === null ? "" : (indexes.value.get(other.run)?.name ?? other.run);
  const step =
    other.step === null ? "no step" : `step ${other.step}${other.baseline && other.step === 0 ? " (baseline)" : ""}`;
  return [run, layer, filter, step].filter(Boolean).join(", ");
}

/** Why there is nothing to see, or less than it seems. */
function Remark() {
  const text = remark();
  return text ? <p class="compare-remark">{text}</p> : null;
}

function remark(): string {
  const [at, other] = [place.value, b.value];
  if (!at || !other) return "";
  if (pinned.value && view.value.tile === null) return "B is one tile: enlarge a tile to compare it with.";
  if (!other.series) return `This layer has no ${at.kind} in that run.`;
  if (other.step === null)
    return view.value.b === "previous"
      ? "There is no step before this one."
      : "Nothing is stored there at or before this step.";
  const { status, message } = screenOf(B);
  if (status === "failed") return `B cannot be shown: ${message}`;
  const same = other.run === at.run && other.layer === at.layer && other.step === at.step && other.tile === null;
  if (same) return besideRuns.value.length ? "" : "A and B are the same step: walk to another one.";
  if (at.kind === "patterns" && other.layer !== at.layer && other.tile === null)
    return "Filters of one number in two layers have nothing to do with each other. Make one tile B to compare two filters.";
  return at.kind === "patterns" ? strangers(sameFilters(index.value ?? undefined, indexes.value.get(other.run))) : "";
}

/** What filter numbers are worth across runs. */
export function strangers(same: "same" | "different" | "unknown"): string {
  if (same === "different")
    return "These runs began with different weights: filters of one number have nothing to do with each other.";
  return same === "unknown"
    ? "Filters of one number mean the same only if both runs began with the same weights, which they do not say."
    : "";
}

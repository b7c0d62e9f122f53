// Findings: a chip that says how many sentences there are up to the step on screen; it opens their list.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Finding } from "../../data/contract";
import { model } from "../../state/model";
import { index, view } from "../../state/store";
import { Icon } from "../../ui/Icon";
import { Popover } from "../../ui/Popover";
import { isBad } from "../../words/findings";
import { plural } from "../../words/format";
import { FindingList } from "./FindingList";

export function Findings() {
  const waiting = model.value === null;
  const all = (waiting ? index.value?.model : model.value)?.findings;
  if (!all) return null;
  // Findings of another step are not shown: the chip keeps the space for those to come.
  const shown = waiting ? [] : all;
  const bad = shown.some(isBad);
  return (
    <section class="findings" aria-label="Findings up to this step">
      {view.value.page === "tiles" && <News all={index.value?.model?.findings ?? []} />}
      <Popover
        name={wordsOf(shown.length)}
        title="What stands out up to this step"
        class={`findings-chip ${bad ? "findings-bad" : ""}`}
        side="right"
        button={
          <>
            <Icon name={bad ? "warning" : "dot"} />
            <span class="findings-word">{waiting ? "\u2026" : wordsOf(shown.length)}</span>
            <span class="findings-count">{shown.length || ""}</span>
          </>
        }
      >
        <FindingList all={shown} />
      </Popover>
    </section>
  );
}

function wordsOf(count: number): string {
  return count ? plural(count, "finding") : "No findings";
}

/** How long a new finding is on screen by itself, in milliseconds. */
const NEWS = 7000;
const told = signal("");
const toTell = signal("");

/** The first sentence where it is new: shown for a moment in the empty part of the bar. */
function News({ all }: { all: readonly Finding[] }) {
  const first = all[0]?.text ?? "";
  useEffect(() => {
    if (!first || first === told.value) return;
    told.value = toTell.value = first;
    const over = setTimeout(() => (toTell.value = ""), NEWS);
    return () => clearTimeout(over);
  }, [first]);
  return (
    <p class="findings-news" role="status" title={toTell.value}>
      {toTell.value}
    </p>
  );
}

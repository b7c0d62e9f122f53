// List of findings: sentences, each with a link to where what it says can be seen.

import { groups } from "../../data/classesPerImage";
import type { Finding, HeatmapFacts } from "../../data/contract";
import { loadFacts } from "../../data/facts";
import { refAt, seriesOf } from "../../data/series";
import { goTo, pickLayerOf } from "../../state/actions";
import { index, place } from "../../state/store";
import { Icon } from "../../ui/Icon";
import { isBad } from "../../words/findings";

export function FindingList({ all }: { all: readonly Finding[] }) {
  if (all.length === 0) {
    return (
      <p class="quiet">
        {place.value?.step === 0
          ? "This is before training (step 0): metrics start with the next step."
          : "Nothing stands out up to this step."}
      </p>
    );
  }
  return (
    <ol class="finding-list">
      {all.map((one) => (
        <li key={`${one.layer} ${one.text}`}>
          <button
            type="button"
            class={`finding ${isBad(one) ? "finding-bad" : ""}`}
            title="Go there"
            onClick={(event) => {
              event.currentTarget.closest<HTMLElement>("[popover]")?.hidePopover();
              void goToFinding(one);
            }}
          >
            <Icon name={isBad(one) ? "warning" : "dot"} />
            <span>{one.text}</span>
            <Icon name="right" />
          </button>
        </li>
      ))}
    </ol>
  );
}

async function goToFinding(one: Finding): Promise<void> {
  const kind = one.kind === "heatmaps" || one.kind === "patterns" ? one.kind : null;
  const tile = kind === "heatmaps" ? await numberOf(one) : (one.filter ?? null);
  if (one.layer != null) pickLayerOf(kind, one.layer, tile);
  goTo(one.step);
}

/** The tile number of a picture is its index among those of its step. */
async function numberOf({ layer = null, image, step = null }: Finding): Promise<number | null> {
  const [held, here] = [index.value, place.value];
  const ref = held && here && refAt(here.run, seriesOf(held, "heatmaps", layer), step);
  if (!ref || image == null) return null;
  try {
    const { tiles } = await loadFacts<HeatmapFacts>(ref, AbortSignal.timeout(5000));
    const tile = groups(tiles).findIndex((group) => tiles[group[0] ?? -1]?.image === image);
    return tile < 0 ? null : tile;
  } catch {
    return null;
  }
}

// What a reader should know at the step on screen, in words -> a line under the top bar; each leads to its tile.

import { signal } from "@preact/signals";
import { fetchFacts } from "../../data/api";
import { groups } from "../../data/classesPerImage";
import type { Finding, HeatmapFacts } from "../../data/contract";
import { refAt, seriesOf } from "../../data/series";
import { goTo, pickLayerOf } from "../../state/actions";
import { model } from "../../state/model";
import { index, place } from "../../state/store";
import { Icon } from "../../ui/Icon";

const open = signal(false);

export function Findings() {
  const waiting = model.value === null;
  const found = waiting ? index.value?.model?.findings : model.value?.findings;
  if (!Array.isArray(found)) return null;
  // What a run says of another step is not said: its line only keeps the place of the one to come.
  if (waiting) return <div class="findings" aria-hidden="true" />;
  const all = found.filter((one) => typeof one?.text === "string");
  const shown = open.value ? all : all.slice(0, 1);
  return (
    <section class={`findings ${open.value ? "findings-open" : ""}`} aria-label="What the numbers say up to this step">
      {all.length === 0 && (
        <p class="quiet">
          {place.value?.step === 0
            ? "This is the baseline: the numbers begin with the next step."
            : "Nothing stands out up to this step."}
        </p>
      )}
      <ol>
        {shown.map((one) => (
          <li key={`${one.layer} ${one.text}`}>
            <button type="button" class="finding" title="Show where" onClick={() => void goToFinding(one)}>
              <span>{one.text}</span>
              <Icon name="right" />
            </button>
          </li>
        ))}
      </ol>
      {all.length > 1 && (
        <button type="button" class="text-button" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
          {open.value ? "Less" : `${all.length - 1} more`}
          <Icon name={open.value ? "up" : "down"} />
        </button>
      )}
    </section>
  );
}

async function goToFinding(one: Finding): Promise<void> {
  const tile = one.kind === "heatmaps" ? await numberOf(one) : (one.filter ?? null);
  if (one.layer != null) pickLayerOf(one.kind ?? null, one.layer, tile);
  goTo(one.step);
}

/** A picture is numbered by its place among those of its step. */
async function numberOf({ layer = null, image, step = null }: Finding): Promise<number | null> {
  const [held, at] = [index.value, place.value];
  const ref = held && at && refAt(at.run, seriesOf(held, "heatmaps", layer), step);
  if (!ref || image == null) return null;
  try {
    const { tiles } = await fetchFacts<HeatmapFacts>(ref, AbortSignal.timeout(5000));
    const found = groups(tiles).findIndex((group) => tiles[group[0] ?? -1]?.image === image);
    return found < 0 ? null : found;
  } catch {
    return null;
  }
}

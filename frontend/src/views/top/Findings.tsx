// Findings: what stands out up to the step on screen, one line each, with a link to the tile.

import { signal } from "@preact/signals";
import { groups } from "../../data/classesPerImage";
import type { Finding, HeatmapFacts } from "../../data/contract";
import { loadFacts } from "../../data/facts";
import { refAt, seriesOf } from "../../data/series";
import { goTo, pickLayerOf } from "../../state/actions";
import { model } from "../../state/model";
import { index, place } from "../../state/store";
import { TextButton } from "../../ui/Button";
import { Icon } from "../../ui/Icon";

const open = signal(false);

export function Findings() {
  const waiting = model.value === null;
  const all = waiting ? index.value?.model?.findings : model.value?.findings;
  if (!all) return null;
  // Findings of another step are not shown: an empty line keeps the space for those to come.
  if (waiting) return <div class="strip findings" aria-hidden="true" />;
  const shown = open.value ? all : all.slice(0, 1);
  return (
    <section class={`strip findings ${open.value ? "findings-open" : ""}`} aria-label="Findings up to this step">
      {all.length === 0 && (
        <p class="quiet">
          {place.value?.step === 0
            ? "This is before training (step 0): metrics start with the next step."
            : "Nothing stands out up to this step."}
        </p>
      )}
      <ol>
        {shown.map((one) => (
          <li key={`${one.layer} ${one.text}`}>
            <button type="button" class="finding" title="Go there" onClick={() => void goToFinding(one)}>
              <span>{one.text}</span>
              <Icon name="right" />
            </button>
          </li>
        ))}
      </ol>
      {all.length > 1 && (
        <TextButton aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
          {open.value ? "Less" : `${all.length - 1} more`}
          <Icon name={open.value ? "up" : "down"} />
        </TextButton>
      )}
    </section>
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

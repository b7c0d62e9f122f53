// The chosen layer and what is known of its tiles -> the heading above them.

import type { Loaded } from "../../data/sheets";
import type { LayerRow } from "../../state/location";
import { skippedReason } from "../../state/model";
import { place, row, screen, view } from "../../state/store";
import { Badge } from "../../ui/Badge";
import { duration, shape, split } from "../../words/format";
import { Arrange } from "./Arrange";
import { Download } from "./Download";
import { Legend } from "./Legend";

const HINTS = {
  patterns: "What excites each filter most. Contrast is stretched: compare scores, not brightness.",
  heatmaps: "Where the class named below finds its evidence.",
} as const;

export function Head() {
  const at = row.value;
  const kind = place.value?.kind ?? "patterns";
  if (!at) return <div class="head" />;
  const [path, name] = split(at.layer);
  return (
    <div class="head">
      <div class="head-text">
        <h1>
          {path && <span class="layer-path">{path}</span>}
          {name}
          {at.trainable === false && <Badge icon="lock" text="frozen" title="Not trained: its weights do not change" />}
        </h1>
        <p class="facts" title={origin(at, screen.value.loaded).join(", ")}>
          {origin(at, screen.value.loaded).map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </p>
        <p class="hint">{HINTS[kind]}</p>
      </div>
      <div class="head-side">
        <div class="arrange">
          {view.value.tile === null && <Arrange />}
          <Download />
        </div>
        {kind === "heatmaps" && <Legend />}
      </div>
    </div>
  );
}

/** Where the tiles come from, from the layer to the seconds they took. */
export function origin(row: LayerRow, loaded: Loaded | null): string[] {
  const facts: (string | false | undefined)[] = [row.class_name, row.shape && shape(row.shape)];
  if (loaded?.kind === "patterns") {
    const { tiles, view, objective, mode, ascent_steps, seed, seconds, refreshed, unchanged } = loaded.facts;
    facts.push(row.filters > tiles.length ? `${tiles.length} of ${row.filters} filters` : `${tiles.length} filters`);
    const how = [
      objective === "neuron" && "one neuron",
      mode,
      ascent_steps != null && `${ascent_steps} ascent steps`,
      seed != null && `seed ${seed}`,
    ];
    facts.push(how.filter(Boolean).join(", "), view !== "picture" && view, duration(seconds));
    facts.push(
      loaded.ref.step > 0 && refreshed === true && "begun anew from the seed",
      unchanged === true && `unchanged since step ${tiles[0]?.computed ?? 0}`,
      skippedReason(loaded.ref.tag),
    );
  } else if (loaded) {
    const { method, objective, seconds, sheet } = loaded.facts;
    facts.push([method === "gradcam" ? "Grad-CAM" : method, objective].filter(Boolean).join(" of the "));
    facts.push(`${sheet.tile[0]}\u2009\u00d7\u2009${sheet.tile[1]} maps`, duration(seconds));
  }
  return facts.filter((fact): fact is string => Boolean(fact));
}

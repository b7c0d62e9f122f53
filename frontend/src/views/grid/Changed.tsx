// A prediction that was another one at the step before, or is in B -> a mark on the picture.

import { predictedBefore } from "../../data/classesPerImage";
import { tilesOf } from "../../data/facts";
import { refAt } from "../../data/series";
import type { Heatmaps } from "../../data/sheets";
import { bOf, paired } from "../../state/pairing";
import { indexes } from "../../state/store";
import { Icon } from "../../ui/Icon";
import { className, shortName } from "../../words/classification";

export function Changed({ loaded, at }: { loaded: Heatmaps; at: number }) {
  const words = changed(loaded, at);
  if (!words) return null;
  return (
    <span class="changed" title={words.long}>
      <Icon name="turned" />
      <span>{words.short}</span>
    </span>
  );
}

function changed(loaded: Heatmaps, at: number): { short: string; long: string } | null {
  const { ref, facts, inputs } = loaded;
  const tile = facts.tiles[at];
  const names = inputs?.facts.class_names ?? [];
  const other = paired(loaded) ? bOf(loaded) : null;
  if (other?.kind === "heatmaps") {
    const inB = tile ? predictedBefore(tile, other.facts.tiles) : null;
    return inB === null
      ? null
      : { short: `B: ${shortName(className(names, inB))}`, long: `Predicted as ${className(names, inB)} in B` };
  }
  const series = indexes.value.get(ref.run)?.series.find((own) => own.tag === ref.tag) ?? null;
  const step = series?.steps.findLast((stored) => stored < ref.step) ?? null;
  const before = refAt(ref.run, series, step);
  const was = tile && before ? predictedBefore(tile, tilesOf(before)) : null;
  if (was === null) return null;
  const name = className(names, was);
  return { short: `was ${shortName(name)}`, long: `Predicted as ${name} at step ${step}` };
}

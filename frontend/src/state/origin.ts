// Provenance of the tiles of a layer, from its class to the seconds that they took.

import { countKinds } from "../data/likeness";
import type { Loaded } from "../data/sheets";
import { duration, shape } from "../words/format";
import type { LayerRow } from "./location";
import { skippedReason } from "./model";

export interface Origin {
  /** What the heading says. */
  readonly short: readonly string[];
  /** What only someone wants to know who asks. */
  readonly long: readonly string[];
}

type Fact = string | false | null | undefined;

export function origin(row: LayerRow, loaded: Loaded | null): Origin {
  const of = [row.class_name, row.shape && shape(row.shape)];
  if (!loaded) return { short: told(of), long: [] };
  const skipped = skippedReason(loaded.ref.tag);
  if (loaded.kind === "heatmaps") {
    const { method, objective, seconds, sheet, placed, turned } = loaded.facts;
    const unknown = placed === false && "place in the picture not known";
    const moved = turned && turned.length > 0 && `maps ${turned.join(", ")}`;
    const cells = `${sheet.tile[0]}\u2009\u00d7\u2009${sheet.tile[1]} cells`;
    return {
      short: told([...of, cells, unknown]),
      long: told([moved, methodOf(method, objective), took(seconds), skipped]),
    };
  }
  const { tiles, view, objective, mode, ascent_steps, seed, seconds, refreshed, unchanged } = loaded.facts;
  const kinds = countKinds(tiles);
  const different = kinds !== null && kinds < tiles.length && `${kinds} kinds`;
  const count = row.filters > tiles.length ? `${tiles.length} of ${row.filters} filters` : `${tiles.length} filters`;
  const long = [
    objective === "neuron" && "one neuron",
    mode && `mode ${mode}`,
    ascent_steps != null && `${ascent_steps} ascent steps`,
    seed != null && `seed ${seed}`,
    view !== "picture" && view,
    took(seconds),
    loaded.ref.step > 0 && refreshed && "restarted from seed",
  ];
  const old = unchanged && `unchanged since step ${tiles[0]?.computed ?? 0}`;
  return { short: told([...of, count, different, old, skipped]), long: told(long) };
}

function told(facts: readonly Fact[]): string[] {
  return facts.filter((fact): fact is string => Boolean(fact));
}

function took(seconds: number | null | undefined): Fact {
  return seconds != null && `computed in ${duration(seconds)}`;
}

function methodOf(method = "", objective = ""): string {
  const of = objective === "logit" ? "before softmax" : objective;
  return [method === "gradcam" ? "Grad-CAM" : method, of && `(${of})`].filter(Boolean).join(" ");
}

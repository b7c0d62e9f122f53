// Provenance of the tiles of a layer, from its class to the seconds that they took.

import type { ExampleFacts } from "../data/contract";
import { factsOf } from "../data/facts";
import { countKinds } from "../data/likeness";
import type { Loaded } from "../data/sheets";
import { duration, shape } from "../words/format";
import { examplesBeside } from "./examples";
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
  const { tiles, view, objective, mode, ascent_steps, seed, seconds, refreshed, unchanged, filters_by } = loaded.facts;
  const kinds = countKinds(tiles);
  const different = kinds !== null && kinds < tiles.length && `${kinds} kinds`;
  const some = row.filters > tiles.length;
  const count = some ? `${tiles.length} of ${row.filters} filters` : `${tiles.length} filters`;
  const chosen = some && filters_by && CHOSEN[filters_by];
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
  return { short: told([...of, count, chosen, different, old, skipped]), long: told(long) };
}

/** How the filters of a layer were chosen that has more. */
const CHOSEN: Readonly<Record<string, string>> = { use: "most used on your pictures", spread: "evenly spread" };

/** How many pictures were searched for examples, and how much of one a filter sees. */
export function exampleOrigin(loaded: Loaded | null): readonly string[] {
  const wanted = loaded && examplesBeside(loaded.ref);
  const facts = wanted && factsOf<Partial<ExampleFacts>>(wanted.ref);
  if (!facts) return [];
  const { count, field, seconds } = facts;
  return told([
    count !== undefined && `${count} pictures searched for examples`,
    field && `a filter sees ${shape(field.size)} of ${shape(field.sides)} pixels`,
    seconds != null && `searched in ${duration(seconds)}`,
  ]);
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

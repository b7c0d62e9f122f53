// The facts of a pattern tile -> what to say of it on the picture, and why.

import type { Kind, PatternTile } from "../data/contract";

export interface Mark {
  readonly text: string;
  readonly why: string;
  readonly kind: "odd" | "old";
}

/** A sheet of patterns, as far as it matters here. */
interface Of {
  readonly ref: { readonly step: number };
  readonly facts: { readonly unchanged?: boolean };
}

/** Whether the picture is of an earlier step, where a change since then may be missing. */
export function stale({ computed }: PatternTile, { ref, facts }: Of): boolean {
  return typeof computed === "number" && computed < ref.step && facts.unchanged !== true;
}

/** Dead, stuck, or of an earlier step; `skipped` is what the callback says of the layer at this step. */
export function marksOf(tile: PatternTile, of: Of, skipped = ""): Mark[] {
  const found: Mark[] = [];
  const why = typeof tile.reason === "string" ? tile.reason : "";
  if (tile.dead === true) found.push({ text: "dead", why: why || "it answers to nothing", kind: "odd" });
  else if (tile.stuck === true) found.push({ text: "stuck", why: why || "it is active everywhere", kind: "odd" });
  if (stale(tile, of))
    found.push({
      text: `from step ${tile.computed}`,
      why: skipped || "computed then, and kept to save time",
      kind: "old",
    });
  return found;
}

interface Held {
  readonly kind: Kind;
  readonly facts: { readonly tiles: readonly object[]; readonly probes?: number };
}

/** Why numbers are missing that other logs have; empty where none are. */
export function whyMissing({ kind, facts }: Held): string {
  const has = (name: string): boolean => facts.tiles.some((tile) => name in tile);
  if (kind === "heatmaps") {
    if (!has("area"))
      return "This log holds no numbers of where the evidence is: it was written before they were measured.";
    return has("energy_inside") ? "" : "No boxes: energy inside the object needs GradCAM(boxes=\u2026).";
  }
  if (!has("kernel_drift"))
    return "This log holds no drift: it was written before drift was measured, or the layer has no weights.";
  if (facts.probes !== 0 && has("function_drift")) return "";
  return "No probe pictures: function drift, activity, dead filters and twins need some. Log heatmaps too, or give FilterPatterns(probes=\u2026).";
}

// The sheets of A and B -> the pattern drift of each filter from B, where the log does not hold it: against any other
// step than the baseline and the last log, and against another run of the same beginning.

import { computed, effect, signal } from "@preact/signals";
import type { Loaded, Patterns } from "../data/sheets";
import { entries } from "../data/tiles";
import { tileBox } from "../draw/pixels";
import { texture, unlike } from "../draw/textures";
import { b, comparing } from "./compare";
import { bOf, positionInB } from "./pairing";
import { sameFilters } from "./resolveB";
import { index, indexes, row, screen, view } from "./store";

interface Found {
  readonly a: Loaded;
  readonly tiles: readonly object[];
}

const found = signal<Found | null>(null);

/** The tiles of A with what is known of them against B. */
export function tilesWith(loaded: Loaded): readonly object[] {
  return comparing.value && found.value?.a === loaded ? found.value.tiles : loaded.facts.tiles;
}

/** Whether the log itself holds the drift of A from B. */
const stored = computed(() => {
  const [a, other] = [screen.value.loaded, b.value];
  if (
    a?.kind !== "patterns" ||
    !other ||
    other.run !== a.ref.run ||
    other.series?.tag !== a.ref.tag ||
    other.tile !== null
  )
    return false;
  const has = (name: string): boolean => a.facts.tiles.some((tile) => name in tile);
  if (other.step === (a.facts.baseline_step ?? 0)) return has("pattern_drift");
  return other.step === row.value?.series.steps.findLast((step) => step < a.ref.step) && has("pattern_drift_previous");
});

const known = new WeakMap<Patterns, Map<number, Float32Array>>();

/** Compares one filter after the other, letting the page draw between them. */
export function watchSinceB(): void {
  effect(() => {
    const a = screen.value.loaded;
    const other = a && bOf(a);
    const { series, tile: pinned = null } = b.value ?? {};
    const alike =
      (pinned !== null || series?.tag === a?.ref.tag) &&
      sameFilters(index.value ?? undefined, indexes.value.get(b.value?.run ?? "")) === "same";
    if (a?.kind !== "patterns" || other?.kind !== "patterns" || stored.value || !alike || a === other) {
      found.value = null;
      return;
    }
    const { btile, tile } = view.value;
    let stopped = false;
    void compare(a, other, btile === null ? null : tile, () => stopped);
    return () => {
      stopped = true;
    };
  });
}

async function compare(a: Patterns, other: Patterns, only: number | null, stopped: () => boolean): Promise<void> {
  const [left, right] = [pixels(a), pixels(other)];
  const drift = new Map<number, number | null>();
  for (const { id, at } of entries(a)) {
    if (only !== null && id !== only) continue;
    const place = positionInB(id, a, at);
    if (place >= 0) drift.set(at, unlike(textureOf(a, at, left), textureOf(other, place, right)));
    await new Promise((done) => setTimeout(done, 0));
    if (stopped()) return;
  }
  found.value = { a, tiles: a.facts.tiles.map((tile, at) => ({ ...tile, pattern_drift_b: drift.get(at) ?? null })) };
}

function textureOf(loaded: Patterns, at: number, rgba: () => Uint8ClampedArray): Float32Array {
  const held = known.get(loaded) ?? new Map<number, Float32Array>();
  known.set(loaded, held);
  const own = held.get(at) ?? texture(rgba(), loaded.sheet.width, tileBox(loaded.facts.sheet, at));
  held.set(at, own);
  return own;
}

/** The pixels of a sheet, read when first asked for. */
function pixels({ sheet }: Patterns): () => Uint8ClampedArray {
  let held: Uint8ClampedArray | null = null;
  return () => {
    if (held) return held;
    const context = new OffscreenCanvas(sheet.width, sheet.height).getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("this browser offers no canvas");
    context.drawImage(sheet, 0, 0);
    held = context.getImageData(0, 0, sheet.width, sheet.height).data;
    return held;
  };
}

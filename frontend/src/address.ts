// A location hash <-> the view. Only what differs from the default is written, under `p.convviz.`.

import type { Kind } from "./contract";
import { COLOUR_MAPS, DEFAULT_MAP, type ColourMap } from "./colours";
import type { Wish } from "./place";

export interface View extends Wish {
  /** Heatmap opacity in percent. */
  readonly alpha: number;
  readonly map: ColourMap;
  /** Wanted tile width in pixels; null fits the space. */
  readonly size: number | null;
}

export const DEFAULT_VIEW: View = {
  run: null,
  kind: null,
  layer: null,
  step: null,
  tile: null,
  alpha: 70,
  map: DEFAULT_MAP,
  size: null,
};

export const SIZES = { least: 64, most: 384, by: 16 } as const;
const PREFIX = "p.convviz.";
const KEYS = ["run", "kind", "layer", "step", "tile", "alpha", "map", "size"] as const;

/** The view that a hash asks for; what it does not say, or says wrongly, is the default. */
export function parseView(hash: string): View {
  const said = new Map<string, string>();
  for (const part of hash.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    if (at > 0 && part.startsWith(PREFIX)) said.set(part.slice(PREFIX.length, at), decode(part.slice(at + 1)));
  }
  return {
    run: said.get("run") ?? null,
    kind: oneOf<Kind>(["patterns", "heatmaps"], said.get("kind")) ?? null,
    layer: said.get("layer") ?? null,
    step: whole(said.get("step"), 0, 2 ** 31) ?? null,
    tile: whole(said.get("tile"), 0, 2 ** 31) ?? null,
    alpha: whole(said.get("alpha"), 0, 100) ?? DEFAULT_VIEW.alpha,
    map: oneOf(COLOUR_MAPS, said.get("map")) ?? DEFAULT_MAP,
    size: whole(said.get("size"), SIZES.least, SIZES.most) ?? null,
  };
}

/** `hash` with our keys replaced by those of `view`; everything TensorBoard wrote stays. */
export function writeView(hash: string, view: View, plugin = "convviz"): string {
  const kept = hash
    .replace(/^#/, "")
    .split("&")
    .filter((part) => part && !part.startsWith(PREFIX));
  if (kept.length === 0) kept.push(plugin);
  for (const key of KEYS) {
    const value = view[key];
    if (value !== DEFAULT_VIEW[key] && value !== null) kept.push(`${PREFIX}${key}=${encode(String(value))}`);
  }
  return `#${kept.join("&")}`;
}

// Slashes of runs and nested layers stay readable; TensorBoard splits on & and = only.
function encode(value: string): string {
  return encodeURIComponent(value).replaceAll("%2F", "/");
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function whole(value: string | undefined, least: number, most: number): number | null {
  if (value === undefined || !/^\d{1,10}$/.test(value)) return null;
  const number = Number(value);
  return number >= least && number <= most ? number : null;
}

function oneOf<T extends string>(allowed: readonly T[], value: string | undefined): T | null {
  return allowed.find((name) => name === value) ?? null;
}

// A colour map's name -> 256 colours. All maps offered rise evenly in lightness, so they read the
// same with every kind of colour vision and in print.

/** Put in by the build (stops.ts): of each map every fifth colour, as hex. */
declare const COLOUR_STOPS: Readonly<Record<ColourMap | "diverging", string>>;

export const COLOUR_MAPS = ["inferno", "magma", "plasma", "viridis", "cividis"] as const;
export type ColourMap = (typeof COLOUR_MAPS)[number];
export const DEFAULT_MAP: ColourMap = "inferno";

const tables = new Map<string, Uint8Array>();

/** 256 colours, three bytes each. */
export function colours(map: ColourMap | "diverging"): Uint8Array {
  const known = tables.get(map);
  if (known) return known;
  const stops = COLOUR_STOPS[map].match(/../g)?.map((two) => parseInt(two, 16)) ?? [];
  const last = stops.length / 3 - 1;
  const table = Uint8Array.from({ length: 256 * 3 }, (_, at) => {
    const place = (Math.floor(at / 3) / 255) * last;
    const [low, part] = [Math.min(last - 1, Math.floor(place)), at % 3];
    const [from, to] = [stops[low * 3 + part] ?? 0, stops[low * 3 + 3 + part] ?? 0];
    return Math.round(from + (to - from) * (place - low));
  });
  tables.set(map, table);
  return table;
}

// A colour map's name -> 256 colours. All maps offered rise evenly in lightness, so they read the
// same with every kind of colour vision and in print.

import {
  interpolateCividis,
  interpolateInferno,
  interpolateMagma,
  interpolatePlasma,
  interpolateViridis,
} from "d3-scale-chromatic";

const INTERPOLATORS = {
  inferno: interpolateInferno,
  magma: interpolateMagma,
  plasma: interpolatePlasma,
  viridis: interpolateViridis,
  cividis: interpolateCividis,
} as const;

export type ColourMap = keyof typeof INTERPOLATORS;

export const COLOUR_MAPS = Object.keys(INTERPOLATORS) as ColourMap[];
export const DEFAULT_MAP: ColourMap = "inferno";

const tables = new Map<ColourMap, Uint8Array>();

/** 256 colours, three bytes each. */
export function colours(map: ColourMap): Uint8Array {
  const known = tables.get(map);
  if (known) return known;
  const table = new Uint8Array(256 * 3);
  for (let level = 0; level < 256; level++) table.set(parse(INTERPOLATORS[map](level / 255)), level * 3);
  tables.set(map, table);
  return table;
}

/** d3 answers "#rrggbb" for some maps and "rgb(r, g, b)" for others. */
export function parse(colour: string): [number, number, number] {
  const hex = /^#(..)(..)(..)$/.exec(colour);
  const parts = hex ? hex.slice(1).map((two) => parseInt(two, 16)) : (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [Math.round(parts[0] ?? 0), Math.round(parts[1] ?? 0), Math.round(parts[2] ?? 0)];
}

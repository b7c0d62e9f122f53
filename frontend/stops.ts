// d3's colour maps -> every fifth of their 256 colours, as hex. Taken when building: mixing between them comes
// within 1.2 of 255 levels, and the tables and colour spaces behind them were a tenth of the bundle.

import {
  interpolateCividis,
  interpolateInferno,
  interpolateMagma,
  interpolatePlasma,
  interpolatePuOr,
  interpolateViridis,
} from "d3-scale-chromatic";

export const EVERY = 5;

const MAPS = {
  inferno: interpolateInferno,
  magma: interpolateMagma,
  plasma: interpolatePlasma,
  viridis: interpolateViridis,
  cividis: interpolateCividis,
  // From purple to orange; its darkest ends are left out: they would drown in a dark page.
  diverging: (share: number) => interpolatePuOr(0.12 + share * 0.76),
};

/** The colour of one of 256 levels as d3 has it. */
export function exact(map: keyof typeof MAPS, level: number): [number, number, number] {
  return parse(MAPS[map](level / 255));
}

/** d3 answers "#rrggbb" for some maps and "rgb(r, g, b)" for others. */
export function parse(colour: string): [number, number, number] {
  const hex = /^#(..)(..)(..)$/.exec(colour);
  const parts = hex ? hex.slice(1).map((two) => parseInt(two, 16)) : (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [Math.round(parts[0] ?? 0), Math.round(parts[1] ?? 0), Math.round(parts[2] ?? 0)];
}

export function stops(): Record<keyof typeof MAPS, string> {
  const hex = (map: keyof typeof MAPS): string =>
    Array.from({ length: 255 / EVERY + 1 }, (_, at) =>
      exact(map, at * EVERY)
        .map((part) => part.toString(16).padStart(2, "0"))
        .join(""),
    ).join("");
  return Object.fromEntries((Object.keys(MAPS) as (keyof typeof MAPS)[]).map((map) => [map, hex(map)])) as Record<
    keyof typeof MAPS,
    string
  >;
}

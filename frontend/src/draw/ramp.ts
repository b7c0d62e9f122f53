// Colour ramps: colour maps as CSS gradients, for legends and menus.

import { type ColourMap, colours } from "./colours";

const STOPS = 24;

/** A colour map from left to right; `opacity` is asked for each share of the full value, 0 to 1. */
export function ramp(map: ColourMap | "diverging", opacity: (share: number) => number = () => 1): string {
  const table = colours(map);
  const stops = Array.from({ length: STOPS + 1 }, (_, stop) => {
    const share = stop / STOPS;
    const level = Math.round(share * 255) * 3;
    return `rgba(${table[level]}, ${table[level + 1]}, ${table[level + 2]}, ${opacity(share).toFixed(3)})`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

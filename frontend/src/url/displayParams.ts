// The part of the view that says how heatmaps are drawn and tiles are laid out -> its keys in the address.

import { SHOWS, type Show } from "../draw/pixels";
import { SCOPES, type Scope } from "../draw/scopes";
import { oneOf, whole } from "./parse";

export interface Looks {
  /** What the full colour of a heatmap stands for. */
  readonly scope: Scope;
  /** Percent of the full colour below which the picture is left clear. */
  readonly floor: number;
  readonly show: Show;
  /** The class chosen for each picture, as `writeClasses` puts it. */
  readonly cls: string;
  /** Tiles of one step, or the first tiles at all steps. */
  readonly as: "tiles" | "matrix";
  /** Enlargement of the enlarged tile in percent of what fits; its middle in hundredths of a percent of the picture. */
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}

export const PLAIN: Looks = { scope: "map", floor: 0, show: "both", cls: "", as: "tiles", zoom: 100, x: 5000, y: 5000 };

export const LOOKS_KEYS = ["scope", "floor", "show", "cls", "as", "zoom", "x", "y"] as const;

export function parseLooks(said: ReadonlyMap<string, string>): Looks {
  const cls = said.get("cls") ?? "";
  return {
    scope: oneOf(SCOPES, said.get("scope")) ?? PLAIN.scope,
    floor: whole(said.get("floor"), 0, 95) ?? PLAIN.floor,
    show: oneOf(SHOWS, said.get("show")) ?? PLAIN.show,
    cls: /^\d{1,9}:\d{1,9}(,\d{1,9}:\d{1,9})*$/.test(cls) ? cls : PLAIN.cls,
    as: oneOf(["tiles", "matrix"], said.get("as")) ?? PLAIN.as,
    zoom: whole(said.get("zoom"), 10, 1600) ?? PLAIN.zoom,
    x: whole(said.get("x"), 0, 10_000) ?? PLAIN.x,
    y: whole(said.get("y"), 0, 10_000) ?? PLAIN.y,
  };
}

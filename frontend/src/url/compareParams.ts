// The part of the view that says what A is compared with, and how -> its keys in the address.

import { oneOf, whole } from "./parse";

export const WAYS = ["side", "swipe", "blink", "difference"] as const;
/** How A and B are shown together. */
export type Way = (typeof WAYS)[number];

/** What A is compared with. Everything left open is that of A; the step is then the baseline. */
export interface Comparison {
  /** null shows A alone. */
  readonly way: Way | null;
  /** Step of B, "last" the last one stored; null is the baseline, or with another run the step of A. */
  readonly b: number | "previous" | "last" | null;
  readonly brun: string | null;
  readonly blayer: string | null;
  readonly btile: number | null;
  /** Differences of patterns: by sign or by size. */
  readonly sign: "signed" | "absolute";
  /** Runs beside that of A, joined by `joinNames`. */
  readonly beside: string;
  /** Which steps of other runs stand beside a step of A. */
  readonly align: "step" | "end";
}

export const ALONE: Comparison = {
  way: null,
  b: null,
  brun: null,
  blayer: null,
  btile: null,
  sign: "signed",
  beside: "",
  align: "step",
};

export const COMPARISON_KEYS = ["way", "b", "brun", "blayer", "btile", "sign", "beside", "align"] as const;

export function parseComparison(said: ReadonlyMap<string, string>): Comparison {
  return {
    way: oneOf(WAYS, said.get("way")),
    b: whole(said.get("b"), 0, 2 ** 31) ?? oneOf<"previous" | "last">(["previous", "last"], said.get("b")),
    brun: said.get("brun") ?? null,
    blayer: said.get("blayer") ?? null,
    btile: whole(said.get("btile"), 0, 2 ** 31),
    sign: oneOf(["signed", "absolute"], said.get("sign")) ?? "signed",
    beside: said.get("beside") ?? "",
    align: oneOf(["step", "end"], said.get("align")) ?? "step",
  };
}

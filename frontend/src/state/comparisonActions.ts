// What the user can do about B: each action is one change of the view.

import type { View } from "../url/address";
import { ALONE, type Comparison, type Way } from "../url/compareParams";
import { b } from "./compare";
import { walked } from "./location";
import { place, steps, view } from "./store";

const NONE = { b: ALONE.b, brun: ALONE.brun, blayer: ALONE.blayer, btile: ALONE.btile };
let lastWay: Way = "side";

function change(part: Partial<View>): void {
  view.value = { ...view.value, ...part };
}

export function setWay(way: Way | null): void {
  if (way) lastWay = way;
  change(way ? { way, as: "tiles" } : { way });
}

/** Turns comparing on as it was last, or off. */
export function toggleCompare(): void {
  setWay(view.value.way ? null : lastWay);
}

export function toggleDifference(): void {
  const { way } = view.value;
  if (way === "difference") setWay(lastWay === "difference" ? "side" : lastWay);
  else change({ way: "difference", as: "tiles" });
}

/** Another B; comparing begins with it. */
export function setB(part: Partial<Comparison>): void {
  change({ ...NONE, ...part, way: view.value.way ?? lastWay, as: "tiles" });
}

/** B at a step of the run of A. */
export function setBStep(step: number | null | undefined): void {
  if (step !== null && step !== undefined) setB({ b: step });
}

/** B is this one tile of this layer, step and run, whatever A becomes. */
export function pinB(tile: number): void {
  const at = place.value;
  if (at) setB({ b: at.step, brun: at.run, blayer: at.layer, btile: tile });
}

/** A where B was, and the other way round. */
export function swap(): void {
  const [at, other] = [place.value, b.value];
  if (!at || !other || other.step === null) return;
  // Where B is met at the step of A, it goes on to be.
  const met = view.value.b === null && !other.baseline;
  const back: Partial<Comparison> = {
    b: met ? null : at.step,
    brun: other.run === at.run ? null : at.run,
    blayer: other.layer === at.layer ? null : at.layer,
    btile: null,
  };
  if (other.tile !== null) Object.assign(back, { b: at.step, brun: at.run, blayer: at.layer, btile: view.value.tile });
  const there =
    other.run === at.run ? walked(view.value, steps.value, other.step) : { ...view.value, step: other.step };
  view.value = {
    ...view.value,
    ...there,
    ...back,
    run: other.run,
    layer: other.layer,
    tile: other.tile ?? view.value.tile,
  };
}

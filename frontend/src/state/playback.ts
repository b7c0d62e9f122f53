// Playback: walks over the steps, never before the picture of a step is there.

import { effect } from "@preact/signals";
import { goTo, walk } from "./actions";
import * as state from "./store";

const FRAME = 600;
/** Faster than this is a flicker that some people must not be shown. */
const calm = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** At the newest step it stops, or begins anew. */
export function watchPlay(): () => void {
  return effect(() => {
    if (!state.playing.value) return;
    const at = state.place.value?.step ?? null;
    const { status } = state.screen.value;
    if (!state.visible.value || status === "loading") return;
    const ended = at === null || at === state.steps.value.at(-1);
    if (ended && !state.looping.value) {
      queueMicrotask(() => (state.playing.value = false));
      return;
    }
    const wait = FRAME / (calm() ? Math.min(1, state.speed.value) : state.speed.value);
    const next = setTimeout(() => (ended ? goTo(state.steps.peek()[0]) : walk(1)), wait);
    return () => clearTimeout(next);
  });
}

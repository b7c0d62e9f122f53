// Stored steps (ascending numbers) -> which one to stand on, what to call it, where to draw it.

/** The steps of several series as one ascending list. */
export function union(lists: readonly (readonly number[])[]): number[] {
  return [...new Set(lists.flat())].sort((a, b) => a - b);
}

/** The stored step closest to `wanted`; of two equally close ones the earlier. */
export function nearest(steps: readonly number[], wanted: number): number | null {
  let best: number | null = null;
  for (const step of steps) {
    if (best === null || Math.abs(step - wanted) < Math.abs(best - wanted)) best = step;
  }
  return best;
}

/** The newest stored step at or before `step`. */
export function atOrBefore(steps: readonly number[], step: number): number | null {
  return steps.findLast((stored) => stored <= step) ?? null;
}

/** The stored step `by` places further on, held at both ends. */
export function moved(steps: readonly number[], from: number, by: number): number | null {
  const at = steps.indexOf(nearest(steps, from) ?? NaN);
  if (at < 0) return null;
  return steps[Math.max(0, Math.min(steps.length - 1, at + by))] ?? null;
}

/** What a step means in words. */
export function meaning(step: number): string {
  if (step === 0) return "before training, baseline";
  return step === 1 ? "after 1 epoch" : `after ${step} epochs`;
}

// What filter numbers are worth across runs: a remark, or nothing where they mean the same.

export function acrossRuns(same: "same" | "different" | "unknown"): string {
  if (same === "different")
    return "These runs began with different weights: filters with the same number have nothing to do with each other.";
  return same === "unknown"
    ? "Filters with the same number match only if both runs began with the same weights, which the logs do not say."
    : "";
}

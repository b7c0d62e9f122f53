// Remark on filter numbers across runs: empty where they mean the same.

export function acrossRuns(same: "same" | "different" | "unknown"): string {
  if (same === "different") return "These runs began with different weights: filters of the same number are unrelated.";
  return same === "unknown"
    ? "Filters of the same number match only if both runs began with the same weights; the logs do not say."
    : "";
}

// Findings: which of them tell of damage.

import type { Finding } from "../data/contract";

export function isBad({ severity }: Finding): boolean {
  return severity === "bad";
}

// Whether the server answers, and has what it lists: whoever finds that it does not says so here.

import { signal } from "@preact/signals";
import type { Ref } from "./contract";

export const lost = signal(false);
/** The event that was listed and is not there any more. */
export const dropped = signal<Ref | null>(null);

/** Whether a request failed because nobody answered; that is then known to all. */
export function lostBy(error: unknown): boolean {
  const nobody = error instanceof TypeError;
  if (nobody) lost.value = true;
  return nobody;
}

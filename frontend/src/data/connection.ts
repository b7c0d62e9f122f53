// Whether the server answers: whoever finds that it does not says so here.

import { signal } from "@preact/signals";

export const lost = signal(false);

/** Whether a request failed because nobody answered; that is then known to all. */
export function lostBy(error: unknown): boolean {
  const nobody = error instanceof TypeError;
  if (nobody) lost.value = true;
  return nobody;
}

// Whether the server answers: whoever finds that it does not says so here.

import { signal } from "@preact/signals";

export const lost = signal(false);

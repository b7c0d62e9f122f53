// whileSeen: does something while an element is on screen.

import type { RefObject } from "preact";

export interface When {
  /** The element that must be on screen; without it sheets are requested wherever it is. */
  readonly whenVisible?: RefObject<HTMLElement | null>;
  /** How far beyond the grid area counts as on screen; sheets further away are dropped: a long run has too many. */
  readonly near?: string;
}

/** Calls all of `enter` when the element comes on screen: once, or with `near` whenever it comes back. */
export function whileSeen(
  element: HTMLElement,
  near: string | undefined,
  enter: readonly ((signal: AbortSignal) => void)[],
  leave: () => void,
): () => void {
  let stop = new AbortController();
  const seen = ([sight]: readonly IntersectionObserverEntry[]): void => {
    stop.abort();
    stop = new AbortController();
    if (sight?.isIntersecting) for (const each of enter) each(stop.signal);
    else if (near) leave();
    if (sight?.isIntersecting && !near) observer.disconnect();
  };
  const observer = new IntersectionObserver(
    seen,
    near ? { root: element.closest(".grid-area"), rootMargin: near } : {},
  );
  observer.observe(element);
  return () => {
    observer.disconnect();
    stop.abort();
  };
}

// usePress: a press of a button, as against a drag over it.

import { useRef } from "preact/hooks";

/** Pixels that a hand moves without meaning to. */
const STILL = 4;

export function usePress(press: () => void) {
  const down = useRef<readonly [number, number] | null>(null);
  return {
    onPointerDown: (event: PointerEvent): void => {
      down.current = [event.clientX, event.clientY];
    },
    onClick: (event: MouseEvent): void => {
      // A key presses without a pointer.
      const [x, y] = event.detail === 0 || !down.current ? [event.clientX, event.clientY] : down.current;
      if (Math.hypot(event.clientX - x, event.clientY - y) <= STILL) press();
    },
  };
}

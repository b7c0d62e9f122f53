// What is enlarged -> a window on it that the hand can move, and the wheel enlarge where that is wanted.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { panned, transform, zoomed } from "../../draw/zoom";
import { move, settle, wheel, zoom } from "../../state/zoomStore";

/** From here on single pixels are what one wants to see. */
const PIXELS = 4;

export function Frame({ children }: { children: ComponentChildren }) {
  const frame = useRef<HTMLSpanElement>(null);
  useWheel(frame);
  const { scale } = zoom.value;
  const drag = (event: PointerEvent): void => {
    if (!(event.buttons & 1) || scale === 1 || !frame.current) return;
    const { width, height } = frame.current.getBoundingClientRect();
    move(panned(zoom.value, event.movementX / width, event.movementY / height));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: enlarging has buttons and keys of its own
    <span
      ref={frame}
      class={`stage-picture ${scale > 1 ? "stage-moves" : ""} ${scale >= PIXELS ? "stage-pixels" : ""}`}
      onPointerDown={(event) => scale > 1 && event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onPointerUp={() => scale > 1 && settle()}
      onDblClick={() => settle(zoomed(zoom.value, scale > 1 ? 1 / scale : 2))}
    >
      <span class="stage-content" style={scale !== 1 ? { transform: transform(zoom.value) } : undefined}>
        {children}
      </span>
    </span>
  );
}

/** With Alt held, or always where that is switched on: the page itself may want to scroll. */
function useWheel(frame: { current: HTMLElement | null }): void {
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let rest: ReturnType<typeof setTimeout> | undefined;
    const turn = (event: WheelEvent): void => {
      if (event.ctrlKey || event.metaKey || !(event.altKey || wheel.value)) return;
      event.preventDefault();
      const box = element.getBoundingClientRect();
      const [left, top] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      move(zoomed(zoom.value, Math.exp(-event.deltaY / 400), left, top));
      clearTimeout(rest);
      rest = setTimeout(() => settle(), 200);
    };
    element.addEventListener("wheel", turn, { passive: false });
    return () => {
      clearTimeout(rest);
      element.removeEventListener("wheel", turn);
    };
  }, []);
}

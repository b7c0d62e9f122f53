// Frame around a picture that can be zoomed and panned: it fills its part of the stage.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { panned, transform, zoomed } from "../../draw/zoom";
import { letGo, move, room, settle, wheel, zoom } from "../../state/zoomStore";

/** Zoom from which on single pixels are shown as squares. */
const PIXELS = 4;

interface Props {
  /** Pixels of the frame, and of the picture as it fits. */
  readonly frame: readonly [number, number];
  readonly picture: readonly [number, number];
  readonly children: ComponentChildren;
}

export function Frame({ frame: [wide, high], picture: [width, height], children }: Props) {
  const frame = useRef<HTMLSpanElement>(null);
  const fitted = useRef<HTMLSpanElement>(null);
  useGestures(frame, fitted);
  const { scale } = zoom.value;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: zooming has buttons and keys of its own
    <span
      ref={frame}
      class={`stage-picture ${scale > 1 ? "stage-moves" : ""} ${scale >= PIXELS ? "stage-pixels" : ""}`}
      style={{ width: `${wide}px`, height: `${high}px` }}
      onDblClick={() => settle(zoomed(zoom.value, scale > 1 ? 1 / scale : 2, 0.5, 0.5, room.value))}
    >
      <span class="stage-fitted" ref={fitted} style={{ width: `${width}px`, height: `${height}px` }}>
        <span class="picture stage-content" style={scale !== 1 ? { transform: transform(zoom.value) } : undefined}>
          {children}
        </span>
      </span>
    </span>
  );
}

type Element = { current: HTMLElement | null };

/** One finger or the mouse pans, two fingers pinch; the wheel zooms with Alt held, or always where that is on. */
function useGestures(frame: Element, fitted: Element): void {
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const fingers = new Map<number, PointerEvent>();
    let rest: ReturnType<typeof setTimeout> | undefined;
    const box = (): DOMRect => (fitted.current ?? element).getBoundingClientRect();
    const down = (event: PointerEvent): void => {
      fingers.set(event.pointerId, event);
      if (zoom.value.scale > 1 || fingers.size > 1) element.setPointerCapture(event.pointerId);
    };
    const drag = (event: PointerEvent): void => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const other = [...fingers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
      fingers.set(event.pointerId, event);
      const { left, top, width, height } = box();
      const [right, down] = [(event.clientX - before.clientX) / width, (event.clientY - before.clientY) / height];
      if (other) {
        // What lies between the fingers stays there: one that moves takes it half the way.
        const middle = [
          (before.clientX + other.clientX) / 2 - left,
          (before.clientY + other.clientY) / 2 - top,
        ] as const;
        const by = apart(event, other) / Math.max(1, apart(before, other));
        const larger = zoomed(zoom.value, by, middle[0] / width, middle[1] / height, room.value);
        move(panned(larger, right / 2, down / 2, room.value));
      } else if (zoom.value.scale > 1) {
        move(panned(zoom.value, right, down, room.value));
      }
    };
    const up = (event: PointerEvent): void => {
      if (fingers.delete(event.pointerId) && fingers.size === 0) letGo();
    };
    const turn = (event: WheelEvent): void => {
      if (event.ctrlKey || event.metaKey || !(event.altKey || wheel.value)) return;
      event.preventDefault();
      const { left, top, width, height } = box();
      const at = [(event.clientX - left) / width, (event.clientY - top) / height] as const;
      move(zoomed(zoom.value, Math.exp(-event.deltaY / 400), at[0], at[1], room.value));
      clearTimeout(rest);
      rest = setTimeout(() => settle(), 200);
    };
    const stop = new AbortController();
    const listen = { signal: stop.signal, passive: false };
    element.addEventListener("pointerdown", down, listen);
    element.addEventListener("pointermove", drag, listen);
    element.addEventListener("pointerup", up, listen);
    element.addEventListener("pointercancel", up, listen);
    element.addEventListener("wheel", turn, listen);
    return () => {
      clearTimeout(rest);
      stop.abort();
    };
  }, []);
}

function apart(one: PointerEvent, other: PointerEvent): number {
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
}

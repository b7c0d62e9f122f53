// An enlargement, its middle and what the pointer does -> the next one. Lengths are shares of the picture.

export interface Zoom {
  /** 1 fits the frame. */
  readonly scale: number;
  /** The point of the picture in the middle of the frame, 0 to 1. */
  readonly x: number;
  readonly y: number;
}

export const FITTED: Zoom = { scale: 1, x: 0.5, y: 0.5 };
export const MOST = 16;
/** Below 1 only to show a small picture at its own size. */
export const LEAST = 0.1;

/** The same within what there is to see: no empty margins. */
export function held({ scale, x, y }: Zoom): Zoom {
  const size = Math.max(LEAST, Math.min(MOST, scale));
  const edge = Math.min(0.5, 0.5 / size);
  const within = (value: number): number => Math.max(edge, Math.min(1 - edge, value));
  return { scale: size, x: within(x), y: within(y) };
}

/** Enlarged by `by`, with what lies at a place of the frame (0 to 1) staying there. */
export function zoomed(zoom: Zoom, by: number, left = 0.5, top = 0.5): Zoom {
  const scale = Math.max(Math.min(1, zoom.scale), Math.min(MOST, zoom.scale * by));
  const moved = (middle: number, at: number): number => middle + (at - 0.5) * (1 / zoom.scale - 1 / scale);
  return held({ scale, x: moved(zoom.x, left), y: moved(zoom.y, top) });
}

/** Moved by shares of the frame. */
export function panned(zoom: Zoom, right: number, down: number): Zoom {
  return held({ ...zoom, x: zoom.x - right / zoom.scale, y: zoom.y - down / zoom.scale });
}

/** As CSS, for a picture that fills its frame. */
export function transform({ scale, x, y }: Zoom): string {
  const shift = (middle: number): string => `${((0.5 - middle * scale) * 100).toFixed(3)}%`;
  return `translate(${shift(x)}, ${shift(y)}) scale(${scale})`;
}

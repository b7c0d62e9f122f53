// Zoom arithmetic: an enlargement, its middle and what the pointer does -> the next one. Lengths are shares of the
// picture.

export interface Zoom {
  /** 1 is as large as the frame allows. */
  readonly scale: number;
  /** The point of the picture in the middle of the frame, 0 to 1. */
  readonly x: number;
  readonly y: number;
}

export const FITTED: Zoom = { scale: 1, x: 0.5, y: 0.5 };
export const MOST = 16;
/** Below 1 only to show a small picture at its own size. */
export const LEAST = 0.02;

/** Width and height of the frame, over those of the picture as it fits. */
export type Room = readonly [number, number];
export const NO_ROOM: Room = [1, 1];

/** The same within what there is to see: no empty margins but those that the frame has anyway. */
export function held({ scale, x, y }: Zoom, [wide, high]: Room = NO_ROOM): Zoom {
  const size = Math.max(LEAST, Math.min(MOST, scale));
  const within = (value: number, room: number): number => {
    const edge = Math.min(0.5, (0.5 * room) / size);
    return Math.max(edge, Math.min(1 - edge, value));
  };
  return { scale: size, x: within(x, wide), y: within(y, high) };
}

/** Enlarged by `by`, with what lies at a place (0 to 1 within the picture as it fits) staying there. */
export function zoomed(zoom: Zoom, by: number, left = 0.5, top = 0.5, room = NO_ROOM): Zoom {
  const scale = Math.max(Math.min(1, zoom.scale), Math.min(MOST, zoom.scale * by));
  const moved = (middle: number, point: number): number => middle + (point - 0.5) * (1 / zoom.scale - 1 / scale);
  return held({ scale, x: moved(zoom.x, left), y: moved(zoom.y, top) }, room);
}

/** Moved by shares of the picture as it fits. */
export function panned(zoom: Zoom, right: number, down: number, room = NO_ROOM): Zoom {
  return held({ ...zoom, x: zoom.x - right / zoom.scale, y: zoom.y - down / zoom.scale }, room);
}

/** As CSS, for a picture in the middle of its frame. */
export function transform({ scale, x, y }: Zoom): string {
  const shift = (middle: number): string => `${((0.5 - middle * scale) * 100).toFixed(3)}%`;
  return `translate(${shift(x)}, ${shift(y)}) scale(${scale})`;
}

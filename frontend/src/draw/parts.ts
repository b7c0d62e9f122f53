// Parts of pictures: what a position of a layer sees, cut from a picture as it is stored.

import type { Field } from "../data/contract";

/** A rectangle in pixels of a stored picture. */
export interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What a position sees, as far as it lies in the picture; `size` is its height and width as it is stored. */
export function seenBy(field: Field, position: readonly number[], size: readonly [number, number]): Part {
  const last = field.sides.length - 1;
  const [top, bottom] = last > 0 ? range(field, position, last - 1, size[0]) : [0, size[0]];
  const [left, right] = range(field, position, last, size[1]);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The middle of what a position sees, in the picture or not: where the filter looks. As shares of the picture. */
export function centreOf(field: Field, position: readonly number[]): readonly [x: number, y: number] {
  const last = field.sides.length - 1;
  return [middle(field, position, last), last > 0 ? middle(field, position, last - 1) : 0.5];
}

/** The smallest square around a part that has at least so many pixels a side, moved into the picture. */
export function readable(part: Part, least: number, size: readonly [number, number]): Part {
  const side = Math.max(part.width, part.height, least);
  const [height, width] = [Math.min(side, size[0]), Math.min(side, size[1])];
  return {
    x: moved(part.x + (part.width - width) / 2, width, size[1]),
    y: moved(part.y + (part.height - height) / 2, height, size[0]),
    width,
    height,
  };
}

function middle(field: Field, position: readonly number[], axis: number): number {
  const side = field.sides[axis] || 1;
  const size = field.size[axis] ?? side;
  return clamped((beginOf(field, position, axis) + size / 2) / side, 1);
}

function beginOf(field: Field, position: readonly number[], axis: number): number {
  return (field.offset[axis] ?? 0) + (field.stride[axis] ?? 0) * (position[axis] ?? 0);
}

/** First and last edge along an axis, where the picture is stored so many pixels long. */
function range(field: Field, position: readonly number[], axis: number, length: number): readonly [number, number] {
  const side = field.sides[axis] || 1;
  const begin = beginOf(field, position, axis);
  const end = begin + (field.size[axis] ?? side);
  return [(clamped(begin, side) * length) / side, (clamped(end, side) * length) / side];
}

function moved(begin: number, length: number, side: number): number {
  return Math.min(Math.max(0, begin), side - length);
}

function clamped(value: number, most: number): number {
  return Math.min(Math.max(0, value), most);
}

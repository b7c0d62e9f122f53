// Examples as they are drawn: of each the part of its picture that the filter sees, and how much around it is shown.

import type { Field } from "../data/contract";
import { type Examples, examplesOf, labelOf, type Stored } from "../data/examples";
import { centreOf, type Part, readable, seenBy } from "./parts";

/** Pixels of a stored picture that a crop has at least: in fewer nobody recognizes anything. */
export const READABLE = 48;
/** A part that is nearly the whole picture says nothing of the place: its middle does. */
const NEARLY_ALL = 0.7;

/** One example of a filter. */
export interface Example {
  readonly filter: number;
  readonly picture: number;
  readonly activation: number | null;
  /** Row and column in the feature map. */
  readonly position: readonly number[];
  readonly label: number | null;
  /** null where the picture is not stored. */
  readonly stored: Stored | null;
  /** Height and width of the stored picture, in which `seen` and `crop` are pixels. */
  readonly size: readonly [number, number];
  /** What the filter sees of the picture. */
  readonly seen: Part;
  /** The same, grown to what can be read. */
  readonly crop: Part;
  /** Where it looks, as shares of the picture; null where the part says it well enough. */
  readonly centre: readonly [number, number] | null;
}

/** What was cut before: the same examples are not drawn again. */
const known = new WeakMap<Examples, Map<number, readonly Example[]>>();

/** The examples of a filter, the strongest first; none of a filter that nothing excites, or that was not searched for. */
export function cut(examples: Examples, filter: number): readonly Example[] {
  const all = known.get(examples) ?? new Map<number, readonly Example[]>();
  const own = all.get(filter) ?? cutNow(examples, filter);
  known.set(examples, all.set(filter, own));
  return own;
}

function cutNow(examples: Examples, filter: number): readonly Example[] {
  const tile = examplesOf(examples, filter);
  return (tile?.pictures ?? []).map((picture, nth) => {
    const stored = examples.pictures.get(picture) ?? null;
    const size = stored?.whole.facts.sheet.tile ?? ([1, 1] as const);
    const position = tile?.positions[nth] ?? [];
    return {
      filter,
      picture,
      activation: tile?.activations[nth] ?? null,
      position,
      label: stored && labelOf(stored),
      stored,
      size,
      ...placed(examples.facts.field, position, size),
    };
  });
}

function placed(field: Field | undefined, position: readonly number[], size: readonly [number, number]) {
  const all = { x: 0, y: 0, width: size[1], height: size[0] };
  const seen = field ? seenBy(field, position, size) : all;
  const wide = seen.width * seen.height > NEARLY_ALL * size[0] * size[1];
  return {
    seen,
    crop: readable(seen, READABLE, size),
    centre: field && wide && position.length > 0 ? centreOf(field, position) : null,
  };
}

/**
 * What is seen, as shares of the whole picture or of the crop; null where that is all of it. A crop is small: where it
 * shows mostly what is seen, a line would only hide it.
 */
export function outlineOf({ seen, crop, size }: Example, whole = false): Part | null {
  const part = whole ? { x: 0, y: 0, width: size[1], height: size[0] } : crop;
  const share = {
    x: (seen.x - part.x) / part.width,
    y: (seen.y - part.y) / part.height,
    width: seen.width / part.width,
    height: seen.height / part.height,
  };
  return share.width * share.height > (whole ? 0.95 : 0.5) ? null : share;
}

/** How many examples are of which class, the most frequent first; those of unknown class do not count. */
export function tally(examples: readonly Example[]): readonly (readonly [label: number, count: number])[] {
  const counts = new Map<number, number>();
  for (const { label } of examples) if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one);
}

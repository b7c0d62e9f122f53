// Line chart: strokes on a unit square, stretched over the box it is given.

import type { ComponentProps } from "preact";

export interface Stroke {
  readonly class: string;
  /** An SVG path on the unit square, y downwards. */
  readonly d: string;
}

interface Props extends ComponentProps<"svg"> {
  readonly strokes: readonly (Stroke | false)[];
  /** The chart in words; without it the chart is hidden from screen readers. */
  readonly label?: string;
}

export function LineChart({ strokes, label, ...rest }: Props) {
  return (
    <svg
      viewBox="0 0 1 1"
      preserveAspectRatio="none"
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
      {...rest}
    >
      {strokes.map((stroke) => stroke && <path {...stroke} vector-effect="non-scaling-stroke" />)}
    </svg>
  );
}

/** A vertical line. */
export function upright(name: string, x: number, length = 1): Stroke {
  return { class: name, d: `M${x} ${1 - length}v${length}` };
}

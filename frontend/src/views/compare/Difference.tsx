// Difference: A minus B of one tile, on a canvas.

import { useLayoutEffect, useRef } from "preact/hooks";
import type { Loaded } from "../../data/sheets";
import { drawDifference } from "../../draw/differenceCanvas";
import { difference, scaleOfDifference } from "../../state/pairing";
import { view } from "../../state/store";

interface Props {
  readonly loaded: Loaded;
  readonly position: number;
  readonly other: Loaded;
  readonly positionB: number;
  readonly label: string;
}

export function Difference({ loaded, position, other, positionB, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { colormap, sign, measure, show } = view.value;
  const full = scaleOfDifference.value;
  useLayoutEffect(() => {
    const plane = difference(loaded, position, other, positionB);
    if (canvas.current && plane)
      drawDifference(canvas.current, loaded, position, plane, { full, sign, colormap, show });
  }, [loaded, position, other, positionB, full, sign, measure, colormap, show]);
  return (
    <canvas
      ref={canvas}
      {...(label
        ? { role: "img" as const, "aria-label": `${label}, difference from B` }
        : { "aria-hidden": true as const })}
    />
  );
}

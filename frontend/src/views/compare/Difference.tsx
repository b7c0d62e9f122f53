// The difference of two tiles -> a canvas.

import { useLayoutEffect, useRef } from "preact/hooks";
import type { Loaded } from "../../data/sheets";
import { drawInput, sized } from "../../draw/canvas";
import { colours } from "../../draw/colours";
import { paintSigned } from "../../draw/difference";
import { enlarge, type Plane, paint } from "../../draw/pixels";
import { difference, scaleOfDifference } from "../../state/pairing";
import { view } from "../../state/store";

interface Props {
  readonly loaded: Loaded;
  readonly at: number;
  readonly other: Loaded;
  readonly place: number;
  readonly label: string;
}

export function Difference({ loaded, at, other, place, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { map, sign, show } = view.value;
  const full = scaleOfDifference.value;
  useLayoutEffect(() => {
    const plane = difference(loaded, at, other, place);
    if (!canvas.current || !plane) return;
    if (loaded.kind === "heatmaps") overPicture(canvas.current, loaded, at, plane, full);
    else {
      const rgba =
        sign === "signed" ? paintSigned(plane, full) : paint(plane, { table: colours(map), full, solid: true });
      sized(canvas.current, plane.width, plane.height)?.putImageData(
        new ImageData(rgba, plane.width, plane.height),
        0,
        0,
      );
    }
  }, [loaded, at, other, place, full, sign, map, show]);
  return (
    <canvas
      ref={canvas}
      {...(label
        ? { role: "img" as const, "aria-label": `${label}, difference to B` }
        : { "aria-hidden": true as const })}
    />
  );
}

/** Colours mean more or less evidence here, so the picture below gives up its own. */
function overPicture(
  canvas: HTMLCanvasElement,
  loaded: Loaded & { kind: "heatmaps" },
  at: number,
  plane: Plane,
  full: number,
): void {
  const context = drawInput(canvas, loaded, at);
  if (!context) return;
  const { width, height } = canvas;
  context.globalCompositeOperation = "saturation";
  context.fillStyle = "#808080";
  context.fillRect(0, 0, width, height);
  context.globalCompositeOperation = "source-over";
  if (view.value.show === "map") context.clearRect(0, 0, width, height);
  const smooth = enlarge(plane, 256, Math.max(1, Math.round((256 * height) / width)));
  const over = document.createElement("canvas");
  sized(over, smooth.width, smooth.height)?.putImageData(
    new ImageData(paintSigned(smooth, full), smooth.width, smooth.height),
    0,
    0,
  );
  context.imageSmoothingEnabled = true;
  if (view.value.show !== "picture") context.drawImage(over, 0, 0, width, height);
}

// Crop: the part of a picture that a filter responds to, or the whole picture; what it sees is outlined.

import { useLayoutEffect, useRef } from "preact/hooks";
import { drawPart } from "../../draw/exampleCanvas";
import { type Example, outlineOf } from "../../draw/examples";

interface Props {
  readonly example: Example;
  readonly whole?: boolean;
  /** Pixels of its longer side. */
  readonly pixels?: number;
}

export function Crop({ example, whole = false, pixels }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (canvas.current) drawPart(canvas.current, example, whole, pixels);
  }, [example, whole, pixels]);
  const part = whole ? { width: example.size[1], height: example.size[0] } : example.crop;
  const box = outlineOf(example, whole);
  const share = (value: number): string => `${(100 * value).toFixed(2)}%`;
  return (
    <span class="crop" aria-hidden="true" style={{ "--aspect": part.width / part.height }}>
      {example.stored ? <canvas ref={canvas} /> : <span class="crop-none">not stored</span>}
      {example.stored && box && (
        <span
          class="object-box crop-seen"
          style={{ left: share(box.x), top: share(box.y), width: share(box.width), height: share(box.height) }}
        />
      )}
      {example.stored && whole && example.centre && (
        <span class="crop-centre" style={{ left: share(example.centre[0]), top: share(example.centre[1]) }} />
      )}
    </span>
  );
}

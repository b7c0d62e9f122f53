// Stage: the enlarged tile, alone or beside B -> one or two frames that are enlarged and moved together.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Loaded } from "../../data/sheets";
import { aspect, inputAt, positionOf } from "../../data/tiles";
import { describe, nameOfA, nameOfB } from "../../state/captions";
import { besideRuns, comparing, others } from "../../state/compare";
import { bOf, paired, positionInB } from "../../state/pairing";
import { B, screenOf } from "../../state/slot";
import { classes, indexes, view } from "../../state/store";
import { fit, zoom } from "../../state/zoomStore";
import { Pair } from "../compare/Pair";
import { Changed } from "../grid/Changed";
import { Flag } from "../grid/Flag";
import { Marks } from "../grid/Marks";
import { Picture } from "../grid/Picture";
import { RegionOutlines } from "../grid/RegionOutlines";
import { Frame } from "./Frame";

interface Props {
  readonly loaded: Loaded;
  readonly position: number;
  readonly id: number;
}

const LARGEST = 640;
const GAP = 16;

export function Stage({ loaded, position, id }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [area, setArea] = useState<readonly [number, number]>([0, 0]);
  useLayoutEffect(() => {
    if (!box.current) return;
    const observer = new ResizeObserver(([entry]) =>
      setArea([entry?.contentRect.width ?? 0, entry?.contentRect.height ?? 0]),
    );
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const side = comparing.value && view.value.compareMode === "side";
  const beside = framesBeside(loaded, position, id, side);
  const count = 1 + beside.length;
  const caption = count > 1 ? 24 : 0;
  const width = Math.floor(
    Math.min(LARGEST, (area[0] - GAP * (count - 1)) / count, (area[1] - caption) / aspect(loaded)),
  );
  useLayoutEffect(() => {
    fit.value = width / sourceWidth(loaded, position);
  }, [width, loaded, position]);
  return (
    <div class="stage" ref={box}>
      {width > 0 && (
        <div class="stage-frames" style={{ "--aspect": 1 / aspect(loaded), "--width": `${width}px` }}>
          <figure>
            <Frame>
              {paired(loaded) && !side ? (
                <Pair loaded={loaded} position={position} id={id} label={describe(loaded, position)} />
              ) : (
                <Picture loaded={loaded} position={position} label={describe(loaded, position)} />
              )}
              {loaded.kind === "heatmaps" && <Flag loaded={loaded} position={position} />}
              {loaded.kind === "heatmaps" ? (
                <Changed loaded={loaded} position={position} />
              ) : (
                <Marks loaded={loaded} position={position} />
              )}
              {loaded.kind === "heatmaps" && (
                <RegionOutlines loaded={loaded} position={position} scale={zoom.value.scale} />
              )}
            </Frame>
            {count > 1 && <Caption mark="a" text={nameOfA()} />}
          </figure>
          {beside.map((one) => (
            <figure key={one.key}>
              <Frame>
                {one.loaded && one.position >= 0 && one.mark === null && paired(one.loaded) && !side ? (
                  <Pair
                    loaded={one.loaded}
                    position={one.position}
                    id={id}
                    label={`${one.text}: ${describe(one.loaded, one.position)}`}
                  />
                ) : one.loaded && one.position >= 0 ? (
                  <Picture
                    loaded={one.loaded}
                    position={one.position}
                    label={`${one.text}: ${describe(one.loaded, one.position)}`}
                  />
                ) : (
                  <span class="pair-none">{one.loaded ? "not there" : one.why}</span>
                )}
                {one.loaded?.kind === "heatmaps" && one.position >= 0 && (
                  <Flag loaded={one.loaded} position={one.position} />
                )}
              </Frame>
              <Caption mark={one.mark} text={one.text} />
            </figure>
          ))}
        </div>
      )}
    </div>
  );
}

interface Beside {
  readonly key: string;
  readonly mark: "b" | null;
  readonly text: string;
  readonly loaded: Loaded | null;
  readonly position: number;
  readonly why: string;
}

/** B, where it is side by side with A, then the same tile of the other runs. */
function framesBeside(loaded: Loaded, position: number, id: number, side: boolean): Beside[] {
  const frames: Beside[] = [];
  if (side)
    frames.push({
      key: B,
      mark: "b",
      text: nameOfB(),
      loaded: bOf(loaded),
      position: positionInB(id, loaded, position),
      why: "",
    });
  for (const run of besideRuns.value) {
    const own = screenOf(run).loaded;
    const step = others.value.get(run)?.step ?? null;
    const name = indexes.value.get(run)?.name ?? run;
    const there = own ? positionOf(own, id, classes.value) : -1;
    frames.push({
      key: run,
      mark: null,
      text: `${name}, ${step === null ? "no step" : `step ${step}`}`,
      loaded: own,
      position: there,
      why: step === null ? "not there" : "",
    });
  }
  return frames;
}

function Caption({ mark, text }: { mark: "a" | "b" | null; text: string }) {
  return (
    <figcaption title={text}>
      {mark && <span class={`mark mark-${mark}`}>{mark.toUpperCase()}</span>} {text}
    </figcaption>
  );
}

/** Pixels of the stored picture across the frame. */
function sourceWidth(loaded: Loaded, position: number): number {
  const input = loaded.kind === "heatmaps" && inputAt(loaded, position) >= 0 ? loaded.inputs?.facts.sheet : null;
  return (input ?? loaded.facts.sheet).tile[1];
}

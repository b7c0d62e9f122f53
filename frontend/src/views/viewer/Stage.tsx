// Stage: the enlarged tile, alone or beside B -> one or two frames that are enlarged and moved together.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Heatmaps, Loaded } from "../../data/sheets";
import { aspect, inputAt, positionOf } from "../../data/tiles";
import { NO_ROOM } from "../../draw/zoom";
import { describe, nameOfA, nameOfB } from "../../state/captions";
import { besideRuns, comparing, others } from "../../state/compare";
import { bOf, paired, positionInB } from "../../state/pairing";
import { B, screenOf } from "../../state/slot";
import { classes, indexes, view } from "../../state/store";
import { fit, room, zoom } from "../../state/zoomStore";
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

const GAP = 16;
const CAPTION = 20;

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
  const high = area[1] - (count > 1 ? CAPTION : 0);
  const wide = Math.floor((area[0] - GAP * (count - 1)) / count);
  const width = Math.floor(Math.min(wide, high / aspect(loaded)));
  const height = Math.floor(width * aspect(loaded));
  useLayoutEffect(() => {
    fit.value = width / sourceWidth(loaded, position);
    room.value = width > 0 ? [wide / width, high / height] : NO_ROOM;
  }, [width, wide, high, loaded, position]);
  const sizes = { frame: [wide, high], picture: [width, height] } as const;
  return (
    <div class="stage" ref={box}>
      {width > 0 && (
        <div class="stage-frames" style={{ "--aspect": 1 / aspect(loaded), "--width": `${wide}px` }}>
          <figure>
            <Frame {...sizes}>
              {paired(loaded) && !side ? (
                <Pair loaded={loaded} position={position} id={id} label={describe(loaded, position)} />
              ) : (
                <Picture loaded={loaded} position={position} label={describe(loaded, position)} size="page" />
              )}
              {loaded.kind === "heatmaps" ? (
                <>
                  <Flag loaded={loaded} position={position} />
                  <Lens loaded={loaded} />
                  <Changed loaded={loaded} position={position} />
                  <RegionOutlines loaded={loaded} position={position} scale={zoom.value.scale} />
                </>
              ) : (
                <Marks loaded={loaded} position={position} />
              )}
            </Frame>
            {count > 1 && <Caption mark="a" text={nameOfA()} />}
          </figure>
          {beside.map((one) => (
            <figure key={one.key}>
              <Frame {...sizes}>
                <BesidePicture one={one} id={id} side={side} />
              </Frame>
              <Caption mark={one.mark} text={one.text} />
            </figure>
          ))}
        </div>
      )}
    </div>
  );
}

function BesidePicture({
  one: { loaded, position, mark, text, why },
  id,
  side,
}: {
  one: Beside;
  id: number;
  side: boolean;
}) {
  if (!loaded || position < 0) return <span class="pair-none">{loaded ? "not there" : why}</span>;
  const label = `${text}: ${describe(loaded, position)}`;
  return (
    <>
      {mark === null && paired(loaded) && !side ? (
        <Pair loaded={loaded} position={position} id={id} label={label} />
      ) : (
        <Picture loaded={loaded} position={position} label={label} size="page" />
      )}
      {loaded.kind === "heatmaps" && (
        <>
          <Flag loaded={loaded} position={position} />
          <Lens loaded={loaded} />
          <RegionOutlines loaded={loaded} position={position} scale={zoom.value.scale} />
        </>
      )}
    </>
  );
}

/** Says whose activations the map is, where it is not the evidence for a class. */
function Lens({ loaded: { filter } }: { loaded: Heatmaps }) {
  return filter === undefined ? null : <span class="lens on-picture">filter {filter}</span>;
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

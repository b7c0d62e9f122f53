// The enlarged tile, alone or beside B -> one or two frames that are enlarged and moved together.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Loaded } from "../../data/sheets";
import { aspect, inputAt, positionOf } from "../../data/tiles";
import { B, besideRuns, comparing, others, screenOf } from "../../state/compare";
import { bOf, paired, positionInB } from "../../state/pairing";
import { classes, entry, indexes, place, view } from "../../state/store";
import { fit, zoom } from "../../state/zoomStore";
import { nameOfB } from "../compare/CompareBar";
import { Pair } from "../compare/Pair";
import { Changed } from "../grid/Changed";
import { Flag } from "../grid/Flag";
import { Marks } from "../grid/Marks";
import { Picture } from "../grid/Picture";
import { Box } from "../grid/RegionOutlines";
import { describe } from "../grid/Tile";
import { Frame } from "./Frame";

interface Props {
  readonly loaded: Loaded;
  readonly at: number;
  readonly id: number;
}

const LARGEST = 640;
const GAP = 16;

export function Stage({ loaded, at, id }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<readonly [number, number]>([0, 0]);
  useLayoutEffect(() => {
    if (!box.current) return;
    const observer = new ResizeObserver(([entry]) =>
      setRoom([entry?.contentRect.width ?? 0, entry?.contentRect.height ?? 0]),
    );
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const side = comparing.value && view.value.way === "side";
  const beside = framesBeside(loaded, at, id, side);
  const count = 1 + beside.length;
  const caption = count > 1 ? 24 : 0;
  const width = Math.floor(
    Math.min(LARGEST, (room[0] - GAP * (count - 1)) / count, (room[1] - caption) / aspect(loaded)),
  );
  useLayoutEffect(() => {
    fit.value = width / sourceWidth(loaded, at);
  }, [width, loaded, at]);
  return (
    <div class="stage" ref={box}>
      {width > 0 && (
        <div class="stage-frames" style={{ "--aspect": 1 / aspect(loaded), "--width": `${width}px` }}>
          <figure>
            <Frame>
              {paired(loaded) && !side ? (
                <Pair loaded={loaded} at={at} id={id} label={describe(loaded, at)} />
              ) : (
                <Picture loaded={loaded} at={at} label={describe(loaded, at)} />
              )}
              {loaded.kind === "heatmaps" && <Flag loaded={loaded} at={at} />}
              {loaded.kind === "heatmaps" ? <Changed loaded={loaded} at={at} /> : <Marks loaded={loaded} at={at} />}
              {loaded.kind === "heatmaps" && <Box loaded={loaded} at={at} scale={zoom.value.scale} />}
            </Frame>
            {count > 1 && <Caption mark="a" text={nameOfA()} />}
          </figure>
          {beside.map((one) => (
            <figure key={one.key}>
              <Frame>
                {one.loaded && one.at >= 0 && one.mark === null && paired(one.loaded) && !side ? (
                  <Pair
                    loaded={one.loaded}
                    at={one.at}
                    id={id}
                    label={`${one.text}: ${describe(one.loaded, one.at)}`}
                  />
                ) : one.loaded && one.at >= 0 ? (
                  <Picture loaded={one.loaded} at={one.at} label={`${one.text}: ${describe(one.loaded, one.at)}`} />
                ) : (
                  <span class="pair-none">{one.loaded ? "not there" : one.why}</span>
                )}
                {one.loaded?.kind === "heatmaps" && one.at >= 0 && <Flag loaded={one.loaded} at={one.at} />}
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
  readonly at: number;
  readonly why: string;
}

/** B where it stands beside A, then the same tile of the other runs. */
function framesBeside(loaded: Loaded, at: number, id: number, side: boolean): Beside[] {
  const found: Beside[] = [];
  if (side)
    found.push({ key: B, mark: "b", text: nameOfB(), loaded: bOf(loaded), at: positionInB(id, loaded, at), why: "" });
  for (const run of besideRuns.value) {
    const own = screenOf(run).loaded;
    const step = others.value.get(run)?.step ?? null;
    const name = indexes.value.get(run)?.name ?? run;
    const place = own ? positionOf(own, id, classes.value) : -1;
    found.push({
      key: run,
      mark: null,
      text: `${name}, ${step === null ? "no step" : `step ${step}`}`,
      loaded: own,
      at: place,
      why: step === null ? "not there" : "",
    });
  }
  return found;
}

function Caption({ mark, text }: { mark: "a" | "b" | null; text: string }) {
  return (
    <figcaption title={text}>
      {mark && <span class={`mark mark-${mark}`}>{mark.toUpperCase()}</span>} {text}
    </figcaption>
  );
}

function nameOfA(): string {
  const step = `step ${place.value?.step}`;
  return besideRuns.value.length ? `${entry.value?.name}, ${step}` : step;
}

/** Pixels of the stored picture across the frame. */
function sourceWidth(loaded: Loaded, at: number): number {
  const input = loaded.kind === "heatmaps" && inputAt(loaded, at) >= 0 ? loaded.inputs?.facts.sheet : null;
  return (input ?? loaded.facts.sheet).tile[1];
}

// What is on screen for the place -> the grid of tiles, or why there is none.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { nearest } from "../../data/steps";
import { aspect } from "../../data/tiles";
import { change, goTo } from "../../state/actions";
import { comparing } from "../../state/compare";
import { skippedReason } from "../../state/model";
import { place, row, screen, view } from "../../state/store";
import { arranged } from "../../state/tileOrder";
import { Columns, inColumns } from "../compare/Columns";
import { CAPTION, CLASSES, mostClasses } from "./Classes";
import { grid, type Room } from "./layout";
import { Matrix } from "./Matrix";
import { Tile } from "./Tile";

const LEAST = { patterns: 112, heatmaps: 148 } as const;
const GAP = 16;
const PADDING = 24;

export function Tiles() {
  const room = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Room | null>(null);
  const { status, loaded } = screen.value;
  useLayoutEffect(() => {
    const box = room.current;
    if (!box) return;
    const measure = (): void => setSize({ width: box.clientWidth - 2 * PADDING, height: box.clientHeight - 28 });
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    measure();
    return () => observer.disconnect();
  }, []);
  return (
    <div class="room" ref={room} aria-busy={status === "loading"}>
      {size && size.width > 0 && (loaded ? <Grid room={size} /> : <Without room={size} />)}
    </div>
  );
}

/** Pictures beside each other in one tile. */
function wide(): number {
  return comparing.value && view.value.way === "side" ? 2 : 1;
}

/** How many tiles were last on screen, so that what is about to load takes the same room. */
let lastCount = 16;

function Grid({ room }: { room: Room }) {
  const { loaded, status } = screen.value;
  if (!loaded) return null;
  const shown = arranged(loaded);
  if (shown.length === 0) return <Hidden />;
  lastCount = shown.length;
  const caption = CAPTION[loaded.kind] + (loaded.kind === "heatmaps" && mostClasses(loaded) > 1 ? CLASSES : 0);
  const shape = {
    count: shown.length,
    aspect: aspect(loaded) / wide(),
    caption,
    least: LEAST[loaded.kind] * (wide() === 1 ? 1 : 1.5),
    gap: GAP,
  };
  if (view.value.as === "matrix") return <Matrix loaded={loaded} />;
  if (inColumns()) return <Columns room={room} loaded={loaded} shape={shape} />;
  const { columns, width } = grid(room, shape, view.value.size && view.value.size * wide());
  const style = { gridTemplateColumns: `repeat(${columns}, ${width}px)`, "--aspect": 1 / shape.aspect };
  return (
    <ol
      class={`grid ${status === "loading" ? "grid-waiting" : ""}`}
      style={style}
      aria-label={`Tiles of step ${loaded.ref.step}`}
    >
      {shown.map(({ id, at }) => (
        <Tile key={id} id={id} at={at} loaded={loaded} />
      ))}
    </ol>
  );
}

function Without({ room }: { room: Room }) {
  const { status, message } = screen.value;
  if (status === "absent") return <Absent />;
  if (status === "failed") {
    return (
      <div class="message" role="alert">
        <h3>This step cannot be shown</h3>
        <p>{message}</p>
      </div>
    );
  }
  const kind = place.value?.kind ?? "patterns";
  const shape = { count: lastCount, aspect: 1, caption: CAPTION[kind], least: LEAST[kind], gap: GAP };
  const { columns, width } = grid(room, shape, view.value.size);
  return (
    <ol
      class="grid skeleton"
      style={{ gridTemplateColumns: `repeat(${columns}, ${width}px)` }}
      aria-label="Loading tiles"
    >
      {Array.from({ length: lastCount }, (_, at) => (
        <li key={at}>
          <span class="tile-picture" />
          <span class={`caption caption-${kind}`} />
        </li>
      ))}
    </ol>
  );
}

/** Every tile was left out by wish. */
function Hidden() {
  const heat = place.value?.kind === "heatmaps";
  return (
    <div class="message">
      <h3>
        {view.value.only
          ? "No tile of this layer lies in the range of the filter"
          : heat
            ? "No picture of this layer has evidence at this step"
            : "No filter of this layer responds at this step"}
      </h3>
      <button type="button" class="button" onClick={() => change({ hide: false, only: "" })}>
        Show them all the same
      </button>
    </div>
  );
}

function Absent() {
  const step = place.value?.step;
  const near = step != null && row.value ? nearest(row.value.series.steps, step) : null;
  return (
    <div class="message">
      <h3>Nothing of this layer at step {step}</h3>
      {near === null ? (
        <p>Nothing has been stored of it yet.</p>
      ) : (
        <>
          <p>
            {row.value && skippedReason(row.value.series.tag)} The nearest stored step is {near}.
          </p>
          <button type="button" class="button" onClick={() => goTo(near)}>
            Go to step {near}
          </button>
        </>
      )}
    </div>
  );
}

// Grid of tiles, or why there is none.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { kindsOf } from "../../data/likeness";
import { nearest } from "../../data/steps";
import { aspect } from "../../data/tiles";
import { type Area, captionHeight, grid, hasClassButtons } from "../../draw/layout";
import { change, goTo } from "../../state/actions";
import { besideRuns, comparing } from "../../state/compare";
import { cell, inWords } from "../../state/confusion";
import { skippedReason } from "../../state/model";
import { LIKENESS } from "../../state/sorting";
import { place, row, screen, view } from "../../state/store";
import { arranged } from "../../state/tileOrder";
import { Button } from "../../ui/Button";
import { Columns } from "../compare/Columns";
import { Lines } from "../examples/Lines";
import { Matrix } from "./Matrix";
import { Tile } from "./Tile";

const LEAST = { patterns: 112, heatmaps: 148 } as const;
const GAP = 16;
const PADDING = 16;

export function Tiles() {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Area | null>(null);
  const { status, loaded } = screen.value;
  useLayoutEffect(() => {
    const area = box.current;
    if (!area) return;
    const measure = (): void => setSize({ width: area.clientWidth - 2 * PADDING, height: area.clientHeight - 20 });
    const observer = new ResizeObserver(measure);
    observer.observe(area);
    measure();
    return () => observer.disconnect();
  }, []);
  return (
    <div class="grid-area" ref={box} aria-busy={status === "loading"}>
      {size && size.width > 0 && (loaded ? <Grid area={size} /> : <Without area={size} />)}
    </div>
  );
}

/** Pictures side by side in one tile. */
function wide(): number {
  return comparing.value && view.value.compareMode === "side" ? 2 : 1;
}

/** How many tiles were last on screen: placeholders take as much space. */
let lastCount = 16;

function Grid({ area }: { area: Area }) {
  const { loaded, status } = screen.value;
  if (!loaded) return null;
  const shown = arranged(loaded);
  if (shown.length === 0) return <Hidden />;
  lastCount = shown.length;
  const shape = {
    count: shown.length,
    aspect: aspect(loaded) / wide(),
    caption: captionHeight(loaded.kind, hasClassButtons(loaded)),
    least: LEAST[loaded.kind] * (wide() === 1 ? 1 : 1.5),
    gap: GAP,
  };
  if (view.value.layout === "matrix") return <Matrix loaded={loaded} area={area} />;
  if (loaded.kind === "patterns" && view.value.examples) return <Lines loaded={loaded} shown={shown} area={area} />;
  if (besideRuns.value.length > 0) return <Columns area={area} loaded={loaded} shape={shape} />;
  const kinds = view.value.sort === LIKENESS ? kindsOf(loaded.facts.tiles) : null;
  const { columns, width, gap } = grid(area, shape, view.value.size && view.value.size * wide());
  const style = {
    gridTemplateColumns: `repeat(${columns}, ${width}px)`,
    columnGap: `${gap}px`,
    "--aspect": 1 / shape.aspect,
  };
  return (
    <ol
      class={`grid ${status === "loading" ? "grid-waiting" : ""}`}
      style={style}
      aria-label={`Tiles of step ${loaded.ref.step}`}
    >
      {shown.map(({ id, at: position }, nth) => (
        <Tile
          key={id}
          id={id}
          position={position}
          loaded={loaded}
          joined={kinds !== null && nth > 0 && kinds[position] === kinds[shown[nth - 1]?.at ?? -1]}
        />
      ))}
    </ol>
  );
}

function Without({ area }: { area: Area }) {
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
  const shape = { count: lastCount, aspect: 1, caption: captionHeight(kind), least: LEAST[kind], gap: GAP };
  const { columns, width } = grid(area, shape, view.value.size);
  return (
    <ol
      class="grid skeleton"
      style={{ gridTemplateColumns: `repeat(${columns}, ${width}px)` }}
      aria-label="Loading tiles"
    >
      {Array.from({ length: lastCount }, (_, index) => (
        <li key={index}>
          <span class="picture tile-picture" />
          <span class={`caption caption-${kind}`} />
        </li>
      ))}
    </ol>
  );
}

/** Every tile is hidden or filtered out. */
function Hidden() {
  return (
    <div class="message">
      <h3>{whyHidden()}</h3>
      <Button onClick={() => change({ hide: false, range: "", cell: "" })}>Show them anyway</Button>
    </div>
  );
}

function whyHidden(): string {
  const { loaded } = screen.value;
  const inputs = loaded?.kind === "heatmaps" ? loaded.inputs : null;
  if (cell.value)
    return `None of the ${inputs?.facts.tiles.length ?? 0} pictures with heatmaps is one of: ${inWords(cell.value)}`;
  if (view.value.range) return "No tile of this layer is within the chosen range";
  return place.value?.kind === "heatmaps"
    ? "No picture of this layer has evidence at this step"
    : "No filter of this layer responds at this step";
}

function Absent() {
  const step = place.value?.step;
  const near = step != null && row.value ? nearest(row.value.series.steps, step) : null;
  return (
    <div class="message">
      <h3>Nothing stored for this layer at step {step}</h3>
      {near === null ? (
        <p>Nothing has been stored for it yet.</p>
      ) : (
        <>
          <p>
            {row.value && skippedReason(row.value.series.tag)} The nearest stored step is {near}.
          </p>
          <Button onClick={() => goTo(near)}>Go to step {near}</Button>
        </>
      )}
    </div>
  );
}

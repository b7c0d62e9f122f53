// Viewer: the enlarged tile and its metrics.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Heatmaps } from "../../data/sheets";
import { aspect, positionOf } from "../../data/tiles";
import { pinB } from "../../state/actions";
import { run } from "../../state/commands";
import { skippedReason } from "../../state/model";
import { stageAlone } from "../../state/page";
import { withKey } from "../../state/shortcuts";
import { classes, place, screen, view } from "../../state/store";
import { arranged } from "../../state/tileOrder";
import { IconButton, TextButton } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { marksOf } from "../../words/badges";
import { className, reason, shortName, truth, verdict } from "../../words/classification";
import { number, percent } from "../../words/format";
import { CompareBar } from "../compare/CompareBar";
import { Classes } from "../grid/Classes";
import { Display } from "../grid/Display";
import { Download } from "../grid/Download";
import { Legend } from "../grid/Legend";
import { Origin } from "../grid/Origin";
import { OverlayMode } from "../grid/OverlayMode";
import { Input, RawMap } from "../grid/Picture";
import { PinButton } from "../grid/Pinboard";
import { Frozen } from "../layers/Frozen";
import { LayerTitle } from "../layers/LayerTitle";
import { CentrePath } from "./CentrePath";
import { FeatureMaps } from "./FeatureMaps";
import { FilterExamples } from "./FilterExamples";
import { MetricHistory } from "./MetricHistory";
import { Note } from "./Note";
import { Channels, MostSimilar } from "./RelatedFilters";
import { Stage } from "./Stage";
import { ZoomButtons } from "./ZoomButtons";

export function Viewer() {
  const { loaded, status } = screen.value;
  const id = view.value.tile;
  const ids = loaded ? arranged(loaded).map((entry) => entry.id) : [];
  const position = loaded ? positionOf(loaded, id, classes.value) : -1;
  const nth = id === null ? -1 : ids.indexOf(id);
  const word = place.value?.kind === "heatmaps" ? "Picture" : "Filter";
  const section = useFocus(id);
  const here = loaded !== null && position >= 0 && id !== null;
  return (
    <section
      class={`viewer ${stageAlone.value ? "viewer-alone" : ""} ${status === "loading" ? "grid-waiting" : ""}`}
      ref={section}
      tabIndex={-1}
      aria-label={`${word} ${id}, enlarged`}
    >
      <div class="viewer-main">
        <div class="viewer-head">
          <TextButton icon="back" title={withKey("Back to all tiles", "close")} onClick={() => run("close")}>
            All
          </TextButton>
          <LayerTitle />
          <h2>
            {word.toLowerCase()} {id}
          </h2>
          {position >= 0 && (
            <span class="quiet viewer-count">
              {nth + 1} of {ids.length}
            </span>
          )}
          <Origin />
          <Frozen layer={place.value?.layer ?? ""} />
          <span class="spring" />
          {id !== null && <PinButton tile={id} />}
          <ZoomButtons />
          {here && (
            <TextButton
              class="set-as-b"
              icon="side"
              aria-label="Compare with this"
              title="Keeps this tile as B, to compare others with it"
              onClick={() => pinB(id)}
            >
              <span>Compare with this</span>
            </TextButton>
          )}
          <Next by={-1} off={nth <= 0} />
          <Next by={1} off={nth < 0 || nth === ids.length - 1} />
          <Display />
          <Download />
        </div>
        {!stageAlone.value && <CompareBar />}
        {here ? (
          <Stage loaded={loaded} position={position} id={id} />
        ) : (
          <div class="stage">
            <p class="quiet">{status === "loading" ? "Loading\u2026" : "Nothing stored for this tile at this step"}</p>
          </div>
        )}
      </div>
      {here &&
        !stageAlone.value &&
        (loaded.kind === "patterns" ? (
          <PatternNumbers position={position} />
        ) : (
          <HeatmapNumbers loaded={loaded} position={position} />
        ))}
    </section>
  );
}

/** Moves the focus to the viewer, and back to the tile when the viewer closes. */
function useFocus(id: number | null) {
  const section = useRef<HTMLElement>(null);
  const last = useRef(id);
  if (id !== null) last.current = id;
  useEffect(() => {
    section.current?.focus();
    return () => {
      const back = (): void => document.querySelector<HTMLElement>(`[data-tile="${last.current}"]`)?.focus();
      requestAnimationFrame(back);
    };
  }, []);
  return section;
}

function Next({ by, off }: { by: 1 | -1; off: boolean }) {
  const name = by > 0 ? "Next tile" : "Previous tile";
  const command = by > 0 ? "next tile" : "previous tile";
  return (
    <IconButton
      label={name}
      title={withKey(name, command)}
      icon={by > 0 ? "below" : "up"}
      disabled={off}
      onClick={() => run(command)}
    />
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Named({ name }: { name: string }) {
  return <span title={name}>{shortName(name)}</span>;
}

function PatternNumbers({ position }: { position: number }) {
  const { loaded } = screen.value;
  if (loaded?.kind !== "patterns") return null;
  const { tiles, sheet, mode, ascent_steps, seed } = loaded.facts;
  const tile = tiles[position];
  const score = tile?.score ?? null;
  const rank = tiles.filter((tile) => (tile.score ?? -Infinity) > (score ?? -Infinity)).length + 1;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keyboard
    <aside class="numbers" aria-label="Metrics" tabIndex={0}>
      <p class="big">
        {number(score)}
        <span>score</span>
      </p>
      <p class="hint">
        {score === 0
          ? "The filter did not respond to any input the ascent reached."
          : "Mean activation that the ascent reached."}
      </p>
      {tile && (
        <ul class="reasons">
          {marksOf(tile, loaded, skippedReason(loaded.ref.tag)).map(({ text, why, kind }) => (
            <li key={text} class={kind === "odd" ? "caption-odd" : "quiet"}>
              <b>{text}</b>: {why}
            </li>
          ))}
        </ul>
      )}
      {view.value.tile !== null && (
        <>
          <FilterExamples loaded={loaded} position={position} id={view.value.tile} />
          <Note run={loaded.ref.run} tag={loaded.ref.tag} tile={view.value.tile} />
          <MetricHistory loaded={loaded} position={position} id={view.value.tile} />
        </>
      )}
      <MostSimilar loaded={loaded} position={position} />
      <dl>
        <Fact name="Rank in layer">
          {rank} of {tiles.length}
        </Fact>
        <Fact name="Step">{loaded.ref.step}</Fact>
        {mode && <Fact name="Mode">{mode}</Fact>}
        {ascent_steps != null && <Fact name="Ascent steps">{ascent_steps}</Fact>}
        {seed != null && <Fact name="Seed">{seed}</Fact>}
        <Fact name="Stored size">
          {sheet.tile[1]} × {sheet.tile[0]} px
        </Fact>
      </dl>
    </aside>
  );
}

function HeatmapNumbers({ loaded, position }: { loaded: Heatmaps; position: number }) {
  const tile = loaded.facts.tiles[position];
  if (!tile) return null;
  const inputs = loaded.inputs?.facts ?? null;
  const names = inputs?.class_names ?? [];
  const input = inputs?.tiles.find((input) => input.image === tile.image);
  const labels = truth(tile, inputs);
  const why = reason(input);
  const { title, answer, note } = verdict(tile, inputs);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keyboard
    <aside class="numbers" aria-label="Metrics" tabIndex={0}>
      <OverlayMode />
      <Legend />
      <p class="big">
        {shortName(title)}
        <span>{percent(tile.probability)}</span>
      </p>
      {note && (
        <p class={`answer answer-${answer}`}>
          {answer !== "unknown" && <Icon name={answer === "right" ? "check" : "cross"} />}
          <span>{note}</span>
        </p>
      )}
      {view.value.tile !== null && <Classes loaded={loaded} id={view.value.tile} position={position} full />}
      <div class="parts">
        <figure
          style={{ "--aspect": 1 / aspect(loaded) }}
          title={
            loaded.facts.placed === false
              ? "Where in it the map lies is not known"
              : "The white line: where the middle of the evidence lay at each step; the dot is now"
          }
        >
          <Input loaded={loaded} position={position} label="Picture without heatmap" />
          {view.value.tile !== null && <CentrePath loaded={loaded} position={position} id={view.value.tile} />}
          <figcaption>{loaded.facts.placed === false ? "the picture" : "path of the evidence's centre"}</figcaption>
        </figure>
        <figure style={{ "--aspect": loaded.facts.sheet.tile[1] / loaded.facts.sheet.tile[0] }}>
          <RawMap loaded={loaded} position={position} label="Map at the layer's own resolution" />
          <figcaption>
            map, {loaded.facts.sheet.tile[1]} × {loaded.facts.sheet.tile[0]}
          </figcaption>
        </figure>
      </div>
      {view.value.tile !== null && (
        <>
          <Note run={loaded.ref.run} tag={loaded.ref.tag} tile={view.value.tile} />
          <MetricHistory loaded={loaded} position={position} id={view.value.tile} />
        </>
      )}
      {view.value.tile !== null && <FeatureMaps loaded={loaded} position={position} id={view.value.tile} />}
      <Channels loaded={loaded} position={position} />
      <dl>
        {loaded.filter === undefined && (
          <Fact name="Map of class">
            <Named name={className(names, tile.class_index)} />
          </Fact>
        )}
        {tile.predicted !== null && (
          <Fact name="Predicted">
            <Named name={className(names, tile.predicted)} />
          </Fact>
        )}
        {labels.length > 0 && (
          <Fact name={labels.length > 1 ? "Labels" : "Label"}>
            {labels.map((label, nth) => (
              <span key={label}>
                {nth > 0 && ", "}
                <Named name={className(names, label)} />
              </span>
            ))}
          </Fact>
        )}
        {why && <Fact name="Chosen as">{why}</Fact>}
        {input?.number !== undefined && <Fact name="Number in the set">{input.number}</Fact>}
        <Fact name="Score">{number(tile.score)}</Fact>
        <Fact name={loaded.filter === undefined ? "Map maximum" : `Maximum of filter ${loaded.filter}`}>
          {number(tile.maximum)}
        </Fact>
        <Fact name="Step">{loaded.ref.step}</Fact>
      </dl>
    </aside>
  );
}

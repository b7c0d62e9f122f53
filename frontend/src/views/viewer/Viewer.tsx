// The enlarged tile, its numbers and how it came about over the steps.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Heatmaps } from "../../data/sheets";
import { aspect, positionOf } from "../../data/tiles";
import { openTile, walkTile } from "../../state/actions";
import { pinB } from "../../state/comparisonActions";
import { skippedReason } from "../../state/model";
import { classes, place, screen, view } from "../../state/store";
import { arranged } from "../../state/tileOrder";
import { Icon } from "../../ui/Icon";
import { marksOf } from "../../words/badges";
import { className, shortName, verdict } from "../../words/classification";
import { number, percent } from "../../words/format";
import { Classes } from "../grid/Classes";
import { Input, RawMap } from "../grid/Picture";
import { PinButton } from "../grid/Tray";
import { Filmstrip } from "./Filmstrip";
import { CentreWay, OverSteps } from "./OverSteps";
import { Channels, Twin } from "./RelatedFilters";
import { Stage } from "./Stage";
import { ZoomButtons } from "./ZoomButtons";

export function Viewer() {
  const { loaded, status } = screen.value;
  const id = view.value.tile;
  const ids = loaded ? arranged(loaded).map((entry) => entry.id) : [];
  const at = loaded ? positionOf(loaded, id, classes.value) : -1;
  const nth = id === null ? -1 : ids.indexOf(id);
  const word = place.value?.kind === "heatmaps" ? "Picture" : "Filter";
  const section = useFocus(id);
  return (
    <section class="viewer" ref={section} tabIndex={-1} aria-label={`${word} ${id}, enlarged`}>
      <div class="viewer-head">
        <button type="button" class="text-button" onClick={() => openTile(null)} title="Back to all tiles (Esc)">
          <Icon name="back" />
          All tiles
        </button>
        <h2>
          {word} {id}
        </h2>
        {at >= 0 && (
          <span class="quiet">
            {nth + 1} of {ids.length}
          </span>
        )}
        <span class="spring" />
        {id !== null && <PinButton tile={id} />}
        <ZoomButtons />
        {at >= 0 && id !== null && (
          <button
            type="button"
            class="text-button make-b"
            aria-label="Make B"
            title="Keep this tile as B, to compare others with"
            onClick={() => pinB(id)}
          >
            <Icon name="side" />
            <span>Make B</span>
          </button>
        )}
        <Turn by={-1} off={nth <= 0} />
        <Turn by={1} off={nth < 0 || nth === ids.length - 1} />
      </div>
      <div class={`viewer-body ${status === "loading" ? "grid-waiting" : ""}`}>
        {loaded && at >= 0 && id !== null ? (
          <Stage loaded={loaded} at={at} id={id} />
        ) : (
          <div class="stage">
            <p class="quiet">{status === "loading" ? "Loading\u2026" : "Nothing of this tile at this step"}</p>
          </div>
        )}
        {loaded &&
          at >= 0 &&
          (loaded.kind === "patterns" ? <PatternNumbers at={at} /> : <HeatmapNumbers loaded={loaded} at={at} />)}
      </div>
      <Filmstrip />
    </section>
  );
}

/** The focus comes along with the tile that is enlarged, and goes back to it. */
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

function Turn({ by, off }: { by: 1 | -1; off: boolean }) {
  const name = by > 0 ? "Next tile" : "Previous tile";
  const key = by > 0 ? "\u2193" : "\u2191";
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={name}
      title={`${name} (${key})`}
      disabled={off}
      onClick={() => walkTile(by)}
    >
      <Icon name={by > 0 ? "below" : "up"} />
    </button>
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

function PatternNumbers({ at }: { at: number }) {
  const { loaded } = screen.value;
  if (loaded?.kind !== "patterns") return null;
  const { tiles, sheet, mode, ascent_steps, seed } = loaded.facts;
  const tile = tiles[at];
  const score = tile?.score ?? null;
  const rank = tiles.filter((tile) => (tile.score ?? -Infinity) > (score ?? -Infinity)).length + 1;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keyboard
    <aside class="numbers" aria-label="Numbers" tabIndex={0}>
      <p class="big">
        {number(score)}
        <span>score</span>
      </p>
      <p class="hint">
        {score === 0
          ? "The filter did not respond to any input the ascent reached."
          : "Mean activation reached on this picture."}
      </p>
      {tile && (
        <ul class="whys">
          {marksOf(tile, loaded, skippedReason(loaded.ref.tag)).map(({ text, why, kind }) => (
            <li key={text} class={kind === "odd" ? "caption-odd" : "quiet"}>
              <b>{text}</b>: {why}
            </li>
          ))}
        </ul>
      )}
      {view.value.tile !== null && <OverSteps loaded={loaded} at={at} id={view.value.tile} />}
      <Twin loaded={loaded} at={at} />
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

function HeatmapNumbers({ loaded, at }: { loaded: Heatmaps; at: number }) {
  const tile = loaded.facts.tiles[at];
  if (!tile) return null;
  const inputs = loaded.inputs?.facts ?? null;
  const names = inputs?.class_names ?? [];
  const label = inputs?.tiles.find((input) => input.image === tile.image)?.label ?? null;
  const { title, answer, note } = verdict(tile, inputs);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keyboard
    <aside class="numbers" aria-label="Numbers" tabIndex={0}>
      <p class="big">
        {shortName(title)}
        <span>{percent(tile.probability)}</span>
      </p>
      <p class={`answer answer-${answer}`}>
        {answer !== "unknown" && <Icon name={answer === "right" ? "check" : "cross"} />}
        <span>{note}</span>
      </p>
      {view.value.tile !== null && <Classes loaded={loaded} id={view.value.tile} at={at} full />}
      <div class="parts">
        <figure style={{ "--aspect": 1 / aspect(loaded) }}>
          <Input loaded={loaded} at={at} label="Picture without heatmap" />
          {view.value.tile !== null && <CentreWay loaded={loaded} at={at} id={view.value.tile} />}
          <figcaption>picture</figcaption>
        </figure>
        <figure style={{ "--aspect": loaded.facts.sheet.tile[1] / loaded.facts.sheet.tile[0] }}>
          <RawMap loaded={loaded} at={at} label="Heatmap at the layer's own resolution" />
          <figcaption>
            map, {loaded.facts.sheet.tile[1]} × {loaded.facts.sheet.tile[0]}
          </figcaption>
        </figure>
      </div>
      {view.value.tile !== null && <OverSteps loaded={loaded} at={at} id={view.value.tile} />}
      <Channels loaded={loaded} at={at} />
      <dl>
        <Fact name="Map of class">
          <Named name={className(names, tile.class_index)} />
        </Fact>
        {tile.predicted !== null && (
          <Fact name="Predicted">
            <Named name={className(names, tile.predicted)} />
          </Fact>
        )}
        <Fact name="Label">{label === null ? "not known" : <Named name={className(names, label)} />}</Fact>
        <Fact name="Score">{number(tile.score)}</Fact>
        <Fact name="Map maximum">{number(tile.maximum)}</Fact>
        <Fact name="Step">{loaded.ref.step}</Fact>
      </dl>
    </aside>
  );
}

// Tile: a picture and its caption.

import type { ComponentChildren } from "preact";
import type { Heatmaps, Loaded, Patterns } from "../../data/sheets";
import { openTile } from "../../state/actions";
import { describe } from "../../state/captions";
import { besideRuns } from "../../state/compare";
import { noteOf } from "../../state/notes";
import { hasPartner, paired } from "../../state/pairing";
import { view } from "../../state/store";
import { type SortedNumber, sortedNumber } from "../../state/tileOrder";
import { Icon } from "../../ui/Icon";
import { shortName, verdict } from "../../words/classification";
import { number, percent } from "../../words/format";
import { NumberB } from "../compare/NumberB";
import { Pair } from "../compare/Pair";
import { usePress } from "../usePress";
import { Changed } from "./Changed";
import { Classes } from "./Classes";
import { Flag } from "./Flag";
import { Marks } from "./Marks";
import { Picture } from "./Picture";
import { PinButton } from "./Pinboard";
import { RegionOutlines } from "./RegionOutlines";

interface Props {
  readonly loaded: Loaded;
  readonly position: number;
  readonly id: number;
  /** Whether it is of the kind of the tile before it. */
  readonly joined?: boolean;
  /** Whether B is drawn elsewhere. */
  readonly alone?: boolean;
  /** What stands next to it. */
  readonly children?: ComponentChildren;
}

export function Tile({ loaded, position, id, joined = false, alone = false, children }: Props) {
  const label = describe(loaded, position);
  const press = usePress(() => openTile(id));
  // The pictures of a pair have outlines of their own; over a difference lie those of A.
  const outlinedEach = paired(loaded) && view.value.compareMode !== "difference" && hasPartner(id, loaded, position);
  return (
    <li class={joined ? "tile-joined" : undefined} title={joined ? "Responds like the one before" : undefined}>
      <button
        type="button"
        class="tile"
        aria-label={`${label}. Enlarge`}
        aria-current={view.value.tile === id}
        data-tile={id}
        {...press}
      >
        <span class="picture tile-picture">
          {paired(loaded) && !alone ? (
            <Pair loaded={loaded} position={position} id={id} label="" />
          ) : (
            <Picture loaded={loaded} position={position} label="" />
          )}
          {loaded.kind === "heatmaps" && <Flag loaded={loaded} position={position} />}
          {loaded.kind === "heatmaps" && <Changed loaded={loaded} position={position} />}
          {loaded.kind === "patterns" ? (
            <Marks loaded={loaded} position={position} />
          ) : (
            !outlinedEach && <RegionOutlines loaded={loaded} position={position} />
          )}
        </span>
        {loaded.kind === "patterns" ? (
          <PatternCaption loaded={loaded} position={position} id={id} />
        ) : (
          <HeatmapCaption loaded={loaded} position={position} id={id} />
        )}
      </button>
      <PinButton tile={id} hidden />
      {loaded.kind === "heatmaps" && <Classes loaded={loaded} id={id} position={position} />}
      {children}
    </li>
  );
}

function PatternCaption({ loaded, position, id }: { loaded: Patterns; position: number; id: number }) {
  const tile = loaded.facts.tiles[position];
  if (!tile) return null;
  const dead = tile.score === 0;
  const own = sortedNumber(loaded, position);
  return (
    <span class="caption">
      <span class="bar" style={{ width: `${100 * (own ? own.share : share(loaded, position))}%` }} />
      <span class="caption-line">
        <span class="caption-name" title={[`Filter ${tile.filter}`, tile.name].filter(Boolean).join(": ")}>
          {tile.name ? shortName(tile.name) : tile.filter}
        </span>
        <span class="tile-note">{noteOf(loaded.ref.run, loaded.ref.tag, id)}</span>
        {own ? (
          <Sorted own={own} />
        ) : (
          <span
            class={`caption-number ${tile.score === null || dead ? "caption-odd" : ""}`}
            title="Score: mean activation that the ascent reached"
          >
            {dead ? "no response" : number(tile.score)}
            <NumberB loaded={loaded} position={position} id={id} />
          </span>
        )}
      </span>
    </span>
  );
}

/** A score relative to the highest of its layer and step. */
function share({ facts }: Patterns, position: number): number {
  const highest = Math.max(...facts.tiles.map((tile) => tile.score ?? 0));
  return highest > 0 ? Math.max(0, (facts.tiles[position]?.score ?? 0) / highest) : 0;
}

/** The metric that the tiles are sorted by, where the caption does not show it anyway. */
function Sorted({ own, named = false }: { own: SortedNumber; named?: boolean }) {
  return (
    <span class="caption-number" title={`${own.meaning.name}: ${own.meaning.text}`}>
      {named && `${own.meaning.short} `}
      {own.text}
    </span>
  );
}

function HeatmapCaption({ loaded, position, id }: { loaded: Heatmaps; position: number; id: number }) {
  const tile = loaded.facts.tiles[position];
  if (!tile) return null;
  const { title, answer, note, brief } = verdict(tile, loaded.inputs?.facts ?? null);
  const narrow = besideRuns.value.length > 0;
  const own = sortedNumber(loaded, position);
  return (
    <span class="caption">
      <span class="caption-line">
        <span class="caption-name" title={title}>
          {shortName(title)}
        </span>
        <span class="tile-note">{noteOf(loaded.ref.run, loaded.ref.tag, id)}</span>
        <span class="caption-number">
          {percent(tile.probability)}
          <NumberB loaded={loaded} position={position} id={id} />
        </span>
      </span>
      <span class="caption-line">
        <span class={`answer answer-${answer}`} title={note}>
          {answer !== "unknown" && <Icon name={answer === "right" ? "check" : "cross"} />}
          <span>{narrow ? brief : note}</span>
        </span>
        {own ? (
          <Sorted own={own} named />
        ) : (
          !narrow && (tile.maximum ?? 0) > 0 && <span class="caption-number quiet">max {number(tile.maximum, 2)}</span>
        )}
      </span>
    </span>
  );
}

// One tile of a loaded sheet -> the picture and its numbers.

import type { Heatmaps, Loaded, Patterns } from "../../data/sheets";
import { evidence } from "../../draw/pixels";
import { openTile } from "../../state/actions";
import { skippedReason } from "../../state/model";
import { paired } from "../../state/pairing";
import { type SortedNumber, sortedNumber } from "../../state/tileOrder";
import { Icon } from "../../ui/Icon";
import { marksOf } from "../../words/badges";
import { shortName, verdict } from "../../words/classification";
import { number, percent } from "../../words/format";
import { NumberB } from "../compare/NumberB";
import { Pair } from "../compare/Pair";
import { Changed } from "./Changed";
import { Classes } from "./Classes";
import { Flag } from "./Flag";
import { Marks } from "./Marks";
import { Picture } from "./Picture";
import { Box } from "./RegionOutlines";
import { PinButton } from "./Tray";

interface Props {
  readonly loaded: Loaded;
  readonly at: number;
  readonly id: number;
}

export function Tile({ loaded, at, id }: Props) {
  const label = describe(loaded, at);
  return (
    <li>
      <button type="button" class="tile" aria-label={`${label}. Enlarge`} data-tile={id} onClick={() => openTile(id)}>
        <span class="tile-picture">
          {paired(loaded) ? (
            <Pair loaded={loaded} at={at} id={id} label="" />
          ) : (
            <Picture loaded={loaded} at={at} label="" />
          )}
          {loaded.kind === "heatmaps" && <Flag loaded={loaded} at={at} />}
          {loaded.kind === "heatmaps" && <Changed loaded={loaded} at={at} />}
          {loaded.kind === "heatmaps" ? <Box loaded={loaded} at={at} /> : <Marks loaded={loaded} at={at} />}
        </span>
        {loaded.kind === "patterns" ? (
          <PatternCaption loaded={loaded} at={at} id={id} />
        ) : (
          <HeatmapCaption loaded={loaded} at={at} id={id} />
        )}
      </button>
      <PinButton tile={id} hidden />
      {loaded.kind === "heatmaps" && <Classes loaded={loaded} id={id} at={at} />}
    </li>
  );
}

/** A tile in words, for those who hear the page. */
export function describe(loaded: Loaded, at: number): string {
  if (loaded.kind === "patterns") {
    const tile = loaded.facts.tiles[at];
    if (!tile) return "";
    const marks = marksOf(tile, loaded, skippedReason(loaded.ref.tag)).map(({ text, why }) => `, ${text}: ${why}`);
    return `Filter ${tile.filter}, score ${number(tile.score)}${sortedWords(loaded, at)}${marks.join("")}`;
  }
  const tile = loaded.facts.tiles[at];
  if (!tile) return "";
  const { title, note } = verdict(tile, loaded.inputs?.facts ?? null);
  const kind = { some: `maximum ${number(tile.maximum)}`, none: "no evidence", "not finite": "not finite" }[
    evidence(tile)
  ];
  return `Picture ${tile.image}: ${title} ${percent(tile.probability)}, ${note}, ${kind}${sortedWords(loaded, at)}`;
}

function sortedWords(loaded: Loaded, at: number): string {
  const own = sortedNumber(loaded, at);
  return own ? `, ${own.meaning.name} ${own.text}` : "";
}

function PatternCaption({ loaded, at, id }: { loaded: Patterns; at: number; id: number }) {
  const tile = loaded.facts.tiles[at];
  if (!tile) return null;
  const dead = tile.score === 0;
  const own = sortedNumber(loaded, at);
  return (
    <span class="caption">
      <span class="bar" style={{ width: `${100 * (own ? own.share : share(loaded, at))}%` }} />
      <span class="caption-line">
        <span class="caption-name" title={`Filter ${tile.filter}`}>
          {tile.filter}
        </span>
        {own ? (
          <Sorted own={own} />
        ) : (
          <span
            class={`caption-number ${tile.score === null || dead ? "caption-odd" : ""}`}
            title="Score: mean activation reached on this picture"
          >
            {dead ? "no response" : number(tile.score)}
            <NumberB loaded={loaded} at={at} id={id} />
          </span>
        )}
      </span>
    </span>
  );
}

/** A score against the highest of its layer and step. */
function share({ facts }: Patterns, at: number): number {
  const highest = Math.max(...facts.tiles.map((tile) => tile.score ?? 0));
  return highest > 0 ? Math.max(0, (facts.tiles[at]?.score ?? 0) / highest) : 0;
}

/** The number that the tiles are sorted by, where the caption does not show it anyway. */
function Sorted({ own, named = false }: { own: SortedNumber; named?: boolean }) {
  return (
    <span class="caption-number" title={`${own.meaning.name}: ${own.meaning.text}`}>
      {named && `${own.meaning.short} `}
      {own.text}
    </span>
  );
}

function HeatmapCaption({ loaded, at, id }: { loaded: Heatmaps; at: number; id: number }) {
  const tile = loaded.facts.tiles[at];
  if (!tile) return null;
  const { title, answer, note } = verdict(tile, loaded.inputs?.facts ?? null);
  const own = sortedNumber(loaded, at);
  return (
    <span class="caption">
      <span class="caption-line">
        <span class="caption-name" title={title}>
          {shortName(title)}
        </span>
        <span class="caption-number">
          {percent(tile.probability)}
          <NumberB loaded={loaded} at={at} id={id} />
        </span>
      </span>
      <span class="caption-line">
        <span class={`answer answer-${answer}`} title={note}>
          {answer !== "unknown" && <Icon name={answer === "right" ? "check" : "cross"} />}
          <span>{note}</span>
        </span>
        {own ? (
          <Sorted own={own} named />
        ) : (
          evidence(tile) === "some" && <span class="caption-number quiet">max {number(tile.maximum, 2)}</span>
        )}
      </span>
    </span>
  );
}

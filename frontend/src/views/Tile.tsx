// One tile of a loaded sheet -> the picture and its numbers.

import { number, percent } from "../format";
import { evidence } from "../pixels";
import type { Heatmaps, Loaded, Patterns } from "../sheets";
import { shortName, verdict } from "../verdict";
import { openTile } from "../actions";
import { comparing } from "../compare";
import { screen } from "../state";
import { Changed } from "./Changed";
import { Flag } from "./Flag";
import { Classes } from "./Classes";
import { Picture } from "./draw";
import { NumberB } from "./NumberB";
import { Pair } from "./Pair";
import { Icon } from "./icons";
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
          {comparing.value && loaded === screen.value.loaded ? <Pair loaded={loaded} at={at} id={id} label="" /> : <Picture loaded={loaded} at={at} label="" />}
          {loaded.kind === "heatmaps" && <Flag loaded={loaded} at={at} />}
          {loaded.kind === "heatmaps" && <Changed loaded={loaded} at={at} />}
        </span>
        {loaded.kind === "patterns" ? <PatternCaption loaded={loaded} at={at} id={id} /> : <HeatmapCaption loaded={loaded} at={at} id={id} />}
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
    return `Filter ${tile?.filter}, score ${number(tile?.score)}`;
  }
  const tile = loaded.facts.tiles[at];
  if (!tile) return "";
  const { title, note } = verdict(tile, loaded.inputs?.facts ?? null);
  const kind = { some: `maximum ${number(tile.maximum)}`, none: "no evidence", "not finite": "not finite" }[evidence(tile)];
  return `Picture ${tile.image}: ${title} ${percent(tile.probability)}, ${note}, ${kind}`;
}

function PatternCaption({ loaded, at, id }: { loaded: Patterns; at: number; id: number }) {
  const tile = loaded.facts.tiles[at];
  if (!tile) return null;
  const dead = tile.score === 0;
  return (
    <span class="caption">
      <span class="bar" style={{ width: `${100 * share(loaded, at)}%` }} />
      <span class="caption-line">
        <span class="caption-name" title={`Filter ${tile.filter}`}>
          {tile.filter}
        </span>
        <span
          class={`caption-number ${tile.score === null || dead ? "caption-odd" : ""}`}
          title="Score: mean activation reached on this picture"
        >
          {dead ? "no response" : number(tile.score)}
          <NumberB loaded={loaded} at={at} id={id} />
        </span>
      </span>
    </span>
  );
}

/** A score against the highest of its layer and step. */
function share({ facts }: Patterns, at: number): number {
  const highest = Math.max(...facts.tiles.map((tile) => tile.score ?? 0));
  return highest > 0 ? Math.max(0, (facts.tiles[at]?.score ?? 0) / highest) : 0;
}

function HeatmapCaption({ loaded, at, id }: { loaded: Heatmaps; at: number; id: number }) {
  const tile = loaded.facts.tiles[at];
  if (!tile) return null;
  const { title, answer, note } = verdict(tile, loaded.inputs?.facts ?? null);
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
        {evidence(tile) === "some" && <span class="caption-number quiet">max {number(tile.maximum, 2)}</span>}
      </span>
    </span>
  );
}

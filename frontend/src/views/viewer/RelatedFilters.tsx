// Related filters: the most similar filter of a pattern, the top contributing channels of a heatmap.

import { type Examples, examplesAt } from "../../data/examples";
import { seriesOf, wantedOf } from "../../data/series";
import type { Heatmaps, Loaded, Patterns } from "../../data/sheets";
import { atOrBefore } from "../../data/steps";
import { positionOf } from "../../data/tiles";
import { cut } from "../../draw/examples";
import { change, openTile, pickLayerOf, setB } from "../../state/actions";
import { opened } from "../../state/examples";
import { index, place } from "../../state/store";
import { TextButton } from "../../ui/Button";
import { number, split } from "../../words/format";
import { meaning } from "../../words/metrics";
import { Crop } from "../examples/Crop";
import { Picture } from "../grid/Picture";
import { useExamples } from "../useExamples";
import { useSheet } from "../useSheet";

/** The filter of the layer with the most similar responses. */
export function MostSimilar({ loaded, position }: { loaded: Patterns; position: number }) {
  const tile = loaded.facts.tiles[position];
  const twin = tile?.twin;
  if (twin == null) return null;
  const there = positionOf(loaded, twin) >= 0;
  return (
    <div class="related" title={meaning("twin_similarity").text}>
      {there && <Thumb loaded={loaded} id={twin} />}
      <p>
        Most similar filter: <b>{twin}</b>
        <span class="quiet"> ({number(tile?.twin_similarity)})</span>
        {there ? (
          <span class="related-actions">
            <TextButton onClick={() => openTile(twin)}>Go there</TextButton>
            <TextButton title="Compare with it: it becomes B" onClick={() => compareWith(twin)}>
              Side by side
            </TextButton>
          </span>
        ) : (
          <span class="quiet">, whose pattern is not logged</span>
        )}
      </p>
    </div>
  );
}

function compareWith(tile: number): void {
  setB({ compareTile: tile });
  change({ compareMode: "side" });
}

/** The channels that contribute most to the heatmap, each with its pattern and what excites it most, as far as logged. */
export function Channels({ loaded, position }: { loaded: Heatmaps; position: number }) {
  const channels = loaded.facts.tiles[position]?.channels;
  const layer = place.value?.layer ?? "";
  const series = index.value && seriesOf(index.value, "patterns", layer);
  const step = series && atOrBefore(series.steps, loaded.ref.step);
  const sheet = useSheet(index.value && wantedOf(index.value, series, step));
  const { examples } = useExamples(index.value && examplesAt(index.value, layer, loaded.ref.step));
  if (!channels?.length) return null;
  const most = Math.max(...channels.map(([, weight]) => Math.abs(weight ?? 0)));
  const logged = sheet?.kind === "patterns" ? sheet.facts.tiles.length : 0;
  const missing = channels.filter(
    ([channel]) => !(sheet && positionOf(sheet, channel) >= 0) && !(examples && cut(examples, channel).length),
  ).length;
  return (
    <section class="channels" aria-label="Top contributing channels">
      <h3>Top contributing channels</h3>
      <ol>
        {channels.map(([channel, weight]) => (
          <Channel
            key={channel}
            channel={channel}
            weight={weight}
            most={most}
            layer={layer}
            sheet={sheet}
            examples={examples}
          />
        ))}
      </ol>
      {missing > 0 && (
        <p class="hint">
          {missing === channels.length ? "None of them is" : `${missing} of them are not`} among the{" "}
          {logged > 0 && `${logged} `}filters whose pattern {examples && "or examples "}
          {examples ? "are" : "is"} logged{layer && ` of ${split(layer)[1]}`}.
        </p>
      )}
    </section>
  );
}

interface ChannelProps {
  readonly channel: number;
  readonly weight: number | null;
  /** The largest weight of them all. */
  readonly most: number;
  readonly layer: string;
  readonly sheet: Loaded | null;
  readonly examples: Examples | null;
}

/** Leads to the pattern, else to the whole picture of what excites the filter most. */
function Channel({ channel, weight, most, layer, sheet, examples }: ChannelProps) {
  const there = sheet !== null && positionOf(sheet, channel) >= 0;
  const all = examples ? cut(examples, channel) : [];
  const [strongest] = all;
  const press = (): void => {
    if (there) pickLayerOf("patterns", layer, channel);
    else if (examples) opened.value = { all, nth: 0, examples };
  };
  const title = there
    ? "Go to its pattern"
    : strongest
      ? "Its pattern is not logged; show what excites it most"
      : "Neither its pattern nor its examples are logged";
  const size = weight ?? 0;
  return (
    <li>
      <button
        type="button"
        class="related"
        disabled={!there && !strongest}
        aria-label={`Filter ${channel}, weight ${number(weight, 2)}`}
        title={title}
        onClick={press}
      >
        {there && <Thumb loaded={sheet} id={channel} />}
        {strongest && (
          <span class="picture thumbnail">
            <Crop example={strongest} />
          </span>
        )}
        <b>{channel}</b>
        <span class="weight">
          <span
            class={size < 0 ? "weight-against" : ""}
            style={{ width: `${most > 0 ? (Math.abs(size) / most) * 100 : 0}%` }}
          />
        </span>
        <span class="quiet">{number(weight, 2)}</span>
      </button>
    </li>
  );
}

function Thumb({ loaded, id }: { loaded: Loaded | null; id: number }) {
  const position = loaded ? positionOf(loaded, id) : -1;
  return (
    <span class="picture thumbnail">
      {loaded && position >= 0 && <Picture loaded={loaded} position={position} label="" />}
    </span>
  );
}

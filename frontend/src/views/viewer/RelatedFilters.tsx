// Related filters: the most similar filter of a pattern, the top contributing channels of a heatmap.

import { seriesOf, wantedOf } from "../../data/series";
import type { Heatmaps, Loaded, Patterns } from "../../data/sheets";
import { atOrBefore } from "../../data/steps";
import { positionOf } from "../../data/tiles";
import { change, openTile, pickLayerOf, setB } from "../../state/actions";
import { index, place } from "../../state/store";
import { TextButton } from "../../ui/Button";
import { number, split } from "../../words/format";
import { meaning } from "../../words/metrics";
import { Picture } from "../grid/Picture";
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

/** The channels that contribute most to the heatmap, with their patterns. */
export function Channels({ loaded, position }: { loaded: Heatmaps; position: number }) {
  const channels = loaded.facts.tiles[position]?.channels;
  const layer = place.value?.layer ?? "";
  const series = index.value && seriesOf(index.value, "patterns", layer);
  const step = series && atOrBefore(series.steps, loaded.ref.step);
  const sheet = useSheet(index.value && wantedOf(index.value, series, step));
  if (!channels?.length) return null;
  const most = Math.max(...channels.map(([, weight]) => Math.abs(weight ?? 0)));
  const logged = sheet?.kind === "patterns" ? sheet.facts.tiles.length : 0;
  const missing = channels.filter(([channel]) => !sheet || positionOf(sheet, channel) < 0).length;
  return (
    <section class="channels" aria-label="Top contributing channels">
      <h3>Top contributing channels</h3>
      <ol>
        {channels.map(([channel, weight]) => {
          const size = weight ?? 0;
          const there = sheet !== null && positionOf(sheet, channel) >= 0;
          return (
            <li key={channel}>
              <button
                type="button"
                class="related"
                disabled={!there}
                aria-label={`Filter ${channel}, weight ${number(weight, 2)}`}
                title={there ? "Go to its pattern" : "The pattern of this filter is not logged"}
                onClick={() => pickLayerOf("patterns", layer, channel)}
              >
                {there && <Thumb loaded={sheet} id={channel} />}
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
        })}
      </ol>
      {missing > 0 && (
        <p class="hint">
          {missing === channels.length ? "None of them is" : `${missing} of them are not`} among the{" "}
          {logged > 0 && `${logged} `}filters whose pattern is logged{layer && ` of ${split(layer)[1]}`}.
        </p>
      )}
    </section>
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

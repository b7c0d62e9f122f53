// What a tile is bound to -> pictures that lead there: the twin of a filter, the channels of a heatmap.

import { inputsRef, refAt, seriesOf } from "../../data/series";
import type { Heatmaps, Loaded, Patterns } from "../../data/sheets";
import { atOrBefore } from "../../data/steps";
import { positionOf } from "../../data/tiles";
import { change, openTile, pickLayerOf } from "../../state/actions";
import { setB } from "../../state/comparisonActions";
import { index, place } from "../../state/store";
import { number } from "../../words/format";
import { meaning } from "../../words/metrics";
import { Picture } from "../grid/Picture";
import { useSheet } from "../useSheet";

/** The filter of the layer that answers most alike. */
export function Twin({ loaded, at }: { loaded: Patterns; at: number }) {
  const tile = loaded.facts.tiles[at];
  const twin = tile?.twin;
  if (typeof twin !== "number") return null;
  const there = positionOf(loaded, twin) >= 0;
  return (
    <div class="kin" title={meaning("twin_similarity").text}>
      {there && <Thumb loaded={loaded} id={twin} />}
      <p>
        Answers most like <b>{twin}</b>
        <span class="quiet"> ({number(tile?.twin_similarity)})</span>
        {there ? (
          <span class="kin-ways">
            <button type="button" class="text-button" onClick={() => openTile(twin)}>
              Go there
            </button>
            <button
              type="button"
              class="text-button"
              title="Its twin becomes B"
              onClick={() => {
                setB({ btile: twin });
                change({ way: "side" });
              }}
            >
              Side by side
            </button>
          </span>
        ) : (
          <span class="quiet">, of which no pattern is logged</span>
        )}
      </p>
    </div>
  );
}

/** The channels that make up the heatmap, with what excites them. */
export function Channels({ loaded, at }: { loaded: Heatmaps; at: number }) {
  const channels = loaded.facts.tiles[at]?.channels;
  const layer = place.value?.layer ?? "";
  const series = index.value && seriesOf(index.value, "patterns", layer);
  const ref = series && refAt(loaded.ref.run, series, atOrBefore(series.steps, loaded.ref.step));
  const sheet = useSheet(ref && index.value ? { ref, inputs: inputsRef(index.value, -1) } : null);
  if (!Array.isArray(channels) || channels.length === 0) return null;
  const most = Math.max(...channels.map(([, weight]) => Math.abs(weight)));
  return (
    <section class="channels" aria-label="Channels that contribute most">
      <h3>Made of these filters</h3>
      <ol>
        {channels.map(([channel, weight]) => {
          const there = sheet !== null && positionOf(sheet, channel) >= 0;
          return (
            <li key={channel}>
              <button
                type="button"
                class="kin"
                disabled={!there}
                aria-label={`Filter ${channel}, weight ${number(weight, 2)}`}
                title={there ? "Go to its pattern" : "No pattern of this filter is logged"}
                onClick={() => pickLayerOf("patterns", layer, channel)}
              >
                <Thumb loaded={sheet} id={channel} />
                <b>{channel}</b>
                <span class="weight">
                  <span
                    class={weight < 0 ? "weight-against" : ""}
                    style={{ width: `${most > 0 ? (Math.abs(weight) / most) * 100 : 0}%` }}
                  />
                </span>
                <span class="quiet">{number(weight, 2)}</span>
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Thumb({ loaded, id }: { loaded: Loaded | null; id: number }) {
  const at = loaded ? positionOf(loaded, id) : -1;
  return <span class="thumbnail">{loaded && at >= 0 && <Picture loaded={loaded} at={at} label="" />}</span>;
}

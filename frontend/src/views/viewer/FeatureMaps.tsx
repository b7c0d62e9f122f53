// Feature maps: what each filter of the layer sees on the enlarged picture; one of them can be laid on it.

import { seriesOf } from "../../data/series";
import type { Heatmaps } from "../../data/sheets";
import { aspect } from "../../data/tiles";
import { lookThrough, pickLayerOf } from "../../state/actions";
import { type FilterMap, featuresBehind, filterMaps, partner } from "../../state/featureMaps";
import { index, place, sees } from "../../state/store";
import { TextButton } from "../../ui/Button";
import { number, split } from "../../words/format";
import { Picture } from "../grid/Picture";
import { useSheets } from "../useSheet";

interface Props {
  readonly loaded: Heatmaps;
  readonly position: number;
  readonly id: number;
}

export function FeatureMaps({ loaded, position, id }: Props) {
  const other = partner(loaded, position, id);
  const wanted = featuresBehind(loaded);
  const [features, ofB] = useSheets([wanted, other && featuresBehind(other.loaded)]);
  if (!wanted || features?.kind !== "heatmaps") return null;
  const maps = filterMaps(features, loaded, position);
  const mapsOfB = other && ofB?.kind === "heatmaps" ? filterMaps(ofB, other.loaded, other.position) : null;
  return (
    <section class="feature-maps" aria-label="What the filters see">
      <h3>What the filters see</h3>
      {sees.value !== null && <Chosen filter={sees.value} />}
      <ol class={mapsOfB ? "feature-pairs" : ""} style={{ "--aspect": 1 / aspect(loaded) }}>
        {maps.map((map) => (
          <li key={map.filter}>
            <button
              type="button"
              class="card"
              aria-pressed={sees.value === map.filter}
              aria-label={described(map, features)}
              title="Lay the activations of this filter on the picture"
              onClick={() => lookThrough(sees.value === map.filter ? null : map.filter)}
            >
              <span class="feature-pictures">
                <SeenMap features={features} at={map.at} />
                {mapsOfB && <SeenMap features={ofB as Heatmaps} at={atOf(map.filter, mapsOfB)} />}
              </span>
              <span class="feature-words">
                <b>{map.filter}</b>
                <span class="quiet">
                  {largest(features, map.at)}
                  {mapsOfB && ` | ${largest(ofB as Heatmaps, atOf(map.filter, mapsOfB))}`}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ol>
      <p class="hint">{words(maps, mapsOfB !== null)}</p>
    </section>
  );
}

function SeenMap({ features, at }: { features: Heatmaps; at: number }) {
  if (at < 0) return <span class="picture pair-none">not there</span>;
  return (
    <span class="picture">
      <Picture loaded={features} position={at} label="" size="stamp" />
    </span>
  );
}

function atOf(filter: number, maps: readonly FilterMap[]): number {
  return maps.find((map) => map.filter === filter)?.at ?? -1;
}

function described({ filter, at }: FilterMap, features: Heatmaps): string {
  return `Filter ${filter}, largest activation ${largest(features, at)}`;
}

function largest(features: Heatmaps, at: number): string {
  return number(features.facts.tiles[at]?.maximum, 2);
}

function words(maps: readonly FilterMap[], pairs: boolean): string {
  if (maps.length === 0) return "Not logged of this picture: they are logged of the first ones only.";
  const { layer } = place.value ?? {};
  const all = index.value?.model?.layers.find((own) => own.layer === layer)?.filters ?? 0;
  const of = all > maps.length ? `${maps.length} of ${all} filters` : `${maps.length} filters`;
  const right = pairs ? "A left, B right, with the largest of each." : "On the right the largest.";
  return `Activations of ${of}${layer ? ` of ${split(layer)[1]}` : ""} on this picture. ${right}`;
}

/** Which filter is on the picture at present. */
function Chosen({ filter }: { filter: number }) {
  const layer = place.value?.layer ?? "";
  const hasPatterns = index.value && seriesOf(index.value, "patterns", layer);
  return (
    <p class="feature-chosen">
      On the picture: filter {filter}
      <span class="related-actions">
        <TextButton onClick={() => lookThrough(null)}>Heatmap again</TextButton>
        {hasPatterns && <TextButton onClick={() => pickLayerOf("patterns", layer, filter)}>Its pattern</TextButton>}
      </span>
    </p>
  );
}

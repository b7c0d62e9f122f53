// Path of the centre of the evidence over the steps, drawn on the picture.

import type { HeatmapTile } from "../../data/contract";
import type { Loaded } from "../../data/sheets";
import { pastOf } from "../../state/metricHistory";
import { index } from "../../state/store";
import { LineChart } from "../../ui/LineChart";

interface Props {
  readonly loaded: Loaded;
  readonly position: number;
  readonly id: number;
}

export function CentrePath({ loaded, position, id }: Props) {
  const series = index.value?.series.find((own) => own.tag === loaded.ref.tag);
  if (!series || loaded.kind !== "heatmaps") return null;
  const past = pastOf(loaded.ref.run, series, id, loaded.facts.tiles[position]?.class_index);
  const spots = past.flatMap(({ step, tile }) => {
    const spot = (tile as HeatmapTile | null)?.centre;
    return spot ? [{ step, spot }] : [];
  });
  const now = spots.find(({ step }) => step === loaded.ref.step);
  if (spots.length === 0) return null;
  const path = `M${spots.map(({ spot }) => spot.join(" ")).join("L")}h0`;
  return (
    <LineChart
      class="centre-path"
      label="Path of the centre of the evidence over the steps"
      strokes={[
        { class: "centre-path-line", d: path },
        now !== undefined && { class: "centre-path-now", d: `M${now.spot.join(" ")}h0` },
      ]}
    />
  );
}

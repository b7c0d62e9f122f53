// Heading above the tiles, one line: the layer, how many of its filters, and what orders and draws the tiles.

import { place, row } from "../../state/store";
import { Frozen } from "../layers/Frozen";
import { LayerTitle } from "../layers/LayerTitle";
import { Arrange } from "./Arrange";
import { ConfusionMatrix } from "./ConfusionMatrix";
import { Display } from "./Display";
import { Download } from "./Download";
import { Legend } from "./Legend";
import { Origin } from "./Origin";
import { OverlayMode } from "./OverlayMode";

export function Head() {
  const heat = place.value?.kind === "heatmaps";
  if (!row.value) return <div class="head" />;
  return (
    <div class="head">
      <LayerTitle />
      <Origin />
      <Frozen layer={row.value.layer} />
      <span class="spring" />
      {heat && <ConfusionMatrix />}
      <Arrange />
      {heat && (
        <>
          <OverlayMode />
          <Legend />
        </>
      )}
      <Display />
      <Download />
    </div>
  );
}

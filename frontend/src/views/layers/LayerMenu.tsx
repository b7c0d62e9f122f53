// Menu of the layers, where the page is too narrow for a list of them.

import { pickLayer } from "../../state/actions";
import { place, rows } from "../../state/store";
import { explained, Menu } from "../../ui/Menu";
import { shape, split } from "../../words/format";

export function LayerMenu() {
  const layer = place.value?.layer ?? "";
  const options = rows.value.map((row) =>
    explained(row.layer, row.layer, [row.class_name, row.shape && shape(row.shape)].filter(Boolean).join(" ")),
  );
  return (
    <Menu name="Layer" value={layer} options={options} pick={pickLayer}>
      <span class="layer-leaf">{split(layer)[1]}</span>
    </Menu>
  );
}

// Title of the layer on screen: its name, or on a narrow page the menu of all of them.

import { isNarrow } from "../../state/page";
import { row } from "../../state/store";
import { split } from "../../words/format";
import { LayerMenu } from "./LayerMenu";

export function LayerTitle() {
  const layer = row.value?.layer ?? "";
  const [path, name] = split(layer);
  return (
    <>
      <h1 class={isNarrow.value ? "offscreen" : ""} title={layer}>
        {path && <span class="layer-path">{path}</span>}
        <span class="layer-leaf">{name}</span>
      </h1>
      {isNarrow.value && <LayerMenu />}
    </>
  );
}

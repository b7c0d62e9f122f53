// What can be taken away from here -> a menu; while it is being made, how far it is.

import { cancel, fault, type Save, save, saving } from "../../state/export/saves";
import { guide, view } from "../../state/store";
import { Icon } from "../../ui/Icon";
import { Menu } from "../../ui/Menu";

const OF_TILE: readonly [Save, string][] = [
  ["tile", "This tile (PNG)"],
  ["filmstrip", "All steps in a row (PNG)"],
  ["gif", "All steps, moving (GIF)"],
  ["zip", "All steps, one by one (ZIP)"],
  ["csv", "Numbers of all steps (CSV)"],
];
const OF_LAYER: readonly [Save, string][] = [
  ["sheet", "These tiles (PNG)"],
  ["csv", "Numbers of all steps (CSV)"],
];

export function Download() {
  const now = saving.value;
  if (now) {
    return (
      <button type="button" class="text-button" title="Stop" onClick={cancel}>
        <Icon name="cross" />
        <span role="status">{now.total ? `${now.done} of ${now.total}` : "\u2026"}</span>
      </button>
    );
  }
  if (!guide.value) return null;
  const saves = view.value.tile === null ? OF_LAYER : OF_TILE;
  return (
    <>
      {fault.value && (
        <span class="caption-odd" role="status">
          Not saved: {fault.value}
        </span>
      )}
      <Menu<Save | "">
        name="Download"
        value=""
        options={saves.map(([value, text]) => ({ value, label: text, view: text }))}
        pick={(what) => what && void save(what)}
        side="right"
      >
        <Icon name="download" />
      </Menu>
    </>
  );
}

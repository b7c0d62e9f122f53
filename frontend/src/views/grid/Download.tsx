// Download menu; while a file is made, its progress.

import { isReport } from "../../data/report";
import { examplesBeside } from "../../state/examples";
import { cancel, fault, type Save, save, saving } from "../../state/export/saves";
import { featuresBehind } from "../../state/featureMaps";
import { guide, screen, view } from "../../state/store";
import { TextButton } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Menu } from "../../ui/Menu";

const OF_TILE: readonly [Save, string][] = [
  ["tile", "This tile (PNG)"],
  ["filters", "What the filters see (PNG)"],
  ["filmstrip", "All steps in a row (PNG)"],
  ["gif", "All steps, animated (GIF)"],
  ["zip", "All steps, one file each (ZIP)"],
  ["csv", "Metrics of all steps (CSV)"],
];
const OF_LAYER: readonly [Save, string][] = [
  ["sheet", "These tiles (PNG)"],
  ["csv", "Metrics of all steps (CSV)"],
];

const OF_EXAMPLES: readonly [Save, string][] = [["examples", "Examples of all steps (JSON)"]];

/** A report cannot make another one. */
const OF_RUNS: readonly [Save, string][] = isReport ? [] : [["report", "Save report (HTML)"]];

export function Download() {
  const now = saving.value;
  if (now) {
    return (
      <TextButton icon="cross" title="Stop" onClick={cancel}>
        <span role="status">{now.total ? `${now.done} of ${now.total}` : "\u2026"}</span>
      </TextButton>
    );
  }
  if (!guide.value) return null;
  const searched = guide.value.kind === "patterns" && examplesBeside(guide.value.ref) !== null;
  const { loaded } = screen.value;
  const hasMaps = loaded?.kind === "heatmaps" && featuresBehind(loaded) !== null;
  const ofTile = OF_TILE.filter(([what]) => what !== "filters" || hasMaps);
  const saves = [...(view.value.tile === null ? OF_LAYER : ofTile), ...(searched ? OF_EXAMPLES : []), ...OF_RUNS];
  return (
    <>
      {fault.value && (
        <span class="caption-odd" role="status">
          Not saved: {fault.value}
        </span>
      )}
      <Menu
        name="Download"
        value={null}
        options={saves.map(([value, text]) => ({ value, label: text, view: text }))}
        pick={(what) => void save(what)}
        side="right"
      >
        <Icon name="download" />
      </Menu>
    </>
  );
}

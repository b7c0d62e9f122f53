// List of layers in network order.

import { useState } from "preact/hooks";
import { pickLayer } from "../../state/actions";
import { censusOf } from "../../state/deadCounts";
import { firstOf } from "../../state/layerChart";
import type { LayerRow } from "../../state/location";
import { numbersOfLayer } from "../../state/model";
import { foldLayers, layersFolded } from "../../state/page";
import { failuresOf, place, rows } from "../../state/store";
import { Badge } from "../../ui/Badge";
import { IconButton } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { walkList } from "../../ui/walkList";
import { initials, plural, shape, split } from "../../words/format";
import { Frozen } from "./Frozen";
import { Bar, CostNote, NumberMenu } from "./LayerNumbers";

const MANY = 8;

export function Layers() {
  const [sought, setSought] = useState("");
  const all = rows.value;
  const folded = layersFolded.value;
  const matching = all.filter((row) => row.layer.toLowerCase().includes(sought.trim().toLowerCase()));
  return (
    <nav class={`layers ${folded ? "layers-strip" : ""}`} aria-label="Layers in network order">
      <div class="layers-head">
        <IconButton
          label={folded ? "Show the list of layers" : "Fold the list of layers"}
          icon="panel"
          aria-expanded={!folded}
          onClick={foldLayers}
        />
        {!folded && (
          <>
            <h2>Layers</h2>
            <NumberMenu />
          </>
        )}
      </div>
      {all.length > MANY && !folded && (
        <label class="find field">
          <Icon name="find" />
          <input
            type="search"
            placeholder="Find a layer"
            aria-label="Find a layer"
            value={sought}
            onInput={(event) => setSought(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && matching[0]) pickLayer(matching[0].layer);
              if (event.key === "ArrowDown") {
                document.querySelector<HTMLElement>(".layers-list button")?.focus();
                event.preventDefault();
              }
              if (event.key !== "Escape") return;
              setSought("");
              event.currentTarget.blur();
            }}
          />
        </label>
      )}
      <ol class="layers-list" onKeyDown={walkList}>
        {matching.map((row) => (
          <Layer key={row.layer} row={row} folded={folded} />
        ))}
        {matching.length === 0 && all.length > 0 && <li class="quiet none">No layer matches</li>}
      </ol>
      {!folded && <CostNote />}
    </nav>
  );
}

function Layer({ row, folded }: { row: LayerRow; folded: boolean }) {
  const chosen = place.value?.layer === row.layer;
  const step = place.value?.step ?? -1;
  const [path, name] = split(row.layer);
  const failures = failuresOf(row.series.tag);
  const here = row.series.steps.includes(step);
  return (
    <li>
      <button
        type="button"
        class={`layer ${here ? "" : "layer-absent"}`}
        aria-current={chosen}
        tabIndex={chosen ? 0 : -1}
        title={row.layer}
        aria-label={folded ? row.layer : undefined}
        onClick={() => pickLayer(row.layer)}
      >
        <span class="layer-name">
          {path && !folded && <span class="layer-path">{path}</span>}
          <span class="layer-leaf">{folded ? initials(row.layer) : name}</span>
          {!folded && <Frozen layer={row.layer} />}
          {failures.length > 0 && (
            <Badge
              icon="warning"
              text=""
              title={`${plural(failures.length, "failure")}: see the notice above the tiles`}
              warn
            />
          )}
        </span>
        {!folded && (
          <span class="layer-facts">
            {row.shape && <span>{shape(row.shape)}</span>}
            {here && <Counts row={row} />}
            {!here && <span class="layer-none">not at this step</span>}
          </span>
        )}
        {here && <Bar row={row} />}
      </button>
    </li>
  );
}

/** Dead and always-on filters as the log counts them, else tiles with nothing to show. */
function Counts({ row }: { row: LayerRow }) {
  const { dead, stuck } = numbersOfLayer(row.layer);
  if (row.series.kind === "heatmaps" || dead == null) return <Silent row={row} />;
  const count = dead + (stuck ?? 0);
  if (count === 0) return null;
  const words = [dead && `${dead} dead`, stuck && `${stuck} always on`].filter(Boolean).join(", ");
  const before = firstOf(row.layer, "dead") + firstOf(row.layer, "stuck");
  const more = count > before;
  const why = `${words}; ${more ? `${before} at the first step` : "no more than at the first step"}`;
  return (
    <span class={`layer-silent ${more ? "layer-silent-new" : ""}`} title={why}>
      {dead && stuck ? `${count} dead or always on` : words}
      <span class="offscreen">: {why}</span>
    </span>
  );
}

/** How many tiles have nothing to show. */
function Silent({ row }: { row: LayerRow }) {
  const census = censusOf(row);
  if (!census?.silent) return null;
  const what = row.series.kind === "heatmaps" ? "heatmaps without evidence" : "filters without response";
  const text = `${census.silent} of ${census.count} ${what}`;
  return (
    <span class="layer-silent" title={text}>
      <Icon name="closed" />
      <span aria-hidden="true">{census.silent} empty</span>
      <span class="offscreen">{text}</span>
    </span>
  );
}

// The watched layers in network order -> the list on the left.

import { useState } from "preact/hooks";
import { pickLayer } from "../../state/actions";
import { censusOf } from "../../state/deadCounts";
import type { LayerRow } from "../../state/location";
import { numbersOfLayer } from "../../state/model";
import { failuresOf, place, rows } from "../../state/store";
import { Badge } from "../../ui/Badge";
import { Icon } from "../../ui/Icon";
import { walkList } from "../../ui/walkList";
import { plural, shape, split } from "../../words/format";
import { Bar, CostNote, Counted, NumberMenu } from "./LayerNumbers";

const MANY = 8;

export function Layers() {
  const [sought, setSought] = useState("");
  const all = rows.value;
  const found = all.filter((row) => row.layer.toLowerCase().includes(sought.trim().toLowerCase()));
  return (
    <nav class="layers" aria-label="Layers in network order">
      <div class="layers-head">
        <h2>Layers</h2>
        <NumberMenu />
      </div>
      {all.length > MANY && (
        <label class="find field">
          <Icon name="find" />
          <input
            type="search"
            placeholder="Find a layer"
            aria-label="Find a layer"
            value={sought}
            onInput={(event) => setSought(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && found[0]) pickLayer(found[0].layer);
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
        {found.map((row) => (
          <Layer key={row.layer} row={row} />
        ))}
        {found.length === 0 && all.length > 0 && <li class="quiet none">No layer is called that</li>}
      </ol>
      <CostNote />
    </nav>
  );
}

function Layer({ row }: { row: LayerRow }) {
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
        onClick={() => pickLayer(row.layer)}
      >
        <span class="layer-name">
          {path && <span class="layer-path">{path}</span>}
          <span class="layer-leaf">{name}</span>
          {row.trainable === false && (
            <Badge icon="lock" text="frozen" title="Not trained: its weights do not change" />
          )}
          {failures.length > 0 && (
            <Badge
              icon="warning"
              text=""
              title={`${plural(failures.length, "failure")}: see the note above the tiles`}
              warn
            />
          )}
        </span>
        <span class="layer-facts">
          {row.class_name && <span>{row.class_name}</span>}
          {row.shape && <span>{shape(row.shape)}</span>}
          {here && <Counts row={row} />}
          {!here && <span class="layer-none">not at this step</span>}
        </span>
        {here && <Bar row={row} />}
      </button>
    </li>
  );
}

/** What the log counts, else what can be counted here. */
function Counts({ row }: { row: LayerRow }) {
  const { dead, stuck } = numbersOfLayer(row.layer);
  if (row.series.kind === "heatmaps" || typeof dead !== "number") return <Silent row={row} />;
  return (
    <>
      <Counted
        count={dead}
        of={row.filters}
        word="dead"
        why="silent on the probe pictures, and no ascent finds a response"
      />
      <Counted count={stuck ?? 0} of={row.filters} word="stuck" why="active everywhere on all probe pictures" />
    </>
  );
}

/** How many tiles have nothing to show; nothing where all of them have. */
function Silent({ row }: { row: LayerRow }) {
  const census = censusOf(row);
  if (!census?.silent) return null;
  const what = row.series.kind === "heatmaps" ? "heatmaps without evidence" : "filters without response";
  const text = `${census.silent} of ${census.count} ${what}`;
  return (
    <span class="layer-silent" title={text}>
      <Icon name="closed" />
      <span aria-hidden="true">{census.silent}</span>
      <span class="offscreen">{text}</span>
    </span>
  );
}

// Metric of each layer at the step on screen, as bars in the list; and what logging the step cost.

import { change } from "../../state/actions";
import { chosen, most, offered } from "../../state/layerChart";
import type { LayerRow } from "../../state/location";
import { cost, model, numbersOfLayer } from "../../state/model";
import { index, rows } from "../../state/store";
import { explained, Menu } from "../../ui/Menu";
import { duration, number } from "../../words/format";
import { layerMeaning, print } from "../../words/metrics";

/** Menu of the layer metric, for the list and the layer chart. */
export function NumberMenu() {
  const name = chosen.value;
  if (name === null) return <span class="quiet">input to output</span>;
  const options = offered.value.map((value) => {
    const { name: label, text } = layerMeaning(value);
    return explained(value, label, text);
  });
  return (
    <Menu name="Layer metric" value={name} options={options} pick={(value) => change({ layerMetric: value })}>
      <span>{layerMeaning(name).name}</span>
    </Menu>
  );
}

/** The metric as a bar, relative to the largest of all layers. */
export function Bar({ row }: { row: LayerRow }) {
  const name = chosen.value;
  const value = name === null ? undefined : numbersOfLayer(row.layer)[name];
  if (name === null || value == null) return <Coming row={row} />;
  const top = Math.max(most.value, ...rows.value.map((other) => numbersOfLayer(other.layer)[name] ?? 0));
  const meaning = layerMeaning(name);
  return (
    <span class="layer-number" title={`${meaning.name}: ${meaning.text}`}>
      <span class="layer-drift">
        <span style={{ width: `${top > 0 ? Math.max(0, Math.min(1, value / top)) * 100 : 0}%` }} />
      </span>
      <span class="offscreen">{meaning.name} </span>
      <span class="layer-value">{print(value, meaning)}</span>
    </span>
  );
}

/** Keeps the space of a bar while the facts of the step load. */
function Coming({ row }: { row: LayerRow }) {
  const newest = index.value?.model?.layers.find(({ layer }) => layer === row.layer)?.numbers?.[chosen.value ?? ""];
  return model.value === null && newest != null ? <span class="layer-number" /> : null;
}

const CHEAPER = "Cheaper: ConvViz(budget=\u2026), every=\u2026 or fewer filters.";

/** What logging this step cost, relative to training. */
export function CostNote() {
  const spent = cost.value;
  if (!spent) return null;
  const trained = spent.share ? duration(spent.seconds / spent.share) : "";
  const limit = spent.budget === null ? "" : `, budget ${number(spent.budget * 100, 2)}\u2009%`;
  const dear = (spent.share ?? 0) > 1;
  return (
    <p
      class={`cost ${dear ? "caption-odd" : ""}`}
      title={`How long training waited for the pictures and metrics of this step, and how long it trained since the last one. ${CHEAPER}`}
    >
      <span>Logging this step {duration(spent.seconds)}</span>
      {trained && (
        <span>
          training it {trained}
          {limit}
          {dear && "; cheaper: budget=\u2026"}
        </span>
      )}
    </p>
  );
}

// The chosen number of each layer at the step on screen -> bars in the list of layers, and what the step cost.

import { change } from "../../state/actions";
import { chosen, most, offered } from "../../state/layerChart";
import type { LayerRow } from "../../state/location";
import { cost, model, numbersOfLayer } from "../../state/model";
import { index, rows } from "../../state/store";
import { explained, Menu } from "../../ui/Menu";
import { duration, number } from "../../words/format";
import { layerMeaning, print } from "../../words/metrics";

/** By which number layers are told apart, here and in the chart over the time bar. */
export function NumberMenu() {
  const name = chosen.value;
  if (name === null) return <span class="quiet">input to output</span>;
  const options = offered.value.map((value) => {
    const { name: label, text } = layerMeaning(value);
    return explained(value, label, text);
  });
  return (
    <Menu name="Number of the layers" value={name} options={options} pick={(value) => change({ net: value })}>
      <span>{layerMeaning(name).name}</span>
    </Menu>
  );
}

/** The number as a length against that of the layer that has most of it. */
export function Bar({ row }: { row: LayerRow }) {
  const name = chosen.value;
  const value = name === null ? undefined : numbersOfLayer(row.layer)[name];
  if (name === null || typeof value !== "number") return <Coming row={row} />;
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

/** Keeps the place of a bar while the facts of the step are on their way, where those of the newest step have one. */
function Coming({ row }: { row: LayerRow }) {
  const newest = index.value?.model?.layers.find(({ layer }) => layer === row.layer)?.numbers?.[chosen.value ?? ""];
  return model.value === null && typeof newest === "number" ? <span class="layer-number" /> : null;
}

export function Counted({ count, of, word, why }: { count: number; of: number; word: string; why: string }) {
  if (!count) return null;
  return (
    <span class="layer-silent" title={`${count} of ${of} filters are ${word}: ${why}`}>
      {count} {word}
      <span class="offscreen">: {why}</span>
    </span>
  );
}

/** What looking at this step has cost, against the training. */
export function CostNote() {
  const spent = cost.value;
  if (!spent) return null;
  const limit = spent.budget === null ? "" : `, budget ${number(spent.budget * 100, 2)}\u2009%`;
  const share = spent.share === null ? "" : `${number(spent.share * 100, 2)}\u2009% of training${limit}`;
  return (
    <p
      class="cost"
      title="Time that training waited for the pictures and numbers of this step, against the training time since the last one"
    >
      <span>Logging took {duration(spent.seconds)}</span>
      {share && <span>{share}</span>}
    </p>
  );
}

// A page that has read some runs: what the tests of the stores begin with.

import type { RunEntry, RunIndex, Series } from "../../src/data/contract";
import type { Loaded, Wanted } from "../../src/data/sheets";
import * as state from "../../src/state/store";
import { DEFAULT_VIEW, type View } from "../../src/url/view";

export const series = (layer: string, steps: readonly number[], kind: Series["kind"] = "patterns"): Series => ({
  tag: kind === "inputs" ? kind : `${kind}/${layer}`,
  kind,
  layer: kind === "inputs" ? "" : layer,
  steps,
  wall_times: steps.map((step) => step + 0.5),
});

export const indexOf = (run: string, all: readonly Series[]): RunIndex => ({
  run,
  name: run,
  series: all,
  model: { written: 1, layers: [], failures: [] },
  failures: [],
  end: null,
  problems: [],
});

export const entryOf = ({ run, series: all }: RunIndex): RunEntry => ({
  run,
  name: run,
  step: Math.max(...all.flatMap(({ steps }) => steps)),
  wall_time: 1,
});

export function open(indexes: readonly RunIndex[], view: Partial<View> = {}): void {
  state.runs.value = indexes.map(entryOf);
  state.indexes.value = new Map(indexes.map((index) => [index.run, index]));
  state.view.value = { ...DEFAULT_VIEW, ...view };
}

/** A sheet of filters, or of maps of pictures, without its pixels. */
export const sheetOf = ({ ref }: Wanted, ids: readonly number[] = [0, 1]): Loaded => {
  const kind = ref.tag.split("/")[0];
  const tiles = ids.map((id) =>
    kind === "patterns" ? { filter: id, score: 1 } : { image: id, class_index: 7, maximum: 1, minimum: 0 },
  );
  return { kind, ref, facts: { tiles }, inputs: null } as unknown as Loaded;
};

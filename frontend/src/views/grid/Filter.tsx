// Filter: the histogram of a metric, and the range of it to show.

import { useEffect, useState } from "preact/hooks";
import type { Loaded } from "../../data/sheets";
import { metricOf } from "../../data/tileMetrics";
import { entries } from "../../data/tiles";
import { change } from "../../state/actions";
import { classes, view } from "../../state/store";
import { arranged } from "../../state/tileOrder";
import { TextButton } from "../../ui/Button";
import { Menu } from "../../ui/Menu";
import { Slider } from "../../ui/Slider";
import { Switch } from "../../ui/Switch";
import { usePopover } from "../../ui/usePopover";
import { parseRange, type Range, writeRange } from "../../url/range";
import { whyMissing } from "../../words/badges";
import { meaning, print } from "../../words/metrics";

const BARS = 24;

export function Filter({ loaded, numbers }: { loaded: Loaded; numbers: readonly string[] }) {
  const { open, panel, buttonProps, panelProps } = usePopover({ side: "right" });
  const [picked, setPicked] = useState<string | null>(null);
  useEffect(() => {
    if (open) panel.current?.querySelector<HTMLElement>("button")?.focus();
  }, [open]);
  const range = parseRange(view.value.range);
  const first =
    [picked, view.value.sort.replace("-", ""), ...numbers].find((name) => name !== null && numbers.includes(name)) ??
    "score";
  return (
    <div class="menu filter">
      <TextButton
        icon="filter"
        aria-label={range ? `Filter: ${inWords(range)}` : "Filter"}
        aria-haspopup="dialog"
        aria-pressed={range !== null}
        title="Show only tiles within a range of a metric"
        {...buttonProps}
      >
        {range && <span aria-hidden="true">{inWords(range)}</span>}
      </TextButton>
      <div class="popover filter-window" role="dialog" aria-label="Filter tiles by a metric" {...panelProps}>
        {open && (
          <Window
            loaded={loaded}
            numbers={numbers}
            range={range ?? { name: first, least: null, most: null }}
            pick={setPicked}
          />
        )}
      </div>
    </div>
  );
}

function inWords({ name, least, most }: Range): string {
  const own = meaning(name);
  const bounds =
    least === null
      ? `\u2264\u2009${print(most, own)}`
      : most === null
        ? `\u2265\u2009${print(least, own)}`
        : `${print(least, own)} to ${print(most, own)}`;
  return own.unit === "flag" ? `${own.name}: ${least === null ? "no" : "yes"}` : `${own.name} ${bounds}`;
}

const OF_ANSWER = {
  all: { least: null, most: null },
  yes: { least: 0.5, most: null },
  no: { least: null, most: 0.5 },
} as const;
const ANSWERS = (["all", "yes", "no"] as const).map((value) => ({ value, text: value }));

interface WindowProps {
  readonly loaded: Loaded;
  readonly numbers: readonly string[];
  readonly range: Range;
  readonly pick: (name: string) => void;
}

function Window({ loaded, numbers, range, pick }: WindowProps) {
  const all = entries(loaded, classes.value);
  const tiles = loaded.facts.tiles;
  const own = meaning(range.name);
  const values = all.map(({ at }) => metricOf(tiles[at], range.name)).filter((value) => value !== null);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const options = numbers.map((value) => ({ value, label: meaning(value).name, view: meaning(value).name }));
  const set = (part: Partial<Range>): void => change({ range: writeRange({ ...range, ...part }) });
  const kept = arranged(loaded).length;
  const why = whyMissing(loaded);
  const answer = range.least !== null ? "yes" : range.most !== null ? "no" : "all";
  const choose = (name: string): void => {
    pick(name);
    change({ range: "" });
  };
  return (
    <>
      <Menu name="Filter by" value={range.name} options={options} pick={choose}>
        <span class="sort-name">{own.name}</span>
      </Menu>
      {values.length === 0 ? (
        <p class="quiet">No tile has this metric at this step.</p>
      ) : own.unit === "flag" ? (
        <Switch label="Tiles to show" value={answer} choices={ANSWERS} pick={(text) => set(OF_ANSWER[text])} />
      ) : (
        <Spread values={values} low={low} high={high} range={range} set={set} />
      )}
      <p class="filter-foot">
        <span role="status">
          {kept} of {all.length} shown
        </span>
        <TextButton disabled={!view.value.range} onClick={() => change({ range: "" })}>
          Clear
        </TextButton>
      </p>
      {why && <p class="hint">{why}</p>}
    </>
  );
}

interface SpreadProps {
  readonly values: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly range: Range;
  readonly set: (part: Partial<Range>) => void;
}

/** Histogram of the metric, with a thumb at each end of the range. */
function Spread({ values, low, high, range, set }: SpreadProps) {
  const own = meaning(range.name);
  const width = high - low || 1;
  const counts = Array.from({ length: BARS }, () => 0);
  for (const value of values) {
    const bar = Math.min(BARS - 1, Math.floor(((value - low) / width) * BARS));
    counts[bar] = (counts[bar] ?? 0) + 1;
  }
  const top = Math.max(...counts);
  const inside = (bar: number): boolean =>
    low + ((bar + 1) / BARS) * width > (range.least ?? -Infinity) &&
    low + (bar / BARS) * width < (range.most ?? Infinity);
  const bounds = [
    {
      name: "At least",
      value: range.least ?? low,
      put: (value: number) => set({ least: value <= low ? null : Math.min(value, range.most ?? high) }),
    },
    {
      name: "At most",
      value: range.most ?? high,
      put: (value: number) => set({ most: value >= high ? null : Math.max(value, range.least ?? low) }),
    },
  ];
  return (
    <div class="spread">
      <div class="spread-bars" aria-hidden="true">
        {counts.map((count, bar) => (
          <span key={bar} class={inside(bar) ? "" : "spread-out"} style={{ height: `${(count / top) * 100}%` }} />
        ))}
      </div>
      {bounds.map(({ name, value, put }) => (
        <Slider
          key={name}
          label={`${name}, ${own.name}`}
          aria-valuetext={print(value, own)}
          min={low}
          max={high}
          step={width / 200}
          value={value}
          set={put}
        />
      ))}
      <p class="spread-ends">
        <span>{print(range.least ?? low, own)}</span>
        <span>{print(range.most ?? high, own)}</span>
      </p>
    </div>
  );
}

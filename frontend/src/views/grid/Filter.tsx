// The numbers of the tiles -> a small window with how one of them is spread, and the range of it to keep.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Loaded } from "../../data/sheets";
import { metricOf } from "../../data/tileMetrics";
import { entries } from "../../data/tiles";
import { change } from "../../state/actions";
import { tilesWith } from "../../state/driftFromB";
import { classes, view } from "../../state/store";
import { arranged } from "../../state/tileOrder";
import { Icon } from "../../ui/Icon";
import { Menu } from "../../ui/Menu";
import { parseRange, type Range, writeRange } from "../../url/sortParams";
import { whyMissing } from "../../words/badges";
import { meaning, print } from "../../words/metrics";

const BARS = 24;

export function Filter({ loaded, numbers }: { loaded: Loaded; numbers: readonly string[] }) {
  const [open, setOpen] = useState(false);
  const [picked, setPicked] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    box.current?.querySelector<HTMLElement>(".filter-window button")?.focus();
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const range = parseRange(view.value.only);
  const first =
    [picked, view.value.sort.replace("-", ""), ...numbers].find((name) => name !== null && numbers.includes(name)) ??
    "score";
  const close = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    setOpen(false);
    button.current?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys come up to it from what it holds
    <div class="menu filter" ref={box} onKeyDown={close}>
      <button
        ref={button}
        type="button"
        class="text-button"
        aria-label={range ? `Filter: ${inWords(range)}` : "Filter"}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-pressed={range !== null}
        title="Show only tiles whose number lies in a range"
        onClick={() => setOpen(!open)}
      >
        <Icon name="filter" />
        {range && <span aria-hidden="true">{inWords(range)}</span>}
      </button>
      {open && (
        <Window
          loaded={loaded}
          numbers={numbers}
          range={range ?? { name: first, least: null, most: null }}
          pick={setPicked}
        />
      )}
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
  return own.unit === "yes" ? `${own.name}: ${least === null ? "no" : "yes"}` : `${own.name} ${bounds}`;
}

interface WindowProps {
  readonly loaded: Loaded;
  readonly numbers: readonly string[];
  readonly range: Range;
  readonly pick: (name: string) => void;
}

function Window({ loaded, numbers, range, pick }: WindowProps) {
  const all = entries(loaded, classes.value);
  const tiles = tilesWith(loaded);
  const own = meaning(range.name);
  const values = all.map(({ at }) => metricOf(tiles[at], range.name)).filter((value) => value !== null);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const options = numbers.map((value) => ({ value, label: meaning(value).name, view: meaning(value).name }));
  const set = (part: Partial<Range>): void => change({ only: writeRange({ ...range, ...part }) });
  const kept = arranged(loaded).length;
  const why = whyMissing(loaded);
  const choose = (name: string): void => {
    pick(name);
    change({ only: "" });
  };
  return (
    <div class="menu-list menu-right filter-window" role="dialog" aria-label="Filter tiles by a number">
      <Menu name="Filter by" value={range.name} options={options} pick={choose}>
        <span class="sort-name">{own.name}</span>
      </Menu>
      {values.length === 0 ? (
        <p class="quiet">No tile has this number at this step.</p>
      ) : own.unit === "yes" ? (
        <div class="switch" role="group" aria-label="Which to show">
          {(
            [
              ["all", null, null],
              ["yes", 0.5, null],
              ["no", null, 0.5],
            ] as const
          ).map(([text, least, most]) => (
            <button
              key={text}
              type="button"
              aria-pressed={range.least === least && range.most === most}
              onClick={() => set({ least, most })}
            >
              {text}
            </button>
          ))}
        </div>
      ) : (
        <Spread values={values} low={low} high={high} range={range} set={set} />
      )}
      <p class="filter-foot">
        <span role="status">
          {kept} of {all.length} shown
        </span>
        <button type="button" class="text-button" disabled={!view.value.only} onClick={() => change({ only: "" })}>
          Clear
        </button>
      </p>
      {why && <p class="hint">{why}</p>}
    </div>
  );
}

interface SpreadProps {
  readonly values: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly range: Range;
  readonly set: (part: Partial<Range>) => void;
}

/** How the number is spread over the tiles, with a thumb at each end of the range. */
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
        <input
          key={name}
          type="range"
          min={low}
          max={high}
          step={width / 200}
          value={value}
          aria-label={`${name}, ${own.name}`}
          aria-valuetext={print(value, own)}
          onInput={(event) => put(Number(event.currentTarget.value))}
        />
      ))}
      <p class="spread-ends">
        <span>{print(range.least ?? low, own)}</span>
        <span>{print(range.most ?? high, own)}</span>
      </p>
    </div>
  );
}

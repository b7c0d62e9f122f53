// Confusion matrix: what each class is taken for at this step; a cell keeps only its pictures in the grid.

import { useState } from "preact/hooks";
import type { Confusion } from "../../data/contract";
import { change } from "../../state/actions";
import { type Cell, cell, confusion, inWords, nameOf, shownByCell, writeCell } from "../../state/confusion";
import { place, screen, view } from "../../state/store";
import { TextButton } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Popover } from "../../ui/Popover";
import { percent } from "../../words/format";

/** Most classes whose cells have room for a number. */
const ROOMY = 10;

export function ConfusionMatrix() {
  const { value } = confusion;
  if (!value) return null;
  const chosen = cell.value;
  return (
    <Popover
      name="Confusion"
      title="What each class is taken for, of the whole set"
      side="right"
      class="confusion"
      button={
        <>
          <Icon name="confusion" />
          <span class="confusion-button">{chosen ? inWords(chosen) : `${percent(value.accuracy)} right`}</span>
        </>
      }
    >
      <Matrix matrix={value} />
    </Popover>
  );
}

function Matrix({ matrix: { classes, counts, pictures, accuracy } }: { matrix: Confusion }) {
  const [over, setOver] = useState<Cell | null>(null);
  const shown = shownByCell(screen.value.loaded);
  const most = Math.max(1, ...counts.flatMap((row, y) => row.filter((_, x) => x !== y)));
  const told = over ?? cell.value;
  return (
    <>
      <p class="confusion-head">
        <b>{percent(accuracy)}</b> of {pictures} pictures right at step {place.value?.step}
        {total(counts) < pictures && (
          <span class="quiet">; below the {classes.length} classes that are confused most</span>
        )}
      </p>
      <div class="confusion-scroll">
        <table class={classes.length <= ROOMY ? "confusion-roomy" : ""} onMouseLeave={() => setOver(null)}>
          <thead>
            <tr>
              <th scope="col">
                <span class="quiet">is \ taken for</span>
              </th>
              {classes.map((index) => (
                <th key={index} scope="col" title={nameOf(index)}>
                  <span class="confusion-column">{nameOf(index)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {counts.map((row, y) => (
              <tr key={classes[y]}>
                <th scope="row" title={nameOf(classes[y] ?? -1)}>
                  {nameOf(classes[y] ?? -1)}
                </th>
                {row.map((count, x) => (
                  <td key={classes[x]}>
                    {count > 0 && (
                      <Count
                        of={{ label: classes[y] ?? -1, predicted: classes[x] ?? -1 }}
                        count={count}
                        share={count / most}
                        shown={shown}
                        tell={setOver}
                      />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="confusion-foot">
        <span role="status">{told ? described(told, countIn(told, classes, counts), shown) : HINT}</span>
        <TextButton disabled={!view.value.cell} onClick={() => change({ cell: "" })}>
          Clear
        </TextButton>
      </p>
    </>
  );
}

const HINT = "A dot: the grid shows pictures of it. Press a cell to see these alone.";

interface CountProps {
  readonly of: Cell;
  readonly count: number;
  /** Of the largest confusion. */
  readonly share: number;
  readonly shown: ReadonlyMap<string, number>;
  readonly tell: (cell: Cell | null) => void;
}

function Count({ of, count, share, shown, tell }: CountProps) {
  const key = writeCell(of);
  const on = view.value.cell === key;
  const wrong = of.label !== of.predicted;
  return (
    <button
      type="button"
      class={wrong ? "confusion-wrong" : "confusion-right"}
      style={wrong ? { "--share": `${Math.round(20 + 80 * share)}%` } : undefined}
      aria-pressed={on}
      aria-label={described(of, count, shown)}
      onMouseEnter={() => tell(of)}
      onFocus={() => tell(of)}
      onClick={() => change({ cell: on ? "" : key, tile: null })}
    >
      <span>{count}</span>
      {shown.has(key) && <i />}
    </button>
  );
}

function total(counts: Confusion["counts"]): number {
  return counts.flat().reduce((sum, count) => sum + count, 0);
}

function countIn({ label, predicted }: Cell, classes: readonly number[], counts: Confusion["counts"]): number {
  return counts[classes.indexOf(label)]?.[classes.indexOf(predicted)] ?? 0;
}

function described(of: Cell, count: number, shown: ReadonlyMap<string, number>): string {
  const here = shown.get(writeCell(of)) ?? 0;
  return `${inWords(of)}: ${count} of the set, ${here === 0 ? "none" : here} in the grid`;
}

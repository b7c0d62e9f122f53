// Menu of the runs to show in columns next to the present one.

import { change } from "../../state/actions";
import { besideRuns } from "../../state/compare";
import { choice, run } from "../../state/store";
import { Icon } from "../../ui/Icon";
import { Menu } from "../../ui/Menu";
import { RunName } from "../../ui/RunName";
import { joinNames } from "../../url/names";

/** With more columns pictures become too small. */
const MOST = 5;

export function RunsBeside() {
  const others = choice.value.filter((entry) => !entry.problem && entry.run !== run.value);
  const chosen = besideRuns.value;
  if (others.length === 0) return null;
  const options = others.map((entry) => ({
    value: entry.run,
    label: entry.name,
    view: <RunName name={entry.name} />,
  }));
  const pick = (picked: string): void => {
    const next = chosen.includes(picked)
      ? chosen.filter((other) => other !== picked)
      : [...chosen, picked].slice(-MOST);
    change({ beside: joinNames(next) });
  };
  const label = chosen.length === 0 ? "none" : chosen.length === 1 ? "1 run" : `${chosen.length} runs`;
  return (
    <div class={`runs-beside ${chosen.length ? "runs-beside-on" : ""}`}>
      <Menu
        name="Runs side by side"
        value={"" as string}
        options={options}
        pick={pick}
        several={new Set(chosen)}
        label={label}
      >
        <Icon name="plus" />
        {chosen.length > 0 && <span>{chosen.length}</span>}
      </Menu>
    </div>
  );
}

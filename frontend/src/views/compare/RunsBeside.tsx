// Which runs stand beside the one looked at -> a menu of several choices.

import { change } from "../../state/actions";
import { besideRuns } from "../../state/compare";
import { run, runs } from "../../state/store";
import { Icon } from "../../ui/Icon";
import { Menu } from "../../ui/Menu";
import { joinNames } from "../../url/parse";

/** More columns than these leave no room for pictures. */
const MOST = 5;

export function RunsBeside() {
  const others = (runs.value ?? []).filter((entry) => !entry.problem && entry.run !== run.value);
  const chosen = besideRuns.value;
  if (others.length === 0) return null;
  const options = others.map((entry) => ({
    value: entry.run,
    label: entry.name,
    view: <span class="run-name">{entry.name}</span>,
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
        name="Runs beside"
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

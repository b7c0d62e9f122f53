// The numbers of the tiles -> how to sort them, what to leave out, whether to keep the order.

import { numbersOf } from "../../data/tileMetrics";
import { change } from "../../state/actions";
import { tilesWith } from "../../state/driftFromB";
import { guide, place, view } from "../../state/store";
import { silentCount } from "../../state/tileOrder";
import { Icon, type IconName } from "../../ui/Icon";
import { Menu } from "../../ui/Menu";
import { meaning } from "../../words/metrics";
import { Filter } from "./Filter";

export function Arrange() {
  const loaded = guide.value;
  const heat = place.value?.kind === "heatmaps";
  const { sort, hide, hold } = view.value;
  const numbers = loaded ? numbersOf(tilesWith(loaded)) : [];
  const name = sort.replace("-", "");
  // A link may name a number that only other layers have: the menu still says what was asked for.
  const known = name === "index" || numbers.includes(name) ? numbers : [...numbers, name];
  const count = loaded ? silentCount(loaded) : 0;
  const silent = heat ? "pictures without evidence" : "filters without response";
  const step = place.value?.step ?? null;
  const options = ["index", ...known].map((value) => ({
    value,
    label: words(value, heat),
    view: <NumberOption name={value} heat={heat} />,
  }));
  const down = sort.startsWith("-");
  const pickNumber = (value: string): void =>
    change({
      sort: value === "index" || meaning(value).low ? value : `-${value}`,
      hold: value === "index" ? null : hold,
    });
  return (
    <div class="arrange">
      {(count > 0 || hide) && (
        <Toggle
          icon={hide ? "closed" : "eye"}
          on={hide}
          text={hide ? `${count} hidden` : ""}
          name={`Hide ${silent}`}
          title={hide ? `Show ${silent}` : `Hide ${silent} (${count})`}
          press={() => change({ hide: !hide })}
        />
      )}
      {(name !== "index" || hide) && (
        <Toggle
          icon="lock"
          on={hold !== null}
          text={hold === null ? "" : `of step ${hold}`}
          name="Keep this order at all steps"
          title={hold === null ? "Keep this order at all steps" : "Sort each step by its own numbers"}
          press={() => change({ hold: hold === null ? step : null })}
        />
      )}
      {numbers.length > 0 && loaded && <Filter loaded={loaded} numbers={numbers} />}
      <Menu name="Sort" value={name} options={options} pick={pickNumber} side="right">
        <span class="field-name">Sort</span>
        <span class="sort-name">{words(name, heat)}</span>
      </Menu>
      {name !== "index" && (
        <button
          type="button"
          class="icon-button sort-way"
          aria-label={down ? "Highest first" : "Lowest first"}
          title={down ? "Highest first; press for lowest first" : "Lowest first; press for highest first"}
          onClick={() => change({ sort: down ? name : `-${name}` })}
        >
          <span aria-hidden="true">{down ? "\u2193" : "\u2191"}</span>
        </button>
      )}
    </div>
  );
}

function words(name: string, heat: boolean): string {
  if (name === "index") return heat ? "picture" : "filter";
  return meaning(name).name;
}

function NumberOption({ name, heat }: { name: string; heat: boolean }) {
  return (
    <span class="scope-option">
      <span>{words(name, heat)}</span>
      {name !== "index" && <span class="quiet">{meaning(name).text}</span>}
    </span>
  );
}

interface ToggleProps {
  readonly icon: IconName;
  readonly on: boolean;
  readonly text: string;
  readonly name: string;
  readonly title: string;
  readonly press: () => void;
}

function Toggle({ icon, on, text, name, title, press }: ToggleProps) {
  return (
    <button type="button" class="text-button" aria-pressed={on} aria-label={name} title={title} onClick={press}>
      <Icon name={icon} />
      {text && <span aria-hidden="true">{text}</span>}
    </button>
  );
}

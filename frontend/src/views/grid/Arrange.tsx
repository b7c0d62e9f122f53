// Sorting of the tiles: by which metric, what to hide, whether to keep the order.

import { countKinds } from "../../data/likeness";
import { numbersOf } from "../../data/tileMetrics";
import { change } from "../../state/actions";
import { LIKENESS } from "../../state/sorting";
import { guide, place, view } from "../../state/store";
import { silentCount } from "../../state/tileOrder";
import { IconButton, TextButton } from "../../ui/Button";
import type { IconName } from "../../ui/Icon";
import { explained, Menu } from "../../ui/Menu";
import { meaning } from "../../words/metrics";
import { Filter } from "./Filter";

export function Arrange() {
  const loaded = guide.value;
  const heat = place.value?.kind === "heatmaps";
  const { sort, hide, heldStep } = view.value;
  const numbers = loaded ? numbersOf(loaded.facts.tiles) : [];
  const name = sort.replace("-", "");
  // A link may name a metric that only other layers have: the menu still names it.
  const known = [INDEX, LIKENESS].includes(name) || numbers.includes(name) ? numbers : [...numbers, name];
  const count = loaded ? silentCount(loaded) : 0;
  const silent = heat ? "pictures without evidence" : "filters without response";
  const step = place.value?.step ?? null;
  const alike = loaded && countKinds(loaded.facts.tiles) !== null ? [LIKENESS] : [];
  const options = [INDEX, ...alike, ...known].map((value) => explained(value, words(value, heat), reason(value)));
  const down = sort.startsWith("-");
  const pickNumber = (value: string): void =>
    change({
      sort: [INDEX, LIKENESS].includes(value) || meaning(value).low ? value : `-${value}`,
      heldStep: value === "index" ? null : heldStep,
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
          on={heldStep !== null}
          text={heldStep === null ? "" : `of step ${heldStep}`}
          name="Keep this order at all steps"
          title={heldStep === null ? "Keep this order at all steps" : "Sort each step by its own values"}
          press={() => change({ heldStep: heldStep === null ? step : null })}
        />
      )}
      {numbers.length > 0 && loaded && <Filter loaded={loaded} numbers={numbers} />}
      <Menu name="Sort" value={name} options={options} pick={pickNumber} side="right">
        <span class="field-name">Sort</span>
        <span class="sort-name">{words(name, heat)}</span>
      </Menu>
      {name !== INDEX && name !== LIKENESS && (
        <IconButton
          class="sort-way"
          label={down ? "Highest first" : "Lowest first"}
          title={down ? "Highest first; press for lowest first" : "Lowest first; press for highest first"}
          onClick={() => change({ sort: down ? name : `-${name}` })}
        >
          <span aria-hidden="true">{down ? "\u2193" : "\u2191"}</span>
        </IconButton>
      )}
    </div>
  );
}

const INDEX = "index";

function reason(name: string): string {
  if (name === LIKENESS) return "Filters that respond alike next to one another.";
  return name === INDEX ? "" : meaning(name).text;
}

function words(name: string, heat: boolean): string {
  if (name === LIKENESS) return name;
  if (name === INDEX) return heat ? "picture" : "filter";
  return meaning(name).name;
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
    <TextButton icon={icon} aria-pressed={on} aria-label={name} title={title} onClick={press}>
      {text && <span aria-hidden="true">{text}</span>}
    </TextButton>
  );
}

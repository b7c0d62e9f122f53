// The numbers of the tiles -> how to sort them, what to leave out, whether to keep the order.

import { change } from "../actions";
import { silentCount } from "../arranged";
import { place, screen, view } from "../state";
import { numbersOf } from "../sorting";
import { Icon, type IconName } from "./icons";
import { Menu } from "./Menu";

const NAMES: Readonly<Record<string, string>> = { maximum: "map maximum" };

export function Arrange() {
  const { loaded } = screen.value;
  const heat = place.value?.kind === "heatmaps";
  const { sort, hide, hold } = view.value;
  const numbers = loaded ? numbersOf(loaded.facts.tiles) : [];
  const name = sort.replace("-", "");
  // A link may name a number that only other layers have: the menu still says what was asked for.
  const known = name === "index" || numbers.includes(name) ? numbers : [...numbers, name];
  const count = loaded ? silentCount(loaded) : 0;
  const silent = heat ? "pictures without evidence" : "filters without response";
  const step = place.value?.step ?? null;
  const options = [{ value: "index", label: words("index", heat), view: words("index", heat) }];
  for (const number of known) {
    for (const [value, order] of [[`-${number}`, "highest first"], [number, "lowest first"]] as const) {
      options.push({ value, label: `${words(number, heat)}, ${order}`, view: `${words(number, heat)}, ${order}` });
    }
  }
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
      <Menu name="Sort" value={sort} options={options} pick={(value) => change({ sort: value, hold: value === "index" ? null : hold })} side="right">
        <span class="field-name">Sort</span>
        <span class="sort-name">
          {words(name, heat)}
          {name !== "index" && (sort.startsWith("-") ? " \u2193" : " \u2191")}
        </span>
      </Menu>
    </div>
  );
}

function words(name: string, heat: boolean): string {
  if (name === "index") return heat ? "picture" : "filter";
  return NAMES[name] ?? name.replaceAll("_", " ");
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

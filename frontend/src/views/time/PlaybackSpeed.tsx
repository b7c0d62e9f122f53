// How playing goes -> a menu of speeds and a switch for the loop.

import { looping, SPEEDS, type Speed, speed } from "../../state/store";
import { Icon } from "../../ui/Icon";
import { Menu } from "../../ui/Menu";

const NAMES = SPEEDS.map(String);

export function Pace() {
  const options = NAMES.map((name) => ({ value: name, label: `${name}\u00d7`, view: `${name}\u00d7` }));
  return (
    <div class="pace">
      <Menu
        name="Speed"
        value={String(speed.value)}
        options={options}
        pick={(name) => (speed.value = Number(name) as Speed)}
        up
      >
        <span>{speed.value}×</span>
      </Menu>
      <button
        type="button"
        class="icon-button"
        aria-label="Loop"
        aria-pressed={looping.value}
        title={looping.value ? "Playing starts again at the end" : "Playing stops at the newest step"}
        onClick={() => (looping.value = !looping.value)}
      >
        <Icon name="loop" />
      </button>
    </div>
  );
}

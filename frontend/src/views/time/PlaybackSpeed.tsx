// Playback speed, and whether playing loops.

import { looping, SPEEDS, type Speed, speed } from "../../state/store";
import { IconButton } from "../../ui/Button";
import { Menu } from "../../ui/Menu";

const NAMES = SPEEDS.map(String);

export function PlaybackSpeed() {
  const options = NAMES.map((name) => ({ value: name, label: `${name}\u00d7`, view: `${name}\u00d7` }));
  return (
    <div class="playback-speed">
      <Menu
        name="Speed"
        value={String(speed.value)}
        options={options}
        pick={(name) => (speed.value = Number(name) as Speed)}
        up
      >
        <span>{speed.value}×</span>
      </Menu>
      <IconButton
        label="Loop"
        aria-pressed={looping.value}
        title={looping.value ? "Playback repeats" : "Playback stops at the newest step"}
        icon="loop"
        onClick={() => (looping.value = !looping.value)}
      />
    </div>
  );
}

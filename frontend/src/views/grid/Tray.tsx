// Pinned tiles -> a strip that stays while layers and runs change; a click goes to the tile.

import { aspect, positionOf } from "../../data/tiles";
import { goToPin, isPinned, pinOf, pins, togglePin, unpinAll, wantedBy } from "../../state/pinboard";
import { classes, place, runs, view } from "../../state/store";
import { Icon } from "../../ui/Icon";
import { type Pin, writePins } from "../../url/pins";
import { split } from "../../words/format";
import { useSheet } from "../useSheet";
import { Picture } from "./Picture";

export function Tray() {
  if (pins.value.length === 0) return null;
  return (
    <section class="tray" aria-label="Pinned tiles">
      <ol>
        {pins.value.map((pin) => (
          <Pinned key={writePins([pin])} pin={pin} />
        ))}
      </ol>
      <button type="button" class="text-button" onClick={unpinAll}>
        Unpin all
      </button>
    </section>
  );
}

function Pinned({ pin }: { pin: Pin }) {
  const loaded = useSheet(wantedBy(pin));
  const at = loaded ? positionOf(loaded, pin.tile, classes.value) : -1;
  const here = place.value?.run === pin.run && place.value.layer === pin.layer && place.value.kind === pin.kind;
  const word = pin.kind === "heatmaps" ? "picture" : "filter";
  const run = runs.value?.find((entry) => entry.run === pin.run)?.name ?? pin.run;
  const behind = loaded && loaded.ref.step !== place.value?.step;
  const name = `${split(pin.layer)[1]}, ${word} ${pin.tile}, ${run}`;
  return (
    <li>
      <button
        type="button"
        class="pinned"
        aria-current={here && view.value.tile === pin.tile}
        aria-label={`Go to ${name}`}
        title={`${pin.layer}, ${word} ${pin.tile}, run ${run}${behind ? `, step ${loaded.ref.step}` : ""}`}
        onClick={() => goToPin(pin)}
      >
        <span class="pinned-picture" style={loaded ? { "--aspect": 1 / aspect(loaded) } : {}}>
          {loaded && at >= 0 && <Picture loaded={loaded} at={at} label="" />}
        </span>
        <span class="pinned-text">
          <b>{pin.tile}</b>
          <span>{split(pin.layer)[1]}</span>
          <span class="quiet">{behind ? `step ${loaded.ref.step}` : run}</span>
        </span>
      </button>
      <button
        type="button"
        class="icon-button unpin"
        aria-label={`Unpin ${name}`}
        title="Unpin"
        onClick={() => togglePin(pin)}
      >
        <Icon name="cross" />
      </button>
    </li>
  );
}

/** Pins a tile of the layer on screen, or lets go of it. */
export function PinButton({ tile, hidden = false }: { tile: number; hidden?: boolean }) {
  const on = isPinned(tile);
  const press = (): void => {
    const pin = pinOf(tile);
    if (pin) togglePin(pin);
  };
  return (
    <button
      type="button"
      class={`icon-button ${hidden ? "tile-pin" : ""}`}
      aria-label={`Pin tile ${tile}`}
      aria-pressed={on}
      title={on ? "Unpin (T)" : "Pin: keep it in sight over layers and runs (T)"}
      tabIndex={hidden ? -1 : 0}
      onClick={press}
    >
      <Icon name="pin" />
    </button>
  );
}

// Pinboard: pinned tiles, which stay while layers and runs change.

import { aspect, positionOf } from "../../data/tiles";
import { goToPin, isPinned, pinOf, pins, togglePin, unpinAll, wantedBy } from "../../state/pinboard";
import { withKey } from "../../state/shortcuts";
import { classes, place, runs, view } from "../../state/store";
import { IconButton, TextButton } from "../../ui/Button";
import { type Pin, writePins } from "../../url/pins";
import { split } from "../../words/format";
import { useSheet } from "../useSheet";
import { Picture } from "./Picture";

export function Pinboard() {
  if (pins.value.length === 0) return null;
  return (
    <section class="pinboard" aria-label="Pinned tiles">
      <ol>
        {pins.value.map((pin) => (
          <Pinned key={writePins([pin])} pin={pin} />
        ))}
      </ol>
      <TextButton onClick={unpinAll}>Unpin all</TextButton>
    </section>
  );
}

function Pinned({ pin }: { pin: Pin }) {
  const loaded = useSheet(wantedBy(pin));
  const position = loaded ? positionOf(loaded, pin.tile, classes.value) : -1;
  const here = place.value?.run === pin.run && place.value.layer === pin.layer && place.value.kind === pin.kind;
  const word = pin.kind === "heatmaps" ? "picture" : "filter";
  const run = runs.value?.find((entry) => entry.run === pin.run)?.name ?? pin.run;
  const behind = loaded && loaded.ref.step !== place.value?.step;
  const name = `${split(pin.layer)[1]}, ${word} ${pin.tile}, ${run}`;
  return (
    <li>
      <button
        type="button"
        class="card pinned"
        aria-current={here && view.value.tile === pin.tile}
        aria-label={`Go to ${name}`}
        title={`${pin.layer}, ${word} ${pin.tile}, run ${run}${behind ? `, step ${loaded.ref.step}` : ""}`}
        onClick={() => goToPin(pin)}
      >
        <span class="picture pinned-picture" style={loaded ? { "--aspect": 1 / aspect(loaded) } : {}}>
          {loaded && position >= 0 && <Picture loaded={loaded} position={position} label="" size="stamp" />}
        </span>
        <span class="pinned-text">
          <b>{pin.tile}</b>
          <span>{split(pin.layer)[1]}</span>
          <span class="quiet">{behind ? `step ${loaded.ref.step}` : run}</span>
        </span>
      </button>
      <IconButton class="unpin" label={`Unpin ${name}`} title="Unpin" icon="cross" onClick={() => togglePin(pin)} />
    </li>
  );
}

/** Pins or unpins a tile of the layer on screen. */
export function PinButton({ tile, hidden = false }: { tile: number; hidden?: boolean }) {
  const on = isPinned(tile);
  const press = (): void => {
    const pin = pinOf(tile);
    if (pin) togglePin(pin);
  };
  return (
    <IconButton
      class={hidden ? "tile-pin" : ""}
      icon="pin"
      label={`Pin tile ${tile}`}
      aria-pressed={on}
      title={withKey(on ? "Unpin" : "Pin: keep it in view across layers and runs", "pin")}
      tabIndex={hidden ? -1 : 0}
      onClick={press}
    />
  );
}

// Zoom buttons.

import { MOST } from "../../draw/zoom";
import { run } from "../../state/commands";
import { withKey } from "../../state/shortcuts";
import { wheel, zoom } from "../../state/zoomStore";
import { IconButton, TextButton } from "../../ui/Button";

export function ZoomButtons() {
  const { scale } = zoom.value;
  return (
    <div class="zoom" role="group" aria-label="Zoom">
      <IconButton
        label="Zoom out"
        title={withKey("Zoom out", "smaller")}
        icon="minus"
        disabled={scale <= 1}
        onClick={() => run("smaller")}
      />
      <TextButton title={withKey("Fit", "fit")} aria-pressed={scale === 1} onClick={() => run("fit")}>
        {scale === 1 ? "Fit" : `${Math.round(scale * 100)}\u2009%`}
      </TextButton>
      <IconButton
        label="Zoom in"
        title={withKey("Zoom in", "larger")}
        icon="plus"
        disabled={scale >= MOST}
        onClick={() => run("larger")}
      />
      <TextButton title={withKey("Actual size", "one to one")} onClick={() => run("one to one")}>
        1:1
      </TextButton>
      <TextButton
        class="zoom-wheel"
        title="Zoom by scrolling; with Alt held this always works"
        aria-pressed={wheel.value}
        onClick={() => (wheel.value = !wheel.value)}
      >
        Scroll zooms
      </TextButton>
    </div>
  );
}

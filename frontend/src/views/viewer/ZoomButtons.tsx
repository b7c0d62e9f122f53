// Zoom buttons, and the one that gives the page to the stage.

import { MOST } from "../../draw/zoom";
import { run } from "../../state/commands";
import { stageAlone } from "../../state/page";
import { withKey } from "../../state/shortcuts";
import { percentOfPixels, zoom } from "../../state/zoomStore";
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
      <span class="zoom-share" title="Against the picture's own pixels">
        {percentOfPixels.value}
        {"\u2009%"}
      </span>
      <IconButton
        label="Zoom in"
        title={withKey("Zoom in", "larger")}
        icon="plus"
        disabled={scale >= MOST}
        onClick={() => run("larger")}
      />
      <TextButton title={withKey("Fit", "fit")} aria-pressed={scale === 1} onClick={() => run("fit")}>
        Fit
      </TextButton>
      <TextButton
        title={withKey("Actual size", "one to one")}
        aria-pressed={percentOfPixels.value === 100}
        onClick={() => run("one to one")}
      >
        1:1
      </TextButton>
      <IconButton
        label="Picture alone"
        title={withKey(stageAlone.value ? "Bars and numbers again" : "Picture alone", "stage alone")}
        icon="expand"
        aria-pressed={stageAlone.value}
        onClick={() => run("stage alone")}
      />
    </div>
  );
}

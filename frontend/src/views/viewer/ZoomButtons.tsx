// The enlargement -> buttons to change it.

import { MOST } from "../../draw/zoom";
import { run } from "../../state/commands";
import { withKey } from "../../state/shortcuts";
import { wheel, zoom } from "../../state/zoomStore";
import { Icon } from "../../ui/Icon";

export function ZoomButtons() {
  const { scale } = zoom.value;
  return (
    <div class="zoom" role="group" aria-label="Enlargement">
      <button
        type="button"
        class="icon-button"
        aria-label="Smaller"
        title={withKey("Smaller", "smaller")}
        disabled={scale <= 1}
        onClick={() => run("smaller")}
      >
        <Icon name="minus" />
      </button>
      <button
        type="button"
        class="text-button"
        title={withKey("Fit", "fit")}
        aria-pressed={scale === 1}
        onClick={() => run("fit")}
      >
        {scale === 1 ? "Fit" : `${Math.round(scale * 100)}\u2009%`}
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Larger"
        title={withKey("Larger", "larger")}
        disabled={scale >= MOST}
        onClick={() => run("larger")}
      >
        <Icon name="plus" />
      </button>
      <button
        type="button"
        class="text-button"
        title={withKey("Actual size: one pixel of the picture is one of the screen", "one to one")}
        onClick={() => run("one to one")}
      >
        1:1
      </button>
      <button
        type="button"
        class="text-button zoom-wheel"
        title="Enlarge with the wheel; with Alt it always does"
        aria-pressed={wheel.value}
        onClick={() => (wheel.value = !wheel.value)}
      >
        Wheel
      </button>
    </div>
  );
}

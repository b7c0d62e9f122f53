// The enlargement -> buttons to change it.

import { MOST } from "../../draw/zoom";
import { fitAll, oneToOne, wheel, zoom, zoomBy } from "../../state/zoomStore";
import { Icon } from "../../ui/Icon";

export function ZoomButtons() {
  const { scale } = zoom.value;
  return (
    <div class="zoom" role="group" aria-label="Enlargement">
      <button
        type="button"
        class="icon-button"
        aria-label="Smaller"
        title={"Smaller (\u2212)"}
        disabled={scale <= 1}
        onClick={() => zoomBy(1 / 1.5)}
      >
        <Icon name="minus" />
      </button>
      <button type="button" class="text-button" title="Fit (0)" aria-pressed={scale === 1} onClick={fitAll}>
        {scale === 1 ? "Fit" : `${Math.round(scale * 100)}\u2009%`}
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Larger"
        title="Larger (+)"
        disabled={scale >= MOST}
        onClick={() => zoomBy(1.5)}
      >
        <Icon name="plus" />
      </button>
      <button
        type="button"
        class="text-button"
        title="One pixel of the picture is one of the screen (1)"
        onClick={oneToOne}
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

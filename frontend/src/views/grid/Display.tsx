// Display menu: how the pictures are drawn, where one control seldom needs more than a look.

import { COLOUR_MAPS } from "../../draw/colours";
import { ramp } from "../../draw/ramp";
import { SCOPE_WORDS, SCOPES } from "../../draw/scopes";
import { change } from "../../state/actions";
import { pending } from "../../state/scale";
import { withKey } from "../../state/shortcuts";
import { place, view } from "../../state/store";
import { wheel } from "../../state/zoomStore";
import { TextButton } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { explained, Menu } from "../../ui/Menu";
import { Popover } from "../../ui/Popover";
import { Slider, SliderField } from "../../ui/Slider";
import { SIZES } from "../../url/view";

export function Display() {
  const heat = place.value?.kind === "heatmaps";
  return (
    <Popover
      name="Display"
      title="How the pictures are drawn"
      side="right"
      class="display"
      button={<Icon name="sliders" />}
    >
      {heat && <HeatmapControls />}
      {view.value.tile === null ? <SizeControl /> : <WheelControl />}
    </Popover>
  );
}

function HeatmapControls() {
  const { alpha, colormap, show, scope } = view.value;
  const off = show !== "both";
  const maps = COLOUR_MAPS.map((name) => ({
    value: name,
    label: name,
    view: (
      <>
        <span class="swatch" style={{ backgroundImage: ramp(name) }} />
        <span>{name}</span>
      </>
    ),
  }));
  const scopes = SCOPES.map((value) => explained(value, SCOPE_WORDS[value].short, SCOPE_WORDS[value].long));
  return (
    <>
      <SliderField icon="opacity" name="Opacity" title={withKey("Opacity of the heatmap", "opacity")} off={off}>
        <Slider
          label="Opacity of the heatmap in percent"
          min={0}
          max={100}
          value={alpha}
          disabled={off}
          set={(percent) => change({ alpha: percent })}
        />
        <output class="slider-value">{alpha} %</output>
      </SliderField>
      <div class="display-line">
        <span class="field-name">Colours</span>
        <Menu
          name="Colour map"
          value={colormap}
          options={maps}
          pick={(name) => change({ colormap: name })}
          side="right"
        >
          <span class="swatch" style={{ backgroundImage: ramp(colormap) }} />
        </Menu>
      </div>
      <div class="display-line">
        <span class="field-name">Full colour is</span>
        <Menu name="Full colour" value={scope} options={scopes} pick={(value) => change({ scope: value })} side="right">
          <span>{pending.value > 0 ? "reading all steps\u2026" : SCOPE_WORDS[scope].short}</span>
        </Menu>
      </div>
    </>
  );
}

function SizeControl() {
  const { least, most, by } = SIZES;
  const { size } = view.value;
  const shown = size ?? 176;
  return (
    <SliderField icon="size" name="Size" title="Width of the tiles">
      <Slider
        label="Width of the tiles in pixels"
        min={least}
        max={most}
        step={by}
        value={shown}
        set={(pixels) => change({ size: pixels })}
      />
      <TextButton
        aria-pressed={size === null}
        title="As large as the space allows"
        onClick={() => change({ size: size === null ? shown : null })}
      >
        Fit
      </TextButton>
    </SliderField>
  );
}

function WheelControl() {
  return (
    <TextButton
      class="zoom-wheel"
      title="Zoom by scrolling; with Alt held this always works"
      aria-pressed={wheel.value}
      onClick={() => (wheel.value = !wheel.value)}
    >
      Scroll zooms
    </TextButton>
  );
}

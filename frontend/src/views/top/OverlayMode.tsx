// Picture, heatmap or one over the other -> a switch of three.

import { SHOWS, type Show } from "../../draw/pixels";
import { change } from "../../state/actions";
import { view } from "../../state/store";
import { Icon, type IconName } from "../../ui/Icon";

const WORDS: Record<Show, { readonly text: string; readonly icon: IconName }> = {
  picture: { text: "Picture only", icon: "picture" },
  both: { text: "Heatmap over the picture", icon: "over" },
  map: { text: "Heatmap only", icon: "heat" },
};

export function ShowSwitch() {
  return (
    <div class="switch switch-icons" role="group" aria-label="What of a heatmap to show">
      {SHOWS.map((show) => (
        <button
          key={show}
          type="button"
          aria-pressed={view.value.show === show}
          aria-label={WORDS[show].text}
          title={`${WORDS[show].text} (W)`}
          onClick={() => change({ show })}
        >
          <Icon name={WORDS[show].icon} />
        </button>
      ))}
    </div>
  );
}

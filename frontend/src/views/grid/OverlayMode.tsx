// Overlay mode: picture, heatmap, or one over the other.

import { SHOWS, type Show } from "../../draw/pixels";
import { change } from "../../state/actions";
import { withKey } from "../../state/shortcuts";
import { view } from "../../state/store";
import type { IconName } from "../../ui/Icon";
import { Switch } from "../../ui/Switch";

const WORDS: Record<Show, { readonly text: string; readonly icon: IconName }> = {
  picture: { text: "Picture only", icon: "picture" },
  both: { text: "Heatmap over the picture", icon: "over" },
  outline: { text: "Outline at half of the full colour", icon: "outline" },
  map: { text: "Heatmap only", icon: "heat" },
};

const CHOICES = SHOWS.map((value) => ({ value, ...WORDS[value], title: withKey(WORDS[value].text, "show") }));

export function OverlayMode() {
  const pick = (show: Show): void => change({ show });
  return <Switch look="icons" label="Overlay mode" value={view.value.show} choices={CHOICES} pick={pick} />;
}

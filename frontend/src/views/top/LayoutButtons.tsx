// One picture per tile, two, or all steps -> the buttons that turn comparing and the matrix on.

import { change } from "../../state/actions";
import { toggleCompare } from "../../state/comparisonActions";
import { view } from "../../state/store";
import { Icon } from "../../ui/Icon";

export function CompareButton() {
  const on = view.value.way !== null;
  return (
    <button
      type="button"
      class="text-button compare-button"
      aria-pressed={on}
      title="Compare with another step or run (C)"
      onClick={toggleCompare}
    >
      <Icon name="side" />
      <span>Compare</span>
    </button>
  );
}

export function MatrixButton() {
  const on = view.value.as === "matrix" && view.value.tile === null;
  return (
    <button
      type="button"
      class="text-button compare-button"
      aria-pressed={on}
      title="Tiles at all steps (A)"
      disabled={view.value.tile !== null}
      onClick={() => change({ as: on ? "tiles" : "matrix" })}
    >
      <Icon name="matrix" />
      <span>All steps</span>
    </button>
  );
}

// One picture per tile, two, or all steps -> the buttons that turn comparing and the matrix on.

import { run } from "../../state/commands";
import { withKey } from "../../state/shortcuts";
import { view } from "../../state/store";
import { Icon } from "../../ui/Icon";

export function CompareButton() {
  const on = view.value.way !== null;
  return (
    <button
      type="button"
      class="text-button compare-button"
      aria-pressed={on}
      title={withKey("Compare with another step or run", "compare")}
      onClick={() => run("compare")}
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
      title={withKey("Tiles at all steps", "matrix")}
      disabled={view.value.tile !== null}
      onClick={() => run("matrix")}
    >
      <Icon name="matrix" />
      <span>All steps</span>
    </button>
  );
}

// Layout buttons: compare with B, tiles at all steps.

import { run } from "../../state/commands";
import { withKey } from "../../state/shortcuts";
import { view } from "../../state/store";
import { TextButton } from "../../ui/Button";

export function CompareButton() {
  return (
    <TextButton
      class="layout-button"
      icon="side"
      aria-pressed={view.value.compareMode !== null}
      title={withKey("Compare with another step or run", "compare")}
      onClick={() => run("compare")}
    >
      <span>Compare</span>
    </TextButton>
  );
}

export function MatrixButton() {
  const enlarged = view.value.tile !== null;
  return (
    <TextButton
      class="layout-button"
      icon="matrix"
      aria-pressed={view.value.layout === "matrix" && !enlarged}
      title={withKey("Tiles at all steps", "matrix")}
      disabled={enlarged}
      onClick={() => run("matrix")}
    >
      <span>All steps</span>
    </TextButton>
  );
}

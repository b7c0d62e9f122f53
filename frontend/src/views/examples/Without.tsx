// Why there are no examples where they are asked for, and what would help.

import { hasExamples } from "../../data/examples";
import { isReport } from "../../data/report";
import { seriesOf } from "../../data/series";
import type { Patterns } from "../../data/sheets";
import { goTo, pickKind } from "../../state/actions";
import { index, place } from "../../state/store";
import { Button } from "../../ui/Button";

export function Without({ loaded, fault }: { loaded: Patterns; fault: string }) {
  const held = index.value;
  const next = held && seriesOf(held, "examples", place.value?.layer ?? null)?.steps.find((at) => at > loaded.ref.step);
  const none = held && !hasExamples(held);
  const word = isReport ? "This report holds no examples" : "This run logged no examples";
  return (
    <div class="message">
      <h3>{fault ? "The examples cannot be shown" : none ? word : "No examples of this layer so far"}</h3>
      {fault && <p>{fault}</p>}
      {none && !isReport && (
        <>
          <p>Parts of your own pictures that excite each filter most:</p>
          <p>
            <code>ConvViz(…, examples=Examples(images, labels))</code>
          </p>
        </>
      )}
      {next != null && <Button onClick={() => goTo(next)}>Go to step {next}</Button>}
      <Button onClick={() => pickKind("patterns")}>Show the patterns alone</Button>
    </div>
  );
}

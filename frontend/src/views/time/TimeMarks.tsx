// Marks on the axis of the steps: when the layer was frozen, what changed in the training and when.

import { fractionOn } from "../../draw/axis";
import { axis } from "../../state/store";
import { frozenSpans, marks } from "../../state/trained";

const at = (step: number): string => `${(fractionOn(axis.value, step) * 100).toFixed(3)}%`;

export function TimeMarks() {
  return (
    <>
      {frozenSpans.value.map(({ from, to }) => (
        <span
          key={from}
          class="frozen-span"
          title={`The layer was frozen: steps ${from} to ${to}`}
          style={{ left: at(from), right: `calc(100% - ${at(to)})` }}
        />
      ))}
      {marks.value.map(({ step, text, why }) => (
        <span
          key={step}
          class={`time-mark ${fractionOn(axis.value, step) > 0.7 ? "time-mark-left" : ""}`}
          title={why}
          style={{ left: at(step) }}
        >
          {text}
        </span>
      ))}
    </>
  );
}

// Marks on the axis of the steps: when the layer was frozen, what changed in the training and when, the best epoch.

import { fractionOn } from "../../draw/axis";
import { axis } from "../../state/store";
import { best, bestInWords, frozenSpans, marks } from "../../state/trained";
import { Icon } from "../../ui/Icon";

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
      {best.value && (
        <span
          class="best-epoch"
          role="img"
          aria-label="Best epoch"
          title={`Best epoch: ${bestInWords.value}, after epoch ${best.value.step}`}
          style={{ left: `${(best.value.at * 100).toFixed(3)}%` }}
        >
          <Icon name="flag" />
        </span>
      )}
    </>
  );
}

// Notices about the data: connection, dropped steps, failures.

import { lost } from "../../data/connection";
import { isReport, leftOut } from "../../data/report";
import { failuresOf, index, row, rows, runs } from "../../state/store";
import { Notice } from "../../ui/Notice";

export function Notices() {
  return (
    <div class="notices">
      {lost.value && runs.value && (
        <Notice icon="warning" tone="warn" text="lost">
          TensorBoard is not responding. What is on screen stays; retrying every 5 seconds.
        </Notice>
      )}
      {isReport ? <LeftOut /> : <Sampled />}
      <Problems />
    </div>
  );
}

/** Failures of the layer on screen, and of series that are not in the list of layers. */
export function LayerNotices() {
  const own = row.value ? failuresOf(row.value.series.tag) : [];
  const listed = new Set(index.value?.series.filter((s) => s.layer).map((s) => s.tag));
  const others = index.value?.failures.filter((failure) => !listed.has(failure.tag)) ?? [];
  const shown = [...own, ...others].slice(-3);
  return (
    <>
      {shown.map(({ step, tag, reason }) => (
        <Notice key={`${step} ${tag}`} icon="warning" tone="warn" text={`${index.value?.run} ${step} ${tag}`} close>
          <b>
            {row.value?.series.tag === tag ? "Step" : `${tag}, step`} {step} is missing.
          </b>{" "}
          The callback reported: {reason}
        </Notice>
      ))}
    </>
  );
}

function LeftOut() {
  const left = leftOut();
  if (left.length === 0) return null;
  return (
    <Notice icon="info" tone="info" text="left out" close>
      Not all is in this report: {left.join("; ")}.
    </Notice>
  );
}

function Sampled() {
  const held = index.value;
  const written = held?.model?.written ?? 0;
  const model = held?.series.find((series) => series.kind === "model");
  const kept = model?.steps.length ?? Math.max(0, ...rows.value.map((item) => item.series.steps.length));
  if (!held || kept === 0 || written <= kept) return null;
  return (
    <Notice icon="info" tone="info" text={`sampled ${held.run}`} close>
      TensorBoard kept {kept} of {written} written steps. To keep all, start it with{" "}
      <code>--samples_per_plugin=convviz=0</code>
    </Notice>
  );
}

function Problems() {
  const held = index.value;
  return (
    <>
      {held?.problems.map(({ tag, reason }) => (
        <Notice key={tag} icon="warning" tone="warn" text={`problem ${held.run} ${tag}`} close>
          <code>{tag}</code> is stored but cannot be read: {reason}
        </Notice>
      ))}
    </>
  );
}

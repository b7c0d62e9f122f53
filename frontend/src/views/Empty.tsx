// Nothing stored, or nothing that can be read -> what to do about it.

import { useState } from "preact/hooks";
import * as host from "../host";
import { entry, faults, location, run } from "../state/store";
import { Icon } from "../ui/Icon";

/** The lines that fill this page, for the directory that TensorBoard reads. */
export function recipe(from: string | null): string {
  const plain = from !== null && /^[\w./:~-]+$/.test(from);
  const dir = `${plain ? from.replace(/\/$/, "") : "runs"}/first`;
  return [
    "from convviz_tb import ConvViz, GradCAM",
    `watch = ConvViz("${dir}", heatmaps=GradCAM(val_images[:8]))`,
    "model.fit(train_images, train_labels, epochs=20, callbacks=[watch])",
  ].join("\n");
}

export function Empty() {
  return (
    <main class="empty">
      <div class="empty-box">
        <h1>No patterns or heatmaps yet</h1>
        <p>Add the callback to your training. The first step shows up here before the first epoch has run.</p>
        <Code text={recipe(location.value)} />
        <p class="quiet">
          {location.value ? (
            <>
              Looked in <code>{location.value}</code>
            </>
          ) : (
            "Looked in the directory that TensorBoard was started with"
          )}
          ; looking again every 5 seconds.
        </p>
      </div>
    </main>
  );
}

function Code({ text }: { text: string }) {
  const [done, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    setDone(await host.copy(text));
    setTimeout(() => setDone(false), 2000);
  };
  return (
    <div class="code">
      <div class="code-head">
        <span class="quiet">Python</span>
        <button type="button" class="text-button" onClick={() => void copy()}>
          <Icon name={done ? "check" : "copy"} />
          {done ? "Copied" : "Copy"}
        </button>
      </div>
      <pre>
        <code>{text}</code>
      </pre>
    </div>
  );
}

/** The run on screen cannot be read. */
export function Unreadable() {
  const reason = entry.value?.problem ?? faults.value.get(run.value ?? "") ?? "";
  return (
    <main class="empty" aria-live="polite">
      <div class="empty-box">
        <h1>This run cannot be read</h1>
        <p>
          <b>{entry.value?.name}</b>: {reason}
        </p>
      </div>
    </main>
  );
}

/** No answer since the page was opened. */
export function Unreachable() {
  return (
    <main class="empty" aria-live="polite">
      <div class="empty-box">
        <h1>TensorBoard does not answer</h1>
        <p>Is it still running? Asking again every 5 seconds.</p>
      </div>
    </main>
  );
}

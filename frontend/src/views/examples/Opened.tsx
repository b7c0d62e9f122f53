// Opened: the whole picture of an example, large, with the place that excites the filter.

import { useEffect, useRef } from "preact/hooks";
import { classNamesOf } from "../../data/examples";
import type { Example } from "../../draw/examples";
import { opened, walkOpened } from "../../state/examples";
import { IconButton } from "../../ui/Button";
import { describeExample, labelName } from "../../words/examples";
import { number } from "../../words/format";
import { Crop } from "./Crop";

const PIXELS = 1024;

function close(): void {
  opened.value = null;
}

export function Opened() {
  const now = opened.value;
  const example = now?.all[now.nth];
  return now && example ? <Window {...now} example={example} /> : null;
}

function Window({ all, nth, examples, example }: NonNullable<typeof opened.value> & { example: Example }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const names = classNamesOf(examples);
  const walk = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (by) walkOpened(by);
    // Steps and tiles behind the window stay where they are.
    if (event.key !== "Escape" && event.key !== "Tab" && event.key !== "Enter" && event.key !== " ")
      event.preventDefault();
  };
  const layer = examples.ref.tag.replace(/^examples\//, "");
  return (
    <dialog
      class="opened"
      ref={dialog}
      aria-label={`Example ${nth + 1} of ${all.length} of filter ${example.filter}`}
      onClose={close}
      onKeyDown={walk}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <div class="opened-head">
        <h2>{labelName(example.label, names) || `picture ${example.picture}`}</h2>
        <span class="quiet">
          {nth + 1} of {all.length}
        </span>
        <span class="spring" />
        <IconButton label="Previous example" icon="left" disabled={nth === 0} onClick={() => walkOpened(-1)} />
        <IconButton label="Next example" icon="right" disabled={nth === all.length - 1} onClick={() => walkOpened(1)} />
        <IconButton label="Close" icon="cross" onClick={close} />
      </div>
      <div class="opened-picture" role="img" aria-label={describeExample(example, names)}>
        <Crop example={example} whole pixels={PIXELS} />
      </div>
      <p>
        Filter <b>{example.filter}</b> of {layer} responds with <b>{number(example.activation)}</b>
        {placeOf(example)} <span class="quiet">Picture {example.picture}</span>
      </p>
    </dialog>
  );
}

/** Where it responds, and what it sees from there; a layer without positions sees the whole picture. */
function placeOf({ position, seen, size, centre }: Example): string {
  if (position.length === 0) return " to the whole picture.";
  const place = position.length > 1 ? `row ${position[0]}, column ${position[1]}` : `position ${position[0]}`;
  const all = seen.width >= size[1] && seen.height >= size[0];
  const part = all ? "the whole picture" : "the part outlined";
  return ` at ${place} of its feature map. From there it sees ${part}${centre ? ", around the ring" : ""}.`;
}

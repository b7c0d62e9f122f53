// Help dialog: keyboard shortcuts, and how to read the page.

import { useEffect, useRef, useState } from "preact/hooks";
import READING from "../../../../docs/reading.md";
import { HELP } from "../../state/shortcuts";
import { helpOpen } from "../../state/store";
import { IconButton } from "../../ui/Button";
import { Switch } from "../../ui/Switch";

const PAGES = [
  { value: true, text: "How to read this" },
  { value: false, text: "Keys" },
];

function close(): void {
  helpOpen.value = false;
}

export function HelpDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const [reading, setReading] = useState(true);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click outside the dialog closes it, as Esc does natively
    <dialog
      class="help-dialog"
      ref={dialog}
      aria-label="Help"
      onClose={close}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <div class="help-dialog-head">
        <h2 class="offscreen">Help</h2>
        <Switch label="Help topic" value={reading} choices={PAGES} pick={setReading} />
        <IconButton label="Close" icon="cross" onClick={close} />
      </div>
      {reading ? <Reading /> : <Keys />}
    </dialog>
  );
}

function Keys() {
  return (
    <>
      {HELP.map(({ group, lines }) => (
        <section key={group}>
          <h3>{group}</h3>
          <dl>
            {lines.map(({ keys, text }) => (
              <div key={text}>
                <dt>{text}</dt>
                <dd>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </>
  );
}

function Reading() {
  return (
    <div class="reading">
      {READING.map(([title, hints]) => (
        <section key={title}>
          <h3>{title}</h3>
          {hints.map(([hint, text]) => (
            <p key={hint}>
              <b>{hint}.</b> {text}
            </p>
          ))}
        </section>
      ))}
    </div>
  );
}

// The table of keys and the hints for reading -> the help sheet.

import { useEffect, useRef, useState } from "preact/hooks";
import { HELP } from "../../state/keys";
import { helpOpen } from "../../state/store";
import { Icon } from "../../ui/Icon";
import { READING } from "../../words/reading";

export function Shortcuts() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const [reading, setReading] = useState(false);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside a dialog closes it, as Esc does by itself
    <dialog
      class="sheet"
      ref={dialog}
      aria-label="Help"
      onClose={() => (helpOpen.value = false)}
      onClick={(event) => {
        if (event.target === dialog.current) helpOpen.value = false;
      }}
    >
      <div class="sheet-head">
        <h2 class="offscreen">Help</h2>
        <div class="switch" role="group" aria-label="What to explain">
          <button type="button" aria-pressed={reading} onClick={() => setReading(true)}>
            How to read this
          </button>
          <button type="button" aria-pressed={!reading} onClick={() => setReading(false)}>
            Keys
          </button>
        </div>
        <button type="button" class="icon-button" aria-label="Close" onClick={() => (helpOpen.value = false)}>
          <Icon name="cross" />
        </button>
      </div>
      {reading ? <Reading /> : <Keys />}
    </dialog>
  );
}

function Keys() {
  const groups = [...new Set(HELP.map((entry) => entry.group))];
  return (
    <>
      {groups.map((group) => (
        <section key={group}>
          <h3>{group}</h3>
          <dl>
            {HELP.filter((entry) => entry.group === group).map(({ keys, text }) => (
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
      {READING.map(({ title, hints }) => (
        <section key={title}>
          <h3>{title}</h3>
          {hints.map((hint) => (
            <p key={hint.title}>
              <b>{hint.title}.</b> {hint.text}
            </p>
          ))}
        </section>
      ))}
    </div>
  );
}

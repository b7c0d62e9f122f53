// The table of keys -> the help sheet.

import { useEffect, useRef } from "preact/hooks";
import { HELP } from "../keys";
import { helpOpen } from "../state";
import { Icon } from "./icons";

export function Shortcuts() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const groups = [...new Set(HELP.map((entry) => entry.group))];
  return (
    <dialog
      class="sheet"
      ref={dialog}
      aria-label="Keyboard shortcuts"
      onClose={() => (helpOpen.value = false)}
      onClick={(event) => event.target === dialog.current && (helpOpen.value = false)}
    >
      <div class="sheet-head">
        <h2>Keyboard shortcuts</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={() => (helpOpen.value = false)}>
          <Icon name="cross" />
        </button>
      </div>
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
    </dialog>
  );
}

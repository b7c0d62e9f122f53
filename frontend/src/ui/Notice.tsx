// A quiet line that the user may close.

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon";

/** Notes the user has read, until the page is loaded again. */
const read = signal<ReadonlySet<string>>(new Set());

interface Props {
  readonly icon: IconName;
  readonly tone: "warn" | "info";
  /** Names the note, so that it stays closed. */
  readonly text: string;
  readonly close?: boolean;
  readonly children: ComponentChildren;
}

export function Notice({ icon, tone, text, close = false, children }: Props) {
  if (read.value.has(text)) return null;
  return (
    <div class={`notice notice-${tone}`} role="status">
      <Icon name={icon} />
      <p>{children}</p>
      {close && (
        <button
          type="button"
          class="icon-button"
          aria-label="Close this note"
          title="Close"
          onClick={() => (read.value = new Set(read.value).add(text))}
        >
          <Icon name="cross" />
        </button>
      )}
    </div>
  );
}

// Notice: a quiet line that the user may close.

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { IconButton } from "./Button";
import { Icon, type IconName } from "./Icon";

/** Notices dismissed since the page was loaded. */
const read = signal<ReadonlySet<string>>(new Set());

interface Props {
  readonly icon: IconName;
  readonly tone: "warn" | "info";
  /** Identifies the notice, so that it stays dismissed. */
  readonly text: string;
  readonly close?: boolean;
  readonly children: ComponentChildren;
}

export function Notice({ icon, tone, text, close = false, children }: Props) {
  if (read.value.has(text)) return null;
  return (
    <div class={`strip notice notice-${tone}`} role="status">
      <Icon name={icon} />
      <p>{children}</p>
      {close && (
        <IconButton
          label="Dismiss this notice"
          title="Dismiss"
          icon="cross"
          onClick={() => (read.value = new Set(read.value).add(text))}
        />
      )}
    </div>
  );
}

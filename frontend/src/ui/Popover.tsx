// Popover: a button that opens a panel with anything in it.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { type Placing, usePopover } from "./usePopover";

interface Props extends Placing {
  readonly name: string;
  readonly title?: string;
  readonly class?: string;
  /** What the button shows. */
  readonly button: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Popover({ name, title = name, class: more = "", button, children, ...placing }: Props) {
  const { open, panel, buttonProps, panelProps } = usePopover(placing);
  useEffect(() => {
    if (open) panel.current?.focus();
  }, [open]);
  return (
    <div class={`panel ${more}`}>
      <button type="button" class="text-button" aria-label={name} aria-haspopup="dialog" title={title} {...buttonProps}>
        {button}
      </button>
      <div class="popover panel-window" role="dialog" aria-label={name} tabIndex={-1} {...panelProps}>
        {open && children}
      </div>
    </div>
  );
}

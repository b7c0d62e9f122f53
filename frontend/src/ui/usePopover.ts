// Popover: a panel that opens from a button, over the page and next to the button.
// The browser closes it when something else is pressed or Esc is; so do another size of the page and the page around it.
// The focus then goes back to the button.

import type { TargetedToggleEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface Placing {
  /** Which edge of the box around button and panel the panel keeps to. */
  readonly side?: "left" | "right";
  /** Opens upwards, at the foot of the page. */
  readonly up?: boolean;
}

const GAP = 4;
let count = 0;

export function usePopover({ side = "left", up = false }: Placing) {
  const [id] = useState(() => `popover-${++count}`);
  const panel = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open) return;
    const hide = (): void => panel.current?.hidePopover();
    window.addEventListener("blur", hide);
    window.addEventListener("resize", hide);
    return () => {
      window.removeEventListener("blur", hide);
      window.removeEventListener("resize", hide);
    };
  }, [open]);
  const onBeforeToggle = ({ newState, currentTarget }: TargetedToggleEvent<HTMLDivElement>): void => {
    const opens = newState === "open";
    if (opens) place(currentTarget, side, up);
    // What is about to go must not take the focus with it; but the page around this one may have it by now.
    else if (document.hasFocus() && currentTarget.contains(document.activeElement)) buttonOf(currentTarget)?.focus();
    setOpen(opens);
  };
  return {
    open,
    panel,
    close: (): void => panel.current?.hidePopover(),
    buttonProps: { popovertarget: id, "aria-expanded": open },
    panelProps: { id, ref: panel, popover: "auto" as const, onBeforeToggle },
  };
}

function buttonOf(panel: HTMLElement | null): HTMLElement | null | undefined {
  return panel?.parentElement?.querySelector<HTMLElement>("[popovertarget]");
}

/** The top layer knows no parent: the place is that of the button, in pixels of the page. */
function place(panel: HTMLElement, side: "left" | "right", up: boolean): void {
  const box = panel.parentElement?.getBoundingClientRect();
  const button = buttonOf(panel)?.getBoundingClientRect();
  if (!box || !button) return;
  const [across, down] = [
    side === "left" ? box.left : innerWidth - box.right,
    up ? innerHeight - button.top : button.bottom,
  ];
  Object.assign(panel.style, { inset: "auto", minWidth: `${box.width}px` });
  panel.style[side] = `${across}px`;
  panel.style[up ? "bottom" : "top"] = `${down + GAP}px`;
}

// Popover: a panel that a button opens next to itself, in the top layer of the page.
// The browser closes it on Esc and on a press elsewhere; it also closes when the page is resized or loses the focus to
// the page around it. The focus goes back to the button.

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
    // The panel must not take the focus with it, unless the page around this one has it by now.
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

/** In the top layer no parent positions the panel: its offsets are those of the button, in pixels. */
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

// Roving focus: arrow keys move through a list of buttons, which is one stop of the Tab key.

/** Up and down choose the neighbour of the button in focus. */
export function walkList(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("button")];
  const next = items[items.indexOf(document.activeElement as HTMLElement) + by];
  next?.focus();
  next?.click();
  event.preventDefault();
}

// Arrow keys in a list of buttons -> the focus on the next one.

/** Up and down choose within the list; the list is one stop of the Tab key. */
export function walkList(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("button")];
  const next = items[items.indexOf(document.activeElement as HTMLElement) + by];
  next?.focus();
  next?.click();
  event.preventDefault();
}

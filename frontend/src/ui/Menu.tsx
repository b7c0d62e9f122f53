// Menu: a button that opens a list to choose from. Arrows move, Enter picks, Esc closes.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "./Icon";
import { type Placing, usePopover } from "./usePopover";

export interface Option<T> {
  readonly value: T;
  readonly label: string;
  readonly view: ComponentChildren;
}

/** An option with a line of explanation. */
export function explained<T>(value: T, label: string, hint: string): Option<T> {
  const view = (
    <span class="option-explained">
      <span>{label}</span>
      {hint && <span class="quiet">{hint}</span>}
    </span>
  );
  return { value, label, view };
}

interface Props<T> extends Placing {
  readonly name: string;
  /** The chosen value; null where the entries are commands. */
  readonly value: T | null;
  readonly options: readonly Option<T>[];
  readonly pick: (value: T) => void;
  readonly children: ComponentChildren;
  /** The chosen values, where there may be several; the list then stays open. */
  readonly several?: ReadonlySet<T>;
  /** The chosen value in words, where `value` does not tell. */
  readonly label?: string;
}

export function Menu<T extends string>({ name, value, options, pick, children, several, label, ...placing }: Props<T>) {
  const { open, panel, close, buttonProps, panelProps } = usePopover(placing);
  const chosen = (option: Option<T>): boolean => (several ? several.has(option.value) : option.value === value);
  const said = label ?? options.find((option) => option.value === value)?.label;
  const commands = value === null;
  const role = commands ? "menuitem" : "option";
  const entries = (): HTMLElement[] => [...(panel.current?.querySelectorAll<HTMLElement>("button") ?? [])];

  useEffect(() => {
    if (open) (entries().find((entry) => entry.ariaSelected === "true") ?? entries()[0])?.focus();
  }, [open]);

  const pressKey = (event: KeyboardEvent): void => {
    const all = entries();
    const next = entryAfter(event.key, all.indexOf(document.activeElement as HTMLElement), all.length);
    if (next !== null) all[next]?.focus();
    else if (event.key === "Escape") close();
    else {
      if (event.key === "Tab") close();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const list = {
    ...panelProps,
    role: commands ? ("menu" as const) : ("listbox" as const),
    "aria-label": name,
    "aria-multiselectable": several ? true : undefined,
    onKeyDown: pressKey,
  };
  return (
    <div class="menu">
      <button
        type="button"
        class="field menu-button"
        aria-haspopup={list.role}
        aria-label={said ? `${name}: ${said}` : name}
        title={name}
        {...buttonProps}
      >
        {children}
        <Icon name="down" />
      </button>
      <div class="popover menu-list" {...list}>
        {open &&
          options.map((option) => {
            const selected = commands ? {} : { "aria-selected": chosen(option) };
            const press = (): void => {
              pick(option.value);
              if (!several) close();
            };
            return (
              <button key={option.value} type="button" role={role} onClick={press} {...selected}>
                <span class="menu-tick">{chosen(option) && <Icon name="check" />}</span>
                {option.view}
              </button>
            );
          })}
      </div>
    </div>
  );
}

/** The index of the entry that a key moves to; null for other keys. */
export function entryAfter(key: string, now: number, count: number): number | null {
  const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: count - 1 }[key];
  return next === undefined ? null : Math.max(0, Math.min(count - 1, next));
}

// Options and the chosen one -> a button that opens a list; arrows move, Enter picks, Esc closes.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./Icon";

export interface Option<T> {
  readonly value: T;
  readonly label: string;
  readonly view: ComponentChildren;
}

/** An option whose list entry has a line of explanation. */
export function explained<T>(value: T, label: string, hint: string): Option<T> {
  const view = (
    <span class="scope-option">
      <span>{label}</span>
      <span class="quiet">{hint}</span>
    </span>
  );
  return { value, label, view };
}

interface Props<T> {
  readonly name: string;
  readonly value: T;
  readonly options: readonly Option<T>[];
  readonly pick: (value: T) => void;
  readonly children: ComponentChildren;
  readonly side?: "left" | "right";
  /** What is chosen where that may be several; the list then stays open. */
  readonly several?: ReadonlySet<T>;
  /** In words what is chosen, where `value` does not say it. */
  readonly label?: string;
  /** Opens upwards, at the foot of the page. */
  readonly up?: boolean;
}

export function Menu<T extends string>({
  name,
  value,
  options,
  pick,
  children,
  side = "left",
  up = false,
  several,
  label,
}: Props<T>) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const chosen = (option: Option<T>): boolean => (several ? several.has(option.value) : option.value === value);
  const said = label ?? options.find((option) => option.value === value)?.label;

  useEffect(() => {
    if (!open) return;
    const outside = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    window.addEventListener("blur", outside);
    box.current?.querySelector<HTMLElement>("[aria-selected=true], [role=option]")?.focus();
    return () => {
      document.removeEventListener("pointerdown", outside);
      window.removeEventListener("blur", outside);
    };
  }, [open]);

  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const key = (event: KeyboardEvent): void => {
    const items = [...(box.current?.querySelectorAll<HTMLElement>("[role=option]") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) items[Math.max(0, Math.min(items.length - 1, to))]?.focus();
    else if (event.key === "Escape") close();
    else {
      if (event.key === "Tab") setOpen(false);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="menu" ref={box}>
      <button
        ref={button}
        class="field menu-button"
        type="button"
        aria-haspopup="listbox"
        aria-expanded={open}
        aria-label={said ? `${name}: ${said}` : name}
        title={name}
        onClick={() => setOpen(!open)}
      >
        {children}
        <Icon name="down" />
      </button>
      {open && (
        <div
          class={`menu-list menu-${side} ${up ? "menu-up" : ""}`}
          role="listbox"
          aria-label={name}
          aria-multiselectable={several ? true : undefined}
          onKeyDown={key}
        >
          {options.map((option) => (
            <button
              key={option.value}
              type="button"
              role="option"
              aria-selected={chosen(option)}
              onClick={() => {
                pick(option.value);
                if (!several) close();
              }}
            >
              <span class="menu-tick">{chosen(option) && <Icon name="check" />}</span>
              {option.view}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

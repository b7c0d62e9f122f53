// Switch: a row of choices, one of them pressed.

import { Icon, type IconName } from "./Icon";

export interface Choice<T> {
  readonly value: T;
  readonly text: string;
  readonly icon?: IconName;
  readonly title?: string | undefined;
  readonly disabled?: boolean;
}

interface Props<T> {
  readonly label: string;
  readonly value: T | null;
  readonly choices: readonly Choice<T>[];
  readonly pick: (value: T) => void;
  /** "icons" shows no text. */
  readonly look?: "icons" | "small" | "";
  readonly class?: string;
}

export function Switch<T extends string | boolean>({ label, value, choices, pick, look = "", class: more }: Props<T>) {
  const icons = look === "icons";
  const classes = ["switch", look && `switch-${look}`, more].filter(Boolean).join(" ");
  return (
    <div class={classes} role="group" aria-label={label}>
      {choices.map(({ value: own, text, icon, title, disabled }) => (
        <button
          key={String(own)}
          type="button"
          aria-pressed={own === value}
          aria-label={icons ? text : undefined}
          title={title}
          disabled={disabled}
          onClick={() => pick(own)}
        >
          {icon && <Icon name={icon} />}
          {icons ? null : icon ? <span>{text}</span> : text}
        </button>
      ))}
    </div>
  );
}

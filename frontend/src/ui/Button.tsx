// Buttons: one that is an icon, one that is quiet text, and one with an outline.

import type { ComponentChildren, ComponentProps } from "preact";
import { Icon, type IconName } from "./Icon";

interface Props extends Omit<ComponentProps<"button">, "icon" | "type" | "class"> {
  readonly class?: string;
  readonly icon?: IconName;
  readonly children?: ComponentChildren;
}

/** `label` is its accessible name, and its title unless another one is given. */
export function IconButton({ label, title = label, class: more, icon, children, ...rest }: Props & { label: string }) {
  return (
    <button type="button" class={named("icon-button", more)} aria-label={label} title={title} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

export function TextButton({ class: more, icon, children, ...rest }: Props) {
  return (
    <button type="button" class={named("text-button", more)} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

export function Button({ class: more, children, ...rest }: Props) {
  return (
    <button type="button" class={named("button", more)} {...rest}>
      {children}
    </button>
  );
}

function named(kind: string, more = ""): string {
  return more ? `${kind} ${more}` : kind;
}

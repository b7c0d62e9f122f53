// Slider: a thin line, filled up to its thumb, with or without an icon and a name.

import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon";

interface Props {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly value: number;
  readonly set: (value: number) => void;
  readonly class?: string;
  readonly title?: string;
  readonly disabled?: boolean;
  /** The value in words, where the number alone is not enough. */
  readonly "aria-valuetext"?: string;
}

export function Slider({ label, min, max, value, set, ...rest }: Props) {
  const filled = max > min ? (100 * (value - min)) / (max - min) : 0;
  return (
    <input
      type="range"
      min={min}
      max={max}
      value={value}
      style={{ "--filled": `${filled}%` }}
      aria-label={label}
      onInput={(event) => set(Number(event.currentTarget.value))}
      {...rest}
    />
  );
}

interface FieldProps {
  readonly icon: IconName;
  readonly name: string;
  readonly title: string;
  readonly off?: boolean;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A slider with its name before it and its value, or a button, after it. */
export function SliderField({ icon, name, title, off = false, class: more = "", children }: FieldProps) {
  return (
    <div class={`slider ${off ? "slider-off" : ""} ${more}`} role="group" aria-disabled={off} title={title}>
      <Icon name={icon} />
      <span class="field-name">{name}</span>
      {children}
    </div>
  );
}

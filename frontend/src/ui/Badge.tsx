// An icon and a word on what it stands beside; why, as soon as someone points at it.

import { Icon } from "./Icon";

export function Badge({
  icon,
  text,
  title,
  warn = false,
}: {
  icon: "lock" | "warning";
  text: string;
  title: string;
  warn?: boolean;
}) {
  return (
    <span class={`badge ${warn ? "badge-warn" : ""}`} title={title}>
      <Icon name={icon} />
      {text ? <span class="badge-text">{text}</span> : <span class="offscreen">{title}</span>}
    </span>
  );
}

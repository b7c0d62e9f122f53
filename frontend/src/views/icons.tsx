// Names -> line icons on a 16 px grid, drawn in the colour of the text.

const PATHS = {
  down: "M4 6l4 4 4-4",
  left: "M10 3L5 8l5 5",
  right: "M6 3l5 5-5 5",
  up: "M3 10l5-5 5 5",
  below: "M3 6l5 5 5-5",
  back: "M7.5 3.5L3 8l4.5 4.5M3 8h10",
  check: "M3 8.5l3.2 3L13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  lock: "M4 7.5h8v5.5H4zM5.5 7.5V5.4a2.5 2.5 0 015 0v2.1",
  warning: "M8 2.2L14.4 13.4H1.6zM8 6.4v3.4M8 11.4v.4",
  info: "M8 2a6 6 0 100 12A6 6 0 008 2zM8 7.4v3.8M8 4.8v.4",
  link: "M6.8 9.2a2.6 2.6 0 003.7 0l2.2-2.2a2.6 2.6 0 00-3.7-3.7l-.8.8M9.2 6.8a2.6 2.6 0 00-3.7 0L3.3 9a2.6 2.6 0 003.7 3.7l.8-.8",
  play: "M5 3l8 5-8 5z",
  pause: "M5.2 3.2v9.6M10.8 3.2v9.6",
  find: "M7 2.5a4.5 4.5 0 100 9 4.5 4.5 0 000-9zM10.4 10.4l3.4 3.4",
  opacity: "M8 2.5a5.5 5.5 0 100 11 5.5 5.5 0 000-11zM8 2.5v11M10.5 4v8M12.6 6v4",
  size: "M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

// Line icons on a 16 px grid, in the colour of the text.

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
  loop: "M3.5 6.5A5 5 0 0112.8 6M12.8 3v3h-3M12.5 9.5A5 5 0 013.2 10M3.2 13v-3h3",
  eye: "M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8zM8 6.2a1.8 1.8 0 100 3.6 1.8 1.8 0 000-3.6z",
  closed: "M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8zM3 13L13 3",
  pin: "M6 2.5h4M6.8 2.5v4.2L4.5 9.5h7L9.2 6.7V2.5M8 9.5v4.2",
  download: "M8 2.5v7.5M4.8 7L8 10.2 11.2 7M3 13h10",
  filter: "M2.5 3.5h11L9.5 8.5v4.5l-3-1.5v-3z",
  find: "M7 2.5a4.5 4.5 0 100 9 4.5 4.5 0 000-9zM10.4 10.4l3.4 3.4",
  opacity: "M8 2.5a5.5 5.5 0 100 11 5.5 5.5 0 000-11zM8 2.5v11M10.5 4v8M12.6 6v4",
  picture: "M2.5 3.5h11v9h-11zM2.5 11l3.5-3.5 3 3 2-2 2.5 2.5",
  over: "M2.5 2.5h8v8h-8zM5.5 13.5h8v-8M10.5 5.5h3v8h-8v-3",
  heat: "M8 2.5a5.5 5.5 0 100 11 5.5 5.5 0 000-11zM8 5.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5z",
  matrix: "M2.5 2.5h11v11h-11zM2.5 6.2h11M2.5 9.8h11M6.2 2.5v11M9.8 2.5v11",
  confusion: "M2.5 2.5h11v11h-11zM6.2 2.5v11M9.8 2.5v11M2.5 6.2h11M2.5 9.8h11M2.5 2.5l3.7 3.7M9.8 9.8l3.7 3.7",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  side: "M2.5 3.5h4.5v9h-4.5zM9 3.5h4.5v9H9z",
  swipe: "M2.5 3.5h11v9h-11zM8 1.5v13",
  blink: "M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8zM8 6.2a1.8 1.8 0 100 3.6 1.8 1.8 0 000-3.6z",
  difference: "M8 3v6M5 6h6M5 12.5h6",
  turned: "M3 6h9.5M10 3.5L12.5 6 10 8.5M13 10H3.5M6 7.5L3.5 10 6 12.5",
  size: "M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z",
  sliders:
    "M2.5 4.5h6M11.5 4.5h2M10 3a1.5 1.5 0 100 3 1.5 1.5 0 000-3zM2.5 11.5h2M7.5 11.5h6M6 10a1.5 1.5 0 100 3 1.5 1.5 0 000-3z",
  dot: "M8 6a2 2 0 100 4 2 2 0 000-4z",
  outline: "M2.5 2.5h11v11h-11zM8 4.8c2.2 0 3.4 1.4 3.2 3.4S9.6 11.4 8 11.2 4.6 9.8 4.8 8 5.8 4.8 8 4.8z",
  pencil: "M3 13l.8-3L10.6 3.2l2.2 2.2L6 12.2zM9.2 4.6l2.2 2.2",
  panel: "M2.5 3h11v10h-11zM6 3v10",
  flag: "M4 14V2.5M4 3h8l-2 2.75 2 2.75H4",
  expand: "M9.5 2.5h4v4M13.5 2.5L9 7M6.5 13.5h-4v-4M2.5 13.5L7 9",
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

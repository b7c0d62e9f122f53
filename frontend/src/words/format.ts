// Formatting of numbers, shapes and times.

/** Few significant digits, no exponent for everyday sizes, a true minus sign. */
export function number(value: number | null | undefined, significant = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "not finite";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const few = size < 1e-3 ? 2 : Math.max(significant, digits(Number(size.toPrecision(significant))));
  const text = size >= 1e5 || size < 1e-4 ? value.toExponential(1) : value.toPrecision(few);
  return text.replaceAll("-", "\u2212");
}

/** Digits before the point, so that 12345 is not cut to 12300, nor 99.7 to 1.0e+2. */
function digits(size: number): number {
  return Math.floor(Math.log10(Math.max(1, size))) + 1;
}

/** 0.913 -> "91 %"; small and large shares never round to a certainty they are not. */
export function percent(share: number | null): string {
  if (share === null) return "";
  if (share > 0 && share < 0.01) return "<\u20091\u2009%";
  if (share < 1 && share > 0.99) return ">\u200999\u2009%";
  return `${Math.round(share * 100)}\u2009%`;
}

/** [150, 150, 64] -> "150 × 150 × 64"; an open size is "?". */
export function shape(sizes: readonly (number | null)[]): string {
  return sizes.map((size) => size ?? "?").join("\u2009\u00d7\u2009");
}

/** Seconds a computation took; nothing where a log does not say. */
export function duration(seconds: number | null | undefined): string {
  if (seconds == null) return "";
  if (seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** How long ago a wall time is, roughly. */
export function ago(wallTime: number, now: number): string {
  const seconds = Math.max(0, now - wallTime);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86400);
  return days === 1 ? "1 day ago" : `${days} days ago`;
}

/** A wall time in the reader's own time zone and language. */
export function clock(wallTime: number): string {
  return new Date(wallTime * 1000).toLocaleString(undefined, {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}

/** "vgg16/block5_conv3" -> ["vgg16/", "block5_conv3"]. */
export function split(path: string): [string, string] {
  const at = path.lastIndexOf("/") + 1;
  return [path.slice(0, at), path.slice(at)];
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** 0.0001 -> "1e−4": how learning rates are written. */
export function power(value: number): string {
  return value.toExponential(1).replace(".0e", "e").replace("e+", "e").replaceAll("-", "\u2212");
}

/** "block_13_expand_relu" -> "b13er": the name of a layer where there is space for no more. */
export function initials(layer: string): string {
  const parts = split(layer)[1].match(/[A-Za-z]+|\d+/g) ?? [];
  return parts.map((part) => (/\d/.test(part) ? part : part.charAt(0))).join("");
}

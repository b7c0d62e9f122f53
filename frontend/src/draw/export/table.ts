// Facts of many steps -> one table as CSV; names that a file may have.

export interface Row {
  readonly step: number;
  readonly at: number;
  readonly tiles: readonly object[];
}

/** One line per step and tile; the columns are whatever numbers the log holds, in the order they appear. */
export function table(about: Readonly<Record<string, string>>, rows: readonly Row[]): string {
  const names = new Set<string>();
  for (const tile of rows.flatMap((row) => row.tiles)) {
    for (const [name, value] of Object.entries(tile)) if (value === null || typeof value !== "object") names.add(name);
  }
  const head = [...Object.keys(about), "step", "wall_time", ...names];
  const lines = rows.flatMap(({ step, at, tiles }) =>
    tiles.map((tile) => [
      ...Object.values(about),
      step,
      at,
      ...[...names].map((name) => (tile as Record<string, unknown>)[name]),
    ]),
  );
  return `${[head, ...lines].map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** A text that a spreadsheet would take for a formula gets a quote before it: a log may hold anything. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = /^[=+\-@\t\r]/.test(String(value)) ? `'${String(value)}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** "clean", "vgg16/conv3", "filter 12", "step 7" -> "clean_vgg16-conv3_filter-12_step-7". */
export function fileName(...parts: readonly string[]): string {
  return parts
    .map((part) => part.replace(/[^\p{L}\p{N}_.]+/gu, "-").replace(/^[-.]+|-+$/g, "") || "-")
    .join("_")
    .slice(0, 180);
}

// Text out of an address -> a value, or null where it is none.

export function whole(value: string | undefined, least: number, most: number): number | null {
  if (value === undefined || !/^\d{1,10}$/.test(value)) return null;
  const number = Number(value);
  return number >= least && number <= most ? number : null;
}

export function oneOf<T extends string>(allowed: readonly T[], value: string | undefined): T | null {
  return allowed.find((name) => name === value) ?? null;
}

/** Names in one text; runs may be called anything, so what separates them is escaped. */
export function joinNames(names: readonly string[]): string {
  return names.map((name) => name.replaceAll("%", "%25").replaceAll(",", "%2C")).join(",");
}

export function splitNames(text: string): string[] {
  return text
    .split(",")
    .filter(Boolean)
    .map((name) => name.replaceAll("%2C", ",").replaceAll("%25", "%"));
}

// Codecs of single address fields: the text of a field -> its value, and the value where the text says none.

export interface Field<T> {
  /** Its key in the address, where that is not its name. */
  readonly key?: string;
  readonly fallback: T;
  /** null where the text is no value of the field. */
  readonly parse: (text: string) => T | null;
}

export function key<T>(key: string, field: Field<T>): Field<T> {
  return { ...field, key };
}

/** A whole number within bounds, as nothing but digits. */
export function whole(text: string | undefined, least: number, most: number): number | null {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return null;
  const number = Number(text);
  return number >= least && number <= most ? number : null;
}

export function int<F extends number | null>(least: number, most: number, fallback: F): Field<number | F> {
  return { fallback, parse: (text) => whole(text, least, most) };
}

/** A number within bounds with at most two decimals, as the page writes it. */
export function decimal(least: number, most: number, fallback: number): Field<number> {
  const parse = (text: string): number | null => {
    const number = /^\d{1,6}(\.\d{1,2})?$/.test(text) ? Number(text) : Number.NaN;
    return number >= least && number <= most ? number : null;
  };
  return { fallback, parse };
}

/** A step, or the number of a tile. */
export const count = int(0, 2 ** 31, null);

export function oneOf<const T extends string, F extends T | null>(allowed: readonly T[], fallback: F): Field<T | F> {
  return { fallback, parse: (text) => allowed.find((name) => name === text) ?? null };
}

export const name: Field<string | null> = { fallback: null, parse: (text) => text };

/** Text in a form of its own; `parse` gives null, or another text, where it is not in that form. */
export function text(fallback = "", parse: (text: string) => string | null = (text) => text): Field<string> {
  return { fallback, parse };
}

export function matching(pattern: RegExp, fallback = ""): Field<string> {
  return text(fallback, (text) => (pattern.test(text) ? text : null));
}

export const flag: Field<boolean> = { fallback: false, parse: (text) => text === "true" };

export function either<A, B>(one: Field<A>, other: Field<B>): Field<A | B> {
  return { fallback: one.fallback, parse: (text) => one.parse(text) ?? other.parse(text) };
}

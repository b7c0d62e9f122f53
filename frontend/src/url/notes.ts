// Notes on tiles <-> their text in the browser's memory.

/** Notes by what they are of. */
export type Notes = Readonly<Record<string, string>>;

/** More than a browser may hold of all pages together is no note. */
export const LONGEST = 200;

export function parseNotes(text: string): Notes {
  try {
    const held: unknown = JSON.parse(text || "{}");
    if (typeof held !== "object" || held === null || Array.isArray(held)) return {};
    return Object.fromEntries(
      Object.entries(held).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
    );
  } catch {
    return {};
  }
}

/** With the note, or without one where it is empty. */
export function noted(notes: Notes, key: string, text: string): Notes {
  const { [key]: _, ...others } = notes;
  const short = text.trim().slice(0, LONGEST);
  return short ? { ...others, [key]: short } : others;
}

// Shortcuts: the command of a key press, the key in a button's title, and the list in the help sheet.

import { ALL, COMMANDS, type Command, type CommandId } from "./commands";

type Press = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">;

/** The command of a key press; keys with Ctrl, Cmd or Alt belong to the browser. */
export function commandOf({ key, shiftKey, ctrlKey, metaKey, altKey }: Press): string | null {
  if (ctrlKey || metaKey || altKey) return null;
  const name = key === " " ? "Space" : key.length === 1 ? key.toUpperCase() : key;
  const bound = (wanted: string) => ALL.find(({ keys }) => keys.split(" ").includes(wanted));
  // "?" needs Shift on most keyboards: only named keys tell the two apart.
  const command = (shiftKey && bound(`Shift+${name}`)) || (shiftKey && name.length > 1 ? null : bound(name));
  return command?.id ?? null;
}

const SHOWN: Readonly<Record<string, string>> = { Left: "\u2190", Right: "\u2192", Up: "\u2191", Down: "\u2193" };

/** The key of a command as the page prints it. */
export function keyOf(id: string): string {
  const key = ALL.find((one) => one.id === id)?.keys.split(" ")[0] ?? "";
  return key
    .replace(/Arrow(\w+)/, (_, way: string) => SHOWN[way] ?? way)
    .replace("+", key.length > 1 ? " " : "+")
    .replace("Escape", "Esc")
    .replace("-", "\u2212");
}

/** The title of a button that does the same as a key. */
export function withKey(text: string, id: CommandId): string {
  return `${text} (${keyOf(id)})`;
}

/** The list in the help dialog: groups of lines, each with the keys of the commands that share it. */
export const HELP = Object.entries<readonly Command[]>(COMMANDS).map(([group, commands]) => {
  const lines: { readonly text: string; readonly keys: string[] }[] = [];
  for (const { id, help } of commands) {
    if (help) lines.push({ text: help, keys: [] });
    lines.at(-1)?.keys.push(keyOf(id));
  }
  return { group, lines };
});

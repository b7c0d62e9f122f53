// What this browser remembers between two visits, as text by name; a browser may refuse to.

export function read(name: string): string {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

export function write(name: string, text: string): void {
  try {
    localStorage.setItem(name, text);
  } catch {
    // Then it is forgotten when the page is left.
  }
}

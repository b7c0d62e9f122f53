// docs/reading.md -> the chapters of the help dialog, taken when building: the page and the tab say the same.

import type { Plugin } from "vite";

/** A hint: what it says in bold, and the rest. */
export type Hint = readonly [title: string, text: string];
export type Chapter = readonly [title: string, hints: readonly Hint[]];

/** Makes `import` of the page give its chapters. */
export function reading(): Plugin {
  return {
    name: "reading",
    transform: (page, id) => (id.endsWith(".md") ? `export default ${JSON.stringify(chapters(page))}` : null),
  };
}

/** What is no hint (the introduction, pictures) is for the page alone. */
export function chapters(page: string): Chapter[] {
  return page
    .split(/^## /m)
    .slice(1)
    .map((chapter) => [chapter.slice(0, chapter.indexOf("\n")), hints(chapter)]);
}

function hints(chapter: string): Hint[] {
  return chapter.split("\n\n").flatMap((paragraph): Hint[] => {
    const [, title, text] = /^\*\*(.+?)\.\*\* (.+)$/.exec(paragraph.trim().replace(/\s+/g, " ")) ?? [];
    return title && text ? [[title, text]] : [];
  });
}

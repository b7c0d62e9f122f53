import { expect, it } from "vitest";
import page from "../../docs/reading.md?raw";
import { chapters } from "../reading";

it("the help dialog has every hint of the page, without its marks", () => {
  const all = chapters(page);
  expect(all.map(([title]) => title)).toEqual(page.match(/(?<=^## ).+$/gm));
  expect(all.flatMap(([, hints]) => hints)).toHaveLength(page.match(/^\*\*/gm)?.length ?? 0);
  for (const text of all.flat(3)) expect(text).not.toMatch(/[*#\n[\]]|\s\s/);
});

it("a hint is a bold sentence and what follows it", () => {
  const page = "# Page\n\nIntroduction.\n\n## One\n\n![A picture](a.png)\n\n**First.** Some\nwords.\n";
  expect(chapters(page)).toEqual([["One", [["First", "Some words."]]]]);
});

import { expect, it } from "vitest";
import page from "../../../docs/reading.md?raw";
import { READING } from "../../src/words/reading";

const flat = (text: string): string => text.replace(/\s+/g, " ");

it("the page of the documentation says what the help sheet says", () => {
  for (const { title, hints } of READING) {
    expect(page).toContain(`## ${title}\n`);
    for (const hint of hints) expect(flat(page)).toContain(`**${hint.title}.** ${hint.text}`);
  }
});

import { expect, it } from "vitest";

const SOURCES = import.meta.glob<string>("../src/*/**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
const IMPORT = /^(?:import|export)\s(type\s)?(?:[^;"]*?\sfrom\s)?"(\.[^"]+)"/gm;
/** Of each room those whose values it may import; types of what is loaded and drawn may be named in all of them. */
const MAY: Readonly<Record<string, string>> = {
  words: "",
  data: "words",
  draw: "words data",
  url: "words data draw",
  state: "words data draw url",
  ui: "words draw",
  views: "words data draw url state ui host",
};
const NAMED = "data draw";

it("no import runs against the arrow between the rooms", () => {
  const against = Object.entries(SOURCES).flatMap(([file, text]) => {
    const room = file.split("/")[2] ?? "";
    const may = [room, ...(MAY[room] ?? "").split(" ")];
    return [...text.matchAll(IMPORT)]
      .map(
        ([, type, address = ""]) => [type, new URL(address, `file:///${file}`).pathname.split("/")[2] ?? ""] as const,
      )
      .filter(([type, to]) => !may.includes(to) && !(type && room !== "ui" && NAMED.includes(to)))
      .map(([, to]) => `${file} imports ${to}`);
  });
  expect(Object.keys(SOURCES).length).toBeGreaterThan(80);
  expect(against).toEqual([]);
});

// The licences of what the bundle holds, in a file beside it: Vite lists the packages whose modules are in it.

import type { Plugin } from "vite";

export const FILE = "licenses.md";
/** Its colours are in the bundle, taken when building (stops.ts), but none of its modules. */
const COLOURS = "node_modules/d3-scale-chromatic";

/** Adds the licence of the colour maps to those that Vite has found. */
export function licences(): Plugin {
  return {
    name: "licences",
    apply: "build",
    generateBundle: {
      order: "post",
      async handler(_, bundle) {
        const file = bundle[FILE];
        if (file?.type !== "asset") throw new Error(`${FILE}: Vite has not made it`);
        const read = (name: string) => this.fs.readFile(`${COLOURS}/${name}`, { encoding: "utf8" });
        const { name, version } = JSON.parse(await read("package.json"));
        file.source = `${file.source}\n## ${name} - ${version} (ISC), its colour maps\n\n${await read("LICENSE")}`;
      },
    },
  };
}

import { defineConfig } from "vite";
import { stops } from "./stops.ts";

// One ES module with its styles inside: TensorBoard imports exactly one file, and Safari resolves
// further relative imports differently (docs/http_api.md, route plugin/convviz/index.js).
export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  define: { "process.env.NODE_ENV": JSON.stringify("production"), COLOUR_STOPS: JSON.stringify(stops()) },
  build: {
    target: "es2022",
    outDir: "../convviz_tb/static",
    emptyOutDir: true,
    // Vite leaves the blanks in a library's ES module, meant for other bundlers: nobody bundles this one.
    rolldownOptions: { output: { minify: true } },
    lib: { entry: "src/main.tsx", formats: ["es"], fileName: () => "index.js" },
  },
});

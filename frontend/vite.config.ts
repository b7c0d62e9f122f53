/// <reference types="vitest/config" />
import { defineConfig } from "vite";
import { constants } from "./constants.ts";
import { FILE, licences } from "./licences.ts";
import { reading } from "./reading.ts";
import { stops } from "./stops.ts";

// One ES module with its styles inside: TensorBoard imports exactly one file, and Safari resolves
// further relative imports differently (docs/http_api.md, route plugin/convviz/index.js).
export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  define: {
    "process.env.NODE_ENV": JSON.stringify("production"),
    COLOUR_STOPS: JSON.stringify(stops()),
  },
  plugins: [reading(), licences()],
  css: { postcss: { plugins: [constants()] } },
  // Tests read the styles; by itself vitest hands out empty ones.
  test: { css: true },
  build: {
    target: "es2022",
    outDir: "../convviz_tb/static",
    emptyOutDir: true,
    license: { fileName: FILE },
    // Vite leaves blanks and remarks in a library for the next bundler: nobody bundles this one.
    rolldownOptions: { output: { minify: true, comments: { annotation: false } } },
    lib: { entry: "src/main.tsx", formats: ["es"], fileName: () => "index.js" },
  },
});

// What is on screen -> files in the user's download folder.

import { signal } from "@preact/signals";
import { fetchReport } from "../../data/api";
import type { HeatmapTile } from "../../data/contract";
import { loadFacts } from "../../data/facts";
import { refAt } from "../../data/series";
import { type Loaded, load } from "../../data/sheets";
import { positionOf } from "../../data/tiles";
import { animation, archive, mosaic, type Page, png, type Shot } from "../../draw/export/compose";
import { fileName, type Row, table } from "../../draw/export/table";
import { className } from "../../words/classification";
import { besideRuns, comparing } from "../compare";
import { searchedSteps, showsExamples } from "../examples";
import { matrixTiles } from "../matrixRows";
import { noteOf } from "../notes";
import { screenOf } from "../slot";
import { classes, entry, place, row, runs, screen, view, wantedAt } from "../store";
import { arranged } from "../tileOrder";
import { asFacts, examplesOfStep, favouritesShot, linesOf } from "./exampleShots";
import { filterShots, keyOf, shotOf, titleOf } from "./shots";

export type Save = "tile" | "filters" | "sheet" | "filmstrip" | "gif" | "zip" | "csv" | "examples" | "report";

/** How far the present save is, or what went wrong with the last one. */
export const saving = signal<{ readonly done: number; readonly total: number } | null>(null);
export const fault = signal("");

let stop = new AbortController();
const AT_ONCE = 6;
const DELAY = 400;

export function cancel(): void {
  stop.abort();
}

export async function save(what: Save): Promise<void> {
  stop = new AbortController();
  fault.value = "";
  saving.value = { done: 0, total: 0 };
  try {
    const { blob, name } = await MAKERS[what](stop.signal);
    if (!stop.signal.aborted) hand(blob, name);
  } catch (error) {
    if (!stop.signal.aborted) fault.value = error instanceof Error ? error.message : String(error);
  } finally {
    saving.value = null;
  }
}

interface File {
  readonly blob: Blob;
  readonly name: string;
}

const MAKERS: Record<Save, (signal: AbortSignal) => Promise<File>> = {
  async tile() {
    const loaded = onScreen();
    const page = { title: titleOf(loaded), rows: [[shotOf(loaded, tile())]], key: keyOf(loaded) };
    return { blob: await png(mosaic(page)), name: `${named(`step ${loaded.ref.step}`, word())}${way()}.png` };
  },
  async filters(signal) {
    const loaded = onScreen();
    const shots = await filterShots(loaded, tile(), signal);
    const page = { title: titleOf(loaded, `what the filters see of ${word()}`), rows: inRows(shots), key: null };
    return { blob: await png(mosaic(page)), name: `${named(`step ${loaded.ref.step}`, `${word()} filters`)}.png` };
  },
  async sheet(signal) {
    const loaded = onScreen();
    const [page, last] = await pageOf(loaded, signal);
    return { blob: await png(mosaic(page)), name: `${named(last)}${way()}.png` };
  },
  async filmstrip(signal) {
    const loaded = onScreen();
    const shots = (await series(signal)).map(({ shot }) => shot);
    const page = { title: titleOf(loaded, `${word()} at all steps`), rows: [shots], key: keyOf(loaded) };
    return { blob: await png(mosaic(page)), name: `${named("steps", word())}.png` };
  },
  async gif(signal) {
    const shots = await series(signal);
    return {
      blob: await animation(
        shots.map((one) => one.shot),
        DELAY,
      ),
      name: `${named("steps", word())}.gif`,
    };
  },
  async zip(signal) {
    const shots = await series(signal);
    const digits = String(shots.at(-1)?.step ?? 0).length;
    const files = shots.map(({ step, shot }) => ({
      name: `${named(`step ${String(step).padStart(digits, "0")}`, word())}.png`,
      canvas: shot.canvas,
    }));
    const csv = { name: `${named("numbers")}.csv`, text: await numbers(signal) };
    return { blob: await archive(files, csv), name: `${named("steps", word())}.zip` };
  },
  async csv(signal) {
    return { blob: new Blob([await numbers(signal)], { type: "text/csv" }), name: `${named("numbers")}.csv` };
  },
  async examples(signal) {
    const all = await each(searchedSteps(), signal, (step) => examplesOfStep(step, signal));
    const { name, layer } = { name: entry.value?.name ?? "", layer: place.value?.layer ?? "" };
    const text = JSON.stringify({ run: name, layer, steps: all.map((own) => own && asFacts(own)) }, null, 1);
    return {
      blob: new Blob([text], { type: "application/json" }),
      name: `${fileName(name, "examples", layer)}.json`,
    };
  },
  async report(signal) {
    const { run, name } = entry.value ?? { run: "", name: "runs" };
    const page = await fetchReport([run, ...besideRuns.value], signal);
    return { blob: new Blob([page], { type: "text/html" }), name: `${fileName(name, "report")}.html` };
  },
};

/** The tiles as they are on screen, and what the name of the file ends with. */
async function pageOf(loaded: Loaded, signal: AbortSignal): Promise<[Page, string]> {
  if (view.value.layout === "matrix") return [await matrixOf(loaded, signal), "steps"];
  if (loaded.kind === "patterns" && showsExamples()) return [await linesOf(loaded, signal), `step ${loaded.ref.step}`];
  const ids = arranged(loaded).map(({ id }) => id);
  const step = `step ${loaded.ref.step}`;
  if (besideRuns.value.length > 0) return [columnsOf(loaded, ids), `${step} runs`];
  const rows = inRows(ids.map((id) => shotOf(loaded, id)));
  return [{ title: titleOf(loaded), rows, key: keyOf(loaded) }, step];
}

/** As many across as down. */
function inRows(shots: readonly Shot[]): Shot[][] {
  const across = Math.ceil(Math.sqrt(shots.length));
  return Array.from({ length: Math.ceil(shots.length / across) }, (_, line) =>
    shots.slice(line * across, (line + 1) * across),
  );
}

/** Runs across, tiles down. */
function columnsOf(loaded: Loaded, ids: readonly number[]): Page {
  const columns = [loaded, ...besideRuns.value.map((run) => screenOf(run).loaded)];
  const heads = columns.map((column) => {
    const run = runs.value?.find((own) => own.run === column?.ref.run);
    return column ? `${run?.name ?? column.ref.run}, step ${column.ref.step}` : "";
  });
  const rows = ids.map((id) => columns.map((column) => (column && has(column, id) ? shotOf(column, id) : null)));
  return { title: titleOf(loaded), heads, rows, key: keyOf(loaded) };
}

/** Steps across, tiles down. */
async function matrixOf(loaded: Loaded, signal: AbortSignal): Promise<Page> {
  const ids = matrixTiles(loaded);
  const columns = await each(steps(), signal, async (step) => {
    if (showsExamples()) {
      const examples = await examplesOfStep(step, signal);
      return ids.map((id) => examples && favouritesShot(examples, id));
    }
    const wanted = wantedAt(step);
    const own = wanted && (await load(wanted, signal));
    // Drawn at once: the next sheets may push this one out of the memory.
    return ids.map((id) => (own && has(own, id) ? { ...shotOf(own, id), text: "" } : null));
  });
  const rows = ids.map((_, line) => columns.map((column) => column[line] ?? null));
  const names = ids.map((id) => `${place.value?.kind === "heatmaps" ? "picture" : "filter"} ${id}`);
  const heads = steps().map((step) => `step ${step}`);
  return { title: titleOf(loaded, "all steps"), heads, names, rows, key: keyOf(loaded) };
}

function has(loaded: Loaded, id: number): boolean {
  return positionOf(loaded, id, classes.value) >= 0;
}

/** How A and B are compared, as the end of a file's name. */
function way(): string {
  return comparing.value && view.value.layout === "tiles" ? `_${view.value.compareMode}` : "";
}

function onScreen(): Loaded {
  const { loaded } = screen.value;
  if (!loaded) throw new Error("nothing is on screen");
  return loaded;
}

function tile(): number {
  return view.value.tile ?? 0;
}

function word(): string {
  return `${place.value?.kind === "heatmaps" ? "picture" : "filter"} ${tile()}`;
}

function named(last: string, unit = ""): string {
  const at = place.value;
  const kind = showsExamples() && view.value.tile === null ? "examples" : (at?.kind ?? "");
  return fileName(...[entry.value?.name ?? "", kind, at?.layer ?? "", unit, last].filter(Boolean));
}

/** The enlarged tile at every stored step that has it. */
async function series(signal: AbortSignal): Promise<{ step: number; shot: Shot }[]> {
  const id = tile();
  const found = await each(steps(), signal, async (step) => {
    const wanted = wantedAt(step);
    const loaded = wanted && (await load(wanted, signal));
    return loaded && has(loaded, id) ? { step, shot: shotOf(loaded, id, `step ${step}`) } : null;
  });
  return found.filter((one) => one !== null);
}

async function numbers(signal: AbortSignal): Promise<string> {
  const [at, held] = [place.value, row.value];
  if (!at || !held) throw new Error("nothing is on screen");
  const words = wordsOf(at.run, held.series.tag);
  const rows = await each(steps(), signal, async (step): Promise<Row | null> => {
    const ref = refAt(at.run, held.series, step);
    if (!ref) return null;
    const { tiles } = await loadFacts<{ tiles: object[] }>(ref, signal);
    return { step, wallTime: ref.at, tiles: tiles.map((own) => ({ ...own, ...words(own) })) };
  });
  const about = { run: entry.value?.name ?? at.run, kind: at.kind, layer: held.layer };
  return table(
    about,
    rows.filter((one) => one !== null),
  );
}

/** The class of a map by name, and the note on a tile. */
function wordsOf(run: string, tag: string): (tile: Partial<HeatmapTile> & { filter?: number }) => object {
  const loaded = onScreen();
  const names = loaded.kind === "heatmaps" ? (loaded.inputs?.facts.class_names ?? []) : [];
  return ({ class_index, filter, image }) => {
    const note = noteOf(run, tag, filter ?? image ?? -1);
    return {
      ...(class_index === undefined ? {} : { class: className(names, class_index) }),
      ...(note ? { note } : {}),
    };
  };
}

function steps(): readonly number[] {
  return row.value?.series.steps ?? [];
}

/** `make` of each step, some at once, in order; tells how far it is. */
async function each<T>(all: readonly number[], signal: AbortSignal, make: (step: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < all.length; at = next++) {
      signal.throwIfAborted();
      made[at] = await make(all[at] as number);
      saving.value = { done: ++done, total: all.length };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return made;
}

function hand(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser reads the file after the click has returned.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// What is on screen -> files in the user's download folder.

import { signal } from "@preact/signals";
import { fetchReport } from "../../data/api";
import { loadFacts } from "../../data/facts";
import { refAt } from "../../data/series";
import { type Loaded, load } from "../../data/sheets";
import { positionOf } from "../../data/tiles";
import { drawHeatmap, drawPattern } from "../../draw/canvas";
import { animation, archive, mosaic, png, type Shot } from "../../draw/export/compose";
import { fileName, type Row, table } from "../../draw/export/table";
import { number, percent } from "../../words/format";
import { besideRuns } from "../compare";
import { styleOf } from "../heatmapStyle";
import { classes, entry, place, row, screen, view, wantedAt } from "../store";
import { arranged } from "../tileOrder";

export type Save = "tile" | "sheet" | "filmstrip" | "gif" | "zip" | "csv" | "report";

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
    const { canvas } = shotOf(loaded, tile());
    return { blob: await png(canvas), name: `${named(`step ${loaded.ref.step}`, word())}.png` };
  },
  async sheet() {
    const loaded = onScreen();
    const shots = arranged(loaded).map(({ id }) => shotOf(loaded, id, ""));
    const canvas = mosaic(shots, Math.ceil(Math.sqrt(shots.length)));
    return { blob: await png(canvas), name: `${named(`step ${loaded.ref.step}`)}.png` };
  },
  async filmstrip(signal) {
    const shots = await series(signal);
    return {
      blob: await png(
        mosaic(
          shots.map((one) => one.shot),
          shots.length,
        ),
      ),
      name: `${named("steps", word())}.png`,
    };
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
  async report(signal) {
    const { run, name } = entry.value ?? { run: "", name: "runs" };
    const page = await fetchReport([run, ...besideRuns.value], signal);
    return { blob: new Blob([page], { type: "text/html" }), name: `${fileName(name, "report")}.html` };
  },
};

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
  return fileName(...[entry.value?.name ?? "", at?.kind ?? "", at?.layer ?? "", unit, last].filter(Boolean));
}

function shotOf(loaded: Loaded, id: number, before = `step ${loaded.ref.step}  `): Shot {
  const at = positionOf(loaded, id, classes.value);
  if (at < 0) throw new Error("this tile is not stored at this step");
  return { text: before + figure(loaded, at, id), canvas: drawn(loaded, at) };
}

/** The tile as it is on screen, on a canvas of its own: for what leaves the page. */
function drawn(loaded: Loaded, at: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  if (loaded.kind === "patterns") drawPattern(canvas, loaded, at);
  else drawHeatmap(canvas, loaded, at, styleOf(loaded, at), { of: null, how: "", canvas: null });
  return canvas;
}

function figure(loaded: Loaded, at: number, id: number): string {
  if (loaded.kind === "patterns") return `${id}: ${number(loaded.facts.tiles[at]?.score)}`;
  return `${id}: ${percent(loaded.facts.tiles[at]?.probability ?? null)}`;
}

/** The enlarged tile at every stored step that has it. */
async function series(signal: AbortSignal): Promise<{ step: number; shot: Shot }[]> {
  const id = tile();
  const found = await each(steps(), signal, async (step) => {
    const wanted = wantedAt(step);
    const loaded = wanted && (await load(wanted, signal));
    // Drawn at once: the next sheets may push this one out of the memory.
    return loaded && positionOf(loaded, id, classes.value) >= 0 ? { step, shot: shotOf(loaded, id) } : null;
  });
  return found.filter((one) => one !== null);
}

async function numbers(signal: AbortSignal): Promise<string> {
  const [at, held] = [place.value, row.value];
  if (!at || !held) throw new Error("nothing is on screen");
  const rows = await each(steps(), signal, async (step): Promise<Row | null> => {
    const ref = refAt(at.run, held.series, step);
    return ref && { step, wallTime: ref.at, tiles: (await loadFacts<{ tiles: object[] }>(ref, signal)).tiles };
  });
  const about = { run: entry.value?.name ?? at.run, kind: at.kind, layer: held.layer };
  return table(
    about,
    rows.filter((one) => one !== null),
  );
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

// Examples as they are on screen -> rows of pictures, and as facts, for what leaves the page.

import { classNamesOf, type Examples, examplesAt, loadExamples } from "../../data/examples";
import type { Patterns } from "../../data/sheets";
import { positionOf } from "../../data/tiles";
import { drawPart } from "../../draw/exampleCanvas";
import { cut, type Example, outlineOf, tally } from "../../draw/examples";
import type { Page, Shot } from "../../draw/export/compose";
import { drawOutline } from "../../draw/regions";
import { inClasses, labelName } from "../../words/examples";
import { number } from "../../words/format";
import { besideRuns, comparing } from "../compare";
import { examplesBeside } from "../examples";
import { bOf, positionInB } from "../pairing";
import { screenOf } from "../slot";
import { classes, index, indexes, place } from "../store";
import { arranged } from "../tileOrder";
import { shotOf, titleOf } from "./shots";

const SIDE = 160;

/** What stands in one line of a filter: that of A, of B, or of another run. */
interface Source {
  readonly name: string;
  readonly loaded: Patterns;
  readonly examples: Examples | null;
  /** The number of the filter there. */
  readonly filterOf: (id: number, at: number) => number | null;
}

/** One line per filter: its pattern, then its examples; those of B and of other runs below. */
export async function linesOf(loaded: Patterns, signal: AbortSignal): Promise<Page> {
  const sources = await sourcesOf(loaded, signal);
  const lines = arranged(loaded).flatMap(({ id, at }) =>
    sources.map((source) => ({
      name: [`filter ${id}`, source.name].filter(Boolean).join(" "),
      row: rowOf(source, source.filterOf(id, at)),
    })),
  );
  const count = sources[0]?.examples?.facts.count;
  const searched = count === undefined ? "" : `   examples out of ${count} pictures`;
  return {
    title: titleOf(loaded) + searched,
    names: lines.map(({ name }) => name),
    rows: lines.map(({ row }) => row),
  };
}

async function sourcesOf(loaded: Patterns, signal: AbortSignal): Promise<readonly Source[]> {
  const own = { name: "", loaded, filterOf: (id: number) => id };
  const other = comparing.value && besideRuns.value.length === 0 ? bOf(loaded) : null;
  const beside = besideRuns.value.flatMap((run) => {
    const there = screenOf(run).loaded;
    const name = indexes.value.get(run)?.name ?? run;
    return there?.kind === "patterns" ? [{ name, loaded: there, filterOf: (id: number) => id }] : [];
  });
  const b = other?.kind === "patterns" ? [bSource(loaded, other)] : [];
  const all = [{ ...own, name: b.length ? "A" : "" }, ...b, ...beside];
  return Promise.all(
    all.map(async (source) => {
      const wanted = examplesBeside(source.loaded.ref);
      return { ...source, examples: wanted && (await loadExamples(wanted, signal)) };
    }),
  );
}

function bSource(a: Patterns, loaded: Patterns): Omit<Source, "examples"> {
  const filterOf = (id: number, at: number): number | null =>
    loaded.facts.tiles[positionInB(id, a, at)]?.filter ?? null;
  return { name: "B", loaded, filterOf };
}

function rowOf({ loaded, examples }: Source, filter: number | null): readonly (Shot | null)[] {
  if (filter === null) return [];
  const there = positionOf(loaded, filter, classes.value) >= 0;
  const pattern = there ? shotOf(loaded, filter, "", true) : null;
  const names = examples ? classNamesOf(examples) : [];
  return [
    pattern && { text: pattern.text, canvas: grown(pattern.canvas) },
    ...(examples ? cut(examples, filter) : []).map((one) => ({
      text: [labelName(one.label, names), number(one.activation)].filter(Boolean).join(" "),
      canvas: cropOf(one),
    })),
  ];
}

/** As large as an example. */
function grown(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const factor = SIDE / Math.max(canvas.width, canvas.height);
  const large = square(Math.round(canvas.width * factor), Math.round(canvas.height * factor));
  large.getContext("2d")?.drawImage(canvas, 0, 0, large.width, large.height);
  return large;
}

function square(width: number, height = width): HTMLCanvasElement {
  return Object.assign(document.createElement("canvas"), { width, height });
}

function cropOf(example: Example, side = SIDE): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  const context = drawPart(canvas, example, false, side);
  const box = outlineOf(example);
  if (context && box) drawOutline(context, [box.x, box.y, box.x + box.width, box.y + box.height], []);
  return canvas;
}

/** The strongest four of a filter in one square, with their classes. */
export function favouritesShot(examples: Examples, filter: number): Shot {
  const canvas = square(SIDE);
  const all = cut(examples, filter);
  for (const [nth, example] of all.slice(0, 4).entries())
    canvas
      .getContext("2d")
      ?.drawImage(cropOf(example, SIDE / 2 - 2), (nth % 2) * (SIDE / 2), Math.floor(nth / 2) * (SIDE / 2));
  return { text: inClasses(tally(all), all.length, classNamesOf(examples)), canvas };
}

/** The examples of the layer on screen at a step. */
export async function examplesOfStep(step: number, signal: AbortSignal): Promise<Examples | null> {
  const wanted = index.value && examplesAt(index.value, place.value?.layer ?? "", step);
  return wanted && loadExamples(wanted, signal);
}

/** The examples of a layer as facts, with the parts of the pictures as the model takes them. */
export function asFacts(examples: Examples): object {
  const names = classNamesOf(examples);
  const { tiles, field, count } = examples.facts;
  const sides = field?.sides.slice(-2) ?? [];
  return {
    step: examples.ref.step,
    wall_time: examples.ref.at,
    searched: count,
    sides,
    filters: tiles.map(({ filter, favourite }) => ({
      filter,
      ...(favourite == null ? {} : { favourite: labelName(favourite, names) }),
      examples: cut(examples, filter).map((one) => ({
        picture: one.picture,
        activation: one.activation,
        position: one.position,
        ...(one.label === null ? {} : { label: one.label, class: labelName(one.label, names) }),
        ...(one.stored ? { part: partOf(one, sides) } : {}),
      })),
    })),
  };
}

/** Left, top, width and height in pixels of what the model takes. */
function partOf({ seen, size }: Example, sides: readonly number[]): readonly number[] {
  const [down, across] = [(sides.at(-2) ?? size[0]) / size[0], (sides.at(-1) ?? size[1]) / size[1]];
  return [seen.x * across, seen.y * down, seen.width * across, seen.height * down].map((value) => Math.round(value));
}

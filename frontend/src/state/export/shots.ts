// What is on screen of a tile -> a canvas of its own and its words, for what leaves the page.

import { type Heatmaps, type Loaded, load } from "../../data/sheets";
import { inputAt, positionOf } from "../../data/tiles";
import { drawHeatmap, drawPattern } from "../../draw/canvas";
import { colours } from "../../draw/colours";
import { diverging } from "../../draw/difference";
import { drawDifference } from "../../draw/differenceCanvas";
import type { Key, Shot } from "../../draw/export/compose";
import { drawRegions } from "../../draw/regions";
import { SCOPE_WORDS, span } from "../../draw/scopes";
import { verdict } from "../../words/classification";
import { number, percent } from "../../words/format";
import { nameOfA, nameOfB } from "../captions";
import { featuresBehind, filterMaps, partner } from "../featureMaps";
import { liesOnPicture, styleOf } from "../heatmapStyle";
import { noteOf } from "../notes";
import { divider } from "../pairDisplay";
import { bOf, difference, paired, positionInB, scaleOfDifference } from "../pairing";
import { fullOf } from "../scale";
import { classes, entry, place, view } from "../store";

const GAP = 4;

/** A tile as it is on screen: with that of B where they are compared, unless it is to stand alone. */
export function shotOf(loaded: Loaded, id: number, before = "", single = false): Shot {
  const at = positionOf(loaded, id, classes.value);
  if (at < 0) throw new Error("this tile is not stored at this step");
  const words = [before, wordsOf(loaded, at, id), noteOf(loaded.ref.run, loaded.ref.tag, id)];
  return {
    text: words.filter(Boolean).join("  "),
    canvas: paired(loaded) && !single ? pairOf(loaded, at, id) : alone(loaded, at),
  };
}

/** What each filter sees on a picture; where it is compared, beside that on the picture of B. */
export async function filterShots(loaded: Loaded, id: number, signal: AbortSignal): Promise<Shot[]> {
  const position = positionOf(loaded, id, classes.value);
  if (loaded.kind !== "heatmaps" || position < 0) throw new Error("this tile is not stored at this step");
  const other = partner(loaded, position, id);
  const [own, ofB] = await Promise.all([loaded, other?.loaded].map((one) => one && featuresOf(one, signal)));
  const right = other && ofB ? filterMaps(ofB, other.loaded, other.position) : [];
  return (own ? filterMaps(own, loaded, position) : []).map(({ filter, at }) => {
    const [map, atB] = [alone(own as Heatmaps, at), right.find((one) => one.filter === filter)?.at];
    const canvas = ofB && atB !== undefined ? beside(map, alone(ofB, atB)) : map;
    return { text: `filter ${filter}: ${number(own?.facts.tiles[at]?.maximum, 2)}`, canvas };
  });
}

async function featuresOf(loaded: Heatmaps, signal: AbortSignal): Promise<Heatmaps | null> {
  const wanted = featuresBehind(loaded);
  return wanted && ((await load(wanted, signal)) as Heatmaps);
}

/** The name of a tile and its number, and whether its class is right. */
function wordsOf(loaded: Loaded, at: number, id: number): string {
  if (loaded.kind === "patterns") {
    const filter = loaded.facts.tiles[at];
    return `${filter?.name ?? `filter ${id}`}: score ${number(filter?.score)}`;
  }
  const tile = loaded.facts.tiles[at];
  if (!tile) return "";
  const { title, note } = verdict(tile, loaded.inputs?.facts ?? null);
  const of = loaded.filter === undefined ? "" : `filter ${loaded.filter}`;
  return [of, `${title} ${percent(tile.probability)}`, note].filter(Boolean).join(", ");
}

function alone(loaded: Loaded, at: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  if (loaded.kind === "patterns") drawPattern(canvas, loaded, at);
  else {
    drawHeatmap(canvas, loaded, at, styleOf(loaded, at), { of: null, how: "", over: null });
    outlined(canvas, loaded, at);
  }
  return canvas;
}

function outlined(canvas: HTMLCanvasElement, loaded: Heatmaps, at: number): void {
  const context = canvas.getContext("2d");
  if (context && liesOnPicture(loaded)) drawRegions(context, loaded.inputs?.facts.tiles[inputAt(loaded, at)]);
}

/** As on screen; what blinks there stands side by side. */
function pairOf(loaded: Loaded, at: number, id: number): HTMLCanvasElement {
  const other = bOf(loaded);
  const bAt = positionInB(id, loaded, at);
  if (!other || bAt < 0) return alone(loaded, at);
  const { compareMode, sign, colormap, show } = view.value;
  if (compareMode === "difference") {
    const canvas = document.createElement("canvas");
    const plane = difference(loaded, at, other, bAt);
    if (plane) drawDifference(canvas, loaded, at, plane, { full: scaleOfDifference.value, sign, colormap, show });
    if (loaded.kind === "heatmaps") outlined(canvas, loaded, at);
    return canvas;
  }
  const [left, right] = [alone(loaded, at), alone(other, bAt)];
  return compareMode === "swipe" ? swiped(left, right) : beside(left, right);
}

function beside(left: HTMLCanvasElement, right: HTMLCanvasElement): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = left.width + GAP + right.width;
  canvas.height = Math.max(left.height, right.height);
  const context = canvas.getContext("2d");
  context?.drawImage(left, 0, 0);
  context?.drawImage(right, left.width + GAP, 0);
  return canvas;
}

function swiped(left: HTMLCanvasElement, right: HTMLCanvasElement): HTMLCanvasElement {
  const context = left.getContext("2d");
  const x = Math.round(divider.value * left.width);
  if (!context) return left;
  context.drawImage(right, x, 0, right.width - x, right.height, x, 0, left.width - x, left.height);
  context.fillStyle = "#fff";
  context.fillRect(x - 1, 0, 2, left.height);
  return left;
}

/** The first line of a page: run, layer and step, and what of B. */
export function titleOf(loaded: Loaded, steps = `step ${loaded.ref.step}`): string {
  const title = [entry.value?.name ?? loaded.ref.run, place.value?.layer ?? "", steps].filter(Boolean).join(" \u00b7 ");
  if (!paired(loaded)) return title;
  const sign = view.value.compareMode === "difference" ? "\u2212" : "|";
  return `${title}   A ${sign} B: ${nameOfA()} ${sign} ${nameOfB()}`;
}

function mapped(loaded: Loaded): string {
  return loaded.kind === "heatmaps" && loaded.filter !== undefined ? "activation" : "evidence";
}

/** What the colours mean; null where they are those of the pictures. */
export function keyOf(loaded: Loaded): Key | null {
  const { compareMode, colormap, sign, measure, scope, show } = view.value;
  if (paired(loaded) && compareMode === "difference") {
    const heat = loaded.kind === "heatmaps";
    const ends = number(scaleOfDifference.value, heat ? 2 : 3) + (heat && measure === "places" ? " %" : "");
    if (!heat && sign === "absolute")
      return { text: "A \u2212 B, brightness", low: "0", high: ends, colours: colours(colormap) };
    const what = heat ? (measure === "places" ? `share of the ${mapped(loaded)}` : "raw values") : "brightness";
    return { text: `A \u2212 B, ${what}`, low: `\u2212${ends}`, high: `+${ends}`, colours: diverging() };
  }
  if (loaded.kind === "patterns" || show === "picture") return null;
  const range = span(loaded.facts.tiles.map((_, at) => fullOf(loaded, at)));
  const what = mapped(loaded);
  const most = range ? [...new Set(range.map((end) => number(end, 2)))].join(" to ") : `no ${what}`;
  const text = `${what}, line at half; full colour is the ${SCOPE_WORDS[scope].short}`;
  return { text, low: "0", high: most, colours: colours(colormap) };
}

// Notes on filters and pictures: what the user called them, kept in this browser.

import { signal } from "@preact/signals";
import { read, write } from "../data/memory";
import { noted, parseNotes } from "../url/notes";

const MEMORY = "convviz.notes";

const notes = signal(parseNotes(read(MEMORY)));

/** A filter is the same in all runs of one name; the run is part of what a note is of. */
function keyOf(run: string, tag: string, tile: number): string {
  return `${run} ${tag} ${tile}`;
}

export function noteOf(run: string, tag: string, tile: number): string {
  return notes.value[keyOf(run, tag, tile)] ?? "";
}

export function takeNote(run: string, tag: string, tile: number, text: string): void {
  notes.value = noted(notes.value, keyOf(run, tag, tile), text);
  write(MEMORY, JSON.stringify(notes.value));
}

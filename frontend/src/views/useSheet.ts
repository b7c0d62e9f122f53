// useSheet: a sheet once it is loaded; requested after a moment, or while an element is on screen.

import { useEffect, useState } from "preact/hooks";
import { type Loaded, load, remembered, type Wanted } from "../data/sheets";
import { type When, whileSeen } from "./whileSeen";

type Wish = Wanted | null;
type Sheets = readonly (Loaded | null)[];

export function useSheet(wanted: Wish, when?: When): Loaded | null {
  return useSheets([wanted], when)[0] ?? null;
}

export function useSheets(wanted: readonly Wish[], { whenVisible, near }: When = {}): Sheets {
  const [loaded, setLoaded] = useState<Sheets>(() => (near ? [] : wanted.map(atHand)));
  useEffect(() => {
    const show = (): void => setLoaded((before) => wanted.map((wish, at) => atHand(wish) ?? stays(wish, before[at])));
    const ask = (signal: AbortSignal): void => {
      for (const [line, wish] of wanted.entries()) {
        const put = (found: Loaded): void =>
          setLoaded((before) => (signal.aborted ? before : before.map((old, at) => (at === line ? found : old))));
        if (wish && !remembered(wish)) load(wish, signal).then(put, () => undefined);
      }
    };
    const element = whenVisible?.current;
    if (element) return whileSeen(element, near, [show, ask], () => setLoaded([]));
    show();
    return afterRest(ask);
  }, [JSON.stringify(wanted)]);
  return loaded;
}

function atHand(wish: Wish): Loaded | null {
  return (wish && remembered(wish)) ?? null;
}

/** What is shown until the sheet is there: the one before it, of the same run. */
function stays(wish: Wish, before: Loaded | null = null): Loaded | null {
  return before?.ref.run === wish?.ref.run ? before : null;
}

/** Milliseconds; whoever drags the time bar is looking at the tiles, which come first. */
const REST = 150;

function afterRest(ask: (signal: AbortSignal) => void): () => void {
  const stop = new AbortController();
  const wait = setTimeout(() => ask(stop.signal), REST);
  return () => {
    clearTimeout(wait);
    stop.abort();
  };
}

// useSheet: a sheet, once it is loaded. Requested after a moment, so that the tiles on screen come first.

import { useEffect, useState } from "preact/hooks";
import { keyOf } from "../data/series";
import { type Loaded, load, remembered, type Wanted } from "../data/sheets";

/** Milliseconds; whoever drags the time bar is looking at the tiles. */
const REST = 150;

export function useSheet(wanted: Wanted | null): Loaded | null {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const key = wanted ? keyOf(wanted.ref) : "";
  useEffect(() => {
    if (!wanted) return setLoaded(null);
    const held = remembered(wanted);
    if (held) return setLoaded(held);
    const stop = new AbortController();
    const wait = setTimeout(() => load(wanted, stop.signal).then(setLoaded, () => undefined), REST);
    return () => {
      clearTimeout(wait);
      stop.abort();
    };
  }, [key]);
  return loaded;
}

// What to load -> the sheet, once it is there; asked for after a moment, since what people look at comes first.

import { useEffect, useState } from "preact/hooks";
import { keyOf, type Loaded, load, remembered, type Wanted } from "../data/sheets";

/** Someone who drags the time bar looks at the tiles. */
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

// useExamples: the examples of some layers and steps once they are loaded; kept in memory while they are shown.

import { useEffect, useRef, useState } from "preact/hooks";
import { lost, lostBy } from "../data/connection";
import { type Examples, keyOfExamples, loadExamples, type WantedExamples } from "../data/examples";
import { pin } from "../data/sheets";
import { type When, whileSeen } from "./whileSeen";

type Wish = WantedExamples | null;

export interface State {
  /** While others load, those of another step of the same layer. */
  readonly examples: Examples | null;
  readonly loading: boolean;
  /** Why there are none. */
  readonly fault: string;
}

const NOTHING: State = { examples: null, loading: false, fault: "" };

export function useExamples(wanted: Wish): State {
  return useManyExamples([wanted])[0] ?? NOTHING;
}

/** With an element they are asked for while it is on screen, and dropped when it is further away than `near`. */
export function useManyExamples(wanted: readonly Wish[], { whenVisible, near }: When = {}): readonly State[] {
  const [states, setStates] = useState<readonly State[]>([]);
  // Asked for again once the server answers again.
  const silent = lost.value;
  usePinned(states);
  useEffect(() => {
    setStates((before) => wanted.map((wish, at) => waiting(wish, before[at]?.examples ?? null)));
    const ask = (signal: AbortSignal): void => {
      for (const [line, wish] of wanted.entries()) {
        const put = (state: Partial<State>): void =>
          setStates((before) =>
            signal.aborted
              ? before
              : wanted.map((_, at) => (at === line ? { ...NOTHING, ...state } : (before[at] ?? NOTHING))),
          );
        if (wish)
          loadExamples(wish, signal).then(
            (examples) => put({ examples }),
            (error) => {
              if (!lostBy(error)) put({ fault: error instanceof Error ? error.message : String(error) });
            },
          );
      }
    };
    if (silent) return;
    if (whenVisible?.current) return whileSeen(whenVisible.current, near, [ask], () => setStates([]));
    const stop = new AbortController();
    ask(stop.signal);
    return () => stop.abort();
  }, [silent, JSON.stringify(wanted.map((wish) => wish && keyOfExamples(wish)))]);
  return states;
}

function waiting(wish: Wish, before: Examples | null): State {
  if (!wish) return NOTHING;
  const stays = before?.ref.run === wish.ref.run && before.ref.tag === wish.ref.tag;
  return { examples: stays ? before : null, loading: true, fault: "" };
}

/** Keeps the pictures from being released as long as they are shown. */
function usePinned(states: readonly State[]): void {
  const who = useRef({});
  useEffect(() => {
    const shown = states.flatMap(({ examples }) => [...(examples?.pictures.values() ?? [])].map(({ whole }) => whole));
    pin([...new Set(shown)], who.current);
  }, [states]);
  useEffect(() => () => pin([], who.current), []);
}

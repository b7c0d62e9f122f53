// useExamples: the examples of some layers and steps once they are loaded; kept in memory while they are shown.

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Examples, keyOfExamples, loadExamples, type WantedExamples } from "../data/examples";
import { pin } from "../data/sheets";
import { whileSeen } from "./whileSeen";

export interface State {
  readonly examples: Examples | null;
  /** What is shown is still that of another step, or nothing. */
  readonly loading: boolean;
  /** Why there are none. */
  readonly fault: string;
}

const NOTHING: State = { examples: null, loading: false, fault: "" };

/** With an element they are asked for while it is near the screen. */
export function useExamples(wanted: WantedExamples | null, whenVisible?: RefObject<HTMLElement | null>): State {
  const [state, setState] = useState<State>(NOTHING);
  const who = useRef({});
  const key = wanted && keyOfExamples(wanted);
  useEffect(() => {
    if (!wanted) {
      setState(NOTHING);
      return;
    }
    setState(({ examples }) => ({ examples: stays(wanted, examples), loading: true, fault: "" }));
    const ask = (signal: AbortSignal): void => {
      loadExamples(wanted, signal).then(
        (examples) => {
          if (signal.aborted) return;
          pin([...new Set([...examples.pictures.values()].map(({ whole }) => whole))], who.current);
          setState({ ...NOTHING, examples });
        },
        (error) => {
          if (!signal.aborted) setState({ ...NOTHING, fault: error instanceof Error ? error.message : String(error) });
        },
      );
    };
    if (whenVisible?.current) return whileSeen(whenVisible.current, undefined, [ask], () => undefined);
    const stop = new AbortController();
    ask(stop.signal);
    return () => stop.abort();
  }, [key]);
  useEffect(() => () => pin([], who.current), []);
  return state;
}

/** What is shown until they are there: those of another step of the same layer. */
function stays({ ref }: WantedExamples, before: Examples | null): Examples | null {
  return before?.ref.run === ref.run && before.ref.tag === ref.tag ? before : null;
}

// Requests to the backend. Every address is relative: the page's <base> knows prefix and experiment.

import type { Curve, LayerProfile, Ref, RunEntry, RunIndex } from "./contract";
import { embedded, isReport } from "./report";

/** The server answered, but not with what was asked for. */
export class AnswerError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export async function fetchRuns(signal: AbortSignal): Promise<readonly RunEntry[]> {
  return ((await json("runs", signal)) as { runs: RunEntry[] }).runs;
}

export async function fetchIndex(run: string, signal: AbortSignal): Promise<RunIndex> {
  return (await json(`series?${new URLSearchParams({ run })}`, signal)) as RunIndex;
}

export async function fetchCurves(run: string, signal: AbortSignal): Promise<readonly Curve[]> {
  return ((await json(`curves?${new URLSearchParams({ run })}`, signal)) as { curves: Curve[] }).curves;
}

export async function fetchProfile(run: string, signal: AbortSignal): Promise<readonly LayerProfile[]> {
  return ((await json(`profile?${new URLSearchParams({ run })}`, signal)) as { layers: LayerProfile[] }).layers;
}

export async function fetchFacts<T>(ref: Ref, signal: AbortSignal): Promise<T> {
  return (await json(`facts?${query(ref)}`, signal)) as T;
}

export async function fetchSheet(ref: Ref, signal: AbortSignal): Promise<Blob> {
  return (await answer(`sheet?${query(ref)}`, signal)).blob();
}

/** These runs as a page of their own, to be saved. */
export async function fetchReport(runs: readonly string[], signal: AbortSignal): Promise<string> {
  const asked = new URLSearchParams(runs.map((run) => ["run", run]));
  return ((await json(`report?${asked}`, signal)) as { page: string }).page;
}

/** Where TensorBoard reads from, as its own header shows it; null where it does not say. */
export async function fetchLocation(): Promise<string | null> {
  try {
    const said = (await json("../../environment", AbortSignal.timeout(5000))) as { data_location?: unknown };
    return typeof said.data_location === "string" && said.data_location ? said.data_location : null;
  } catch {
    return null;
  }
}

/** All runs as TensorBoard lists them, of which some are ours; none where it does not say. */
export async function fetchHostRuns(signal: AbortSignal): Promise<readonly string[]> {
  try {
    const said = await json("../../runs", signal);
    return Array.isArray(said) ? said.filter((run): run is string => typeof run === "string") : [];
  } catch {
    return [];
  }
}

function query(ref: Ref): URLSearchParams {
  return new URLSearchParams({ run: ref.run, tag: ref.tag, step: String(ref.step), at: String(ref.at) });
}

async function json(address: string, signal: AbortSignal): Promise<unknown> {
  return (await answer(address, signal)).json();
}

async function answer(address: string, signal: AbortSignal): Promise<Response> {
  const response = isReport ? embedded(address) : await fetch(new URL(address, document.baseURI), { signal });
  if (response.ok) return response;
  const plain = response.headers.get("Content-Type")?.startsWith("text/plain") ?? false;
  throw new AnswerError(response.status, plain ? (await response.text()).slice(0, 300) : response.statusText);
}

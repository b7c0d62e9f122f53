// A report: what the server would answer, embedded in the page by convviz_tb/serve/report.py.

const ID = "convviz-report";

interface Answers {
  readonly left_out: readonly string[];
  readonly runs: unknown;
  readonly series: Record<string, unknown>;
  readonly curves: Record<string, unknown>;
  readonly profile: Record<string, unknown>;
  readonly facts: Events<unknown>;
  readonly sheet: Events<readonly [mime: string, base64: string]>;
}

/** By run, tag and step. */
type Events<T> = Record<string, Record<string, Record<string, T>>>;

/** Whether this page is a report; tests have no page. */
export const isReport = typeof document !== "undefined" && document.getElementById(ID) !== null;

let kept: Answers | undefined;

function answers(): Answers {
  kept ??= JSON.parse(document.getElementById(ID)?.textContent ?? "{}") as Answers;
  return kept;
}

/** What of the log the report does not hold, in sentences. */
export function leftOut(): readonly string[] {
  return isReport ? answers().left_out : [];
}

/** The answer to a request of `api.ts`, as the server would give it. */
export function embedded(address: string): Response {
  const [route = "", query] = address.split("?");
  const asked = new URLSearchParams(query);
  const [run, tag, step] = ["run", "tag", "step"].map((name) => asked.get(name) ?? "") as [string, string, string];
  const held = answers();
  if (route === "runs") return json({ runs: held.runs });
  if (route === "series" || route === "curves" || route === "profile") return json(own(held[route], run));
  if (route === "facts") return json(own(own(own(held.facts, run), tag), step));
  if (route === "sheet") return picture(own(own(own(held.sheet, run), tag), step));
  return missing();
}

/** Of a name out of a log only what the data holds: no `__proto__`. */
function own<T>(held: Record<string, T> | undefined, name: string): T | undefined {
  return held && Object.hasOwn(held, name) ? held[name] : undefined;
}

function json(content: unknown): Response {
  return content === undefined ? missing() : new Response(JSON.stringify(content));
}

function picture(held: readonly [string, string] | undefined): Response {
  if (!held) return missing();
  const bytes = Uint8Array.from(atob(held[1]), (byte) => byte.charCodeAt(0));
  return new Response(bytes, { headers: { "Content-Type": held[0] } });
}

function missing(): Response {
  return new Response("not in this report", { status: 404, headers: { "Content-Type": "text/plain" } });
}

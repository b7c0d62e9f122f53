import { beforeEach, describe, expect, it, vi } from "vitest";
import { AnswerError } from "../../src/data/api";
import { lost } from "../../src/data/connection";
import { type Policy, Resource } from "../../src/data/resource";

const never = new AbortController().signal;
const echo = async (asked: string): Promise<string> => asked;

function resource(fetch: (asked: string, signal: AbortSignal) => Promise<string>, policy = {}) {
  const all: Policy<string, string> = { key: (asked) => asked, keep: 10, ...policy };
  const ask = vi.fn(fetch);
  return { ask, things: new Resource(ask, all) };
}

/** A request that ends only when it is given up. */
function silence(_: string, signal: AbortSignal): Promise<string> {
  return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

beforeEach(() => {
  lost.value = false;
  vi.spyOn(console, "debug").mockImplementation(() => undefined);
});

describe("a resource", () => {
  it("asks once, also for two who ask at the same time", async () => {
    const { things, ask } = resource(echo);
    expect(await Promise.all([things.load("a", never), things.load("a", never)])).toEqual(["a", "a"]);
    expect(await things.load("a", never)).toBe("a");
    await things.gather(["a", "b"]);
    expect(ask.mock.calls.map(([asked]) => asked)).toEqual(["a", "b"]);
  });

  it("lets go of what was used longest ago, but never of what is in use", async () => {
    const gone: string[] = [];
    const { things } = resource(echo, {
      keep: 6,
      weigh: (thing: string) => thing.length,
      inUse: (thing: string) => thing === "ccc",
      dispose: (thing: string) => gone.push(thing),
    });
    for (const thing of ["ccc", "bbb", "aaa", "ddd"]) await things.load(thing, never);
    expect(gone).toEqual(["bbb", "aaa"]);
    expect([things.held("ccc"), things.held("bbb")]).toEqual(["ccc", undefined]);
  });

  it("gives a request up when the last who waits for it leaves", async () => {
    const { things, ask } = resource(silence);
    const [first, second] = [new AbortController(), new AbortController()];
    const waits = [things.load("a", first.signal), things.load("a", second.signal)];
    first.abort();
    await expect(waits[0]).rejects.toThrow();
    expect(ask.mock.calls[0]?.[1].aborted).toBe(false);
    second.abort();
    await expect(waits[1]).rejects.toThrow();
    expect(ask.mock.calls[0]?.[1].aborted).toBe(true);
  });

  it("disposes of what comes after it was given up", async () => {
    const gone: string[] = [];
    let answer = (_: string): void => undefined;
    const { things } = resource(() => new Promise((resolve) => (answer = resolve)), {
      dispose: (thing: string) => gone.push(thing),
    });
    const stop = new AbortController();
    const wait = things.load("a", stop.signal);
    stop.abort();
    await expect(wait).rejects.toThrow();
    answer("late");
    await vi.waitFor(() => expect(gone).toEqual(["late"]));
    expect(things.held("a")).toBeUndefined();
  });

  it("gives an answer up that takes too long, and asks anew", async () => {
    vi.useFakeTimers();
    const { things, ask } = resource(silence, { patience: 1000 });
    const wait = expect(things.load("a", never)).rejects.toThrow("too long");
    await vi.advanceTimersByTimeAsync(1000);
    await wait;
    vi.useRealTimers();
    ask.mockImplementation(echo);
    expect(await things.load("a", never)).toBe("a");
  });

  it("does not keep a failure", async () => {
    const { things, ask } = resource(echo);
    ask.mockRejectedValueOnce(new Error("no"));
    await expect(things.load("a", never)).rejects.toThrow("no");
    expect(await things.load("a", never)).toBe("a");
  });
});

describe("the readers of a resource", () => {
  it("are told once of all that was gathered, also of what somebody else has loaded", async () => {
    const { things } = resource(echo);
    await things.load("a", never);
    expect(things.version.value).toBe(0);
    await things.gather(["a", "b", "c"]);
    expect(things.version.value).toBe(1);
    expect(["a", "b", "c"].map((asked) => things.known(asked))).toEqual(["a", "b", "c"]);
    await things.gather(["a", "b"]);
    expect(things.version.value).toBe(1);
  });

  it("take what the server refuses for nothing, and it is not gathered again", async () => {
    const { things, ask } = resource(() => Promise.reject(new AnswerError(404, "gone")), { nothing: "" });
    await things.gather(["a"]);
    await things.gather(["a"]);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(things.known("a")).toBe("");
    await expect(things.load("a", never)).rejects.toThrow("gone");
  });

  it("know when nobody answers; it is asked again", async () => {
    const { things, ask } = resource(echo, { nothing: "" });
    ask.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    await things.gather(["a", "b"]);
    expect([lost.value, things.known("a"), things.known("b")]).toEqual([true, undefined, "b"]);
    await things.gather(["a", "b"]);
    expect(things.known("a")).toBe("a");
    expect(ask).toHaveBeenCalledTimes(3);
  });

  it("hear nothing of what nobody wants any more", async () => {
    const { things } = resource(silence, { nothing: "" });
    const stop = new AbortController();
    const gathered = things.gather(["a"], stop.signal);
    stop.abort();
    await gathered;
    expect([things.version.value, things.known("a"), lost.value]).toEqual([0, undefined, false]);
  });

  it("keep what they have until it has been asked for again", async () => {
    let answer = "old";
    const gone: string[] = [];
    const { things, ask } = resource(async () => answer, { dispose: (thing: string) => gone.push(thing) });
    await things.renew("a");
    answer = "new";
    const renewed = things.renew("a");
    expect(things.known("a")).toBe("old");
    await renewed;
    expect([things.known("a"), things.version.value, gone]).toEqual(["new", 2, ["old"]]);
    ask.mockRejectedValueOnce(new Error("no"));
    await things.renew("a");
    expect(things.known("a")).toBe("new");
  });
});

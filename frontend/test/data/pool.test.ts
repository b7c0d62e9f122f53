import { describe, expect, it, vi } from "vitest";
import { Pool } from "../../src/data/pool";

const never = new AbortController().signal;
const pool = (limit: number, inUse?: (thing: string) => boolean) => {
  const disposed: string[] = [];
  return {
    disposed,
    pool: new Pool<string>(
      limit,
      (thing) => thing.length,
      (thing) => disposed.push(thing),
      inUse,
    ),
  };
};

describe("the pool", () => {
  it("loads a thing once, also for two who ask at the same time", async () => {
    const { pool: things } = pool(10);
    const make = vi.fn(async () => "one");
    expect(await Promise.all([things.load("a", make, never), things.load("a", make, never)])).toEqual(["one", "one"]);
    expect(await things.load("a", make, never)).toBe("one");
    expect(make).toHaveBeenCalledTimes(1);
  });

  it("disposes of what was used longest ago, but never of what is on screen", async () => {
    const { pool: things, disposed } = pool(6, (thing) => thing === "ccc");
    for (const thing of ["ccc", "bbb", "aaa", "ddd"]) await things.load(thing, async () => thing, never);
    expect(disposed).toEqual(["bbb", "aaa"]);
    expect([things.get("ccc"), things.get("bbb")]).toEqual(["ccc", undefined]);
  });

  it("aborts a load when the last who waits for it leaves", async () => {
    const { pool: things } = pool(10);
    const [first, second] = [new AbortController(), new AbortController()];
    let inner: AbortSignal | undefined;
    const make = (signal: AbortSignal) => {
      inner = signal;
      return new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    const waits = [things.load("a", make, first.signal), things.load("a", make, second.signal)];
    first.abort();
    await expect(waits[0]).rejects.toThrow();
    expect(inner?.aborted).toBe(false);
    second.abort();
    await expect(waits[1]).rejects.toThrow();
    expect(inner?.aborted).toBe(true);
  });

  it("does not keep a failure", async () => {
    const { pool: things } = pool(10);
    await expect(things.load("a", () => Promise.reject(new Error("no")), never)).rejects.toThrow("no");
    expect(await things.load("a", async () => "yes", never)).toBe("yes");
  });
});

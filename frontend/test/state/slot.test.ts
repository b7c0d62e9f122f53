import { beforeEach, describe, expect, it, vi } from "vitest";
import { AnswerError } from "../../src/data/api";
import { dropped, lost } from "../../src/data/connection";
import { type Loaded, load, pin, remembered, type Wanted } from "../../src/data/sheets";
import { A, B, fill, keepOnly, latest, onScreen, screenOf } from "../../src/state/slot";

vi.mock("../../src/data/sheets", () => ({ load: vi.fn(), pin: vi.fn(), remembered: vi.fn() }));

interface Asked {
  readonly wanted: Wanted;
  readonly signal: AbortSignal;
  readonly answer: (loaded: Loaded) => void;
  readonly fail: (error: unknown) => void;
}

let asked: Asked[] = [];
const wanted = (step: number, tag = "patterns/a", run = "run"): Wanted => ({
  ref: { run, tag, step, at: step },
  inputs: null,
});
const sheet = ({ ref }: Wanted): Loaded => ({ kind: "patterns", ref }) as unknown as Loaded;

beforeEach(() => {
  asked = [];
  vi.mocked(load).mockImplementation(
    (wish, signal) =>
      new Promise((answer, fail) => {
        asked.push({ wanted: wish, signal, answer, fail });
      }),
  );
  vi.mocked(remembered).mockReset();
  lost.value = false;
  dropped.value = null;
  keepOnly(new Set());
  fill(A, "unknown", true);
});

/** Fills the slot and lets the answer come. */
async function shown(slot: string, wish: Wanted): Promise<Loaded> {
  const loaded = sheet(wish);
  const coming = fill(slot, wish, true);
  asked.at(-1)?.answer(loaded);
  await coming;
  return loaded;
}

describe("a slot", () => {
  it("shows at once what is at hand, and asks for nothing", () => {
    const held = sheet(wanted(1));
    vi.mocked(remembered).mockReturnValue(held);
    expect(fill(A, wanted(1), true)).toBeNull();
    expect(screenOf(A)).toEqual({ status: "ready", loaded: held, message: "" });
    expect([asked.length, latest.value]).toEqual([0, held]);
  });

  it("tells what is not stored from what is not known yet", () => {
    fill(A, null, true);
    expect(screenOf(A).status).toBe("absent");
    fill(A, "unknown", true);
    expect(screenOf(A).status).toBe("loading");
  });

  it("keeps a step on screen until the next can be shown, but not another layer", async () => {
    const first = await shown(A, wanted(1));
    fill(A, wanted(2), true);
    expect(screenOf(A)).toMatchObject({ status: "loading", loaded: first });
    fill(A, wanted(2, "patterns/b"), true);
    expect(screenOf(A)).toMatchObject({ status: "loading", loaded: null });
    expect(latest.value).toBe(first);
  });

  it("keeps another run on screen only where the place is shown", async () => {
    const [a] = [await shown(A, wanted(1)), await shown(B, wanted(1))];
    fill(A, wanted(1, "patterns/a", "other"), true);
    fill(B, wanted(1, "patterns/a", "other"), true);
    expect([screenOf(A).loaded, screenOf(B).loaded]).toEqual([a, null]);
  });

  it("asks for nothing while nobody looks", () => {
    expect(fill(A, wanted(1), false)).toBeNull();
    expect([asked.length, screenOf(A).status]).toEqual([0, "loading"]);
  });
});

describe("a late answer", () => {
  it("does not take the place of what was wished for later", async () => {
    const late = fill(A, wanted(1), true);
    const [first] = asked;
    const second = await shown(A, wanted(2));
    first?.answer(sheet(wanted(1)));
    await late;
    expect(screenOf(A).loaded).toBe(second);
  });

  it("is late also when it came in the same moment, and when what is wished for was at hand", async () => {
    const late = fill(A, wanted(1), true);
    asked[0]?.answer(sheet(wanted(1)));
    const held = sheet(wanted(2));
    vi.mocked(remembered).mockReturnValueOnce(held);
    fill(A, wanted(2), true);
    await late;
    expect(screenOf(A).loaded).toBe(held);
  });

  it("is given up only after the next wish has taken its share", async () => {
    fill(A, wanted(1), true);
    fill(A, wanted(1), true);
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    await Promise.resolve();
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  it("does not fill a slot that is no longer there", async () => {
    const late = fill("run", wanted(1), true);
    keepOnly(new Set([B]));
    asked[0]?.answer(sheet(wanted(1)));
    await late;
    expect([onScreen.value, asked[0]?.signal.aborted]).toEqual([[], true]);
  });
});

describe("an error", () => {
  async function failing(error: unknown): Promise<void> {
    const coming = fill(A, wanted(2), true);
    asked.at(-1)?.fail(error);
    await coming;
  }

  it("shows its words and no tiles", async () => {
    await shown(A, wanted(1));
    await failing(new Error("too large"));
    expect(screenOf(A)).toEqual({ status: "failed", loaded: null, message: "too large" });
  });

  it("of the connection leaves the picture, and is known to all", async () => {
    const before = await shown(A, wanted(1));
    await failing(new TypeError("Failed to fetch"));
    expect(screenOf(A)).toMatchObject({ status: "loading", loaded: before });
    expect(lost.value).toBe(true);
  });

  it("of what is gone makes the list be read again", async () => {
    await failing(new AnswerError(404, "no such event"));
    expect(screenOf(A).message).toMatch(/dropped this step/);
    expect(dropped.value).toEqual(wanted(2).ref);
  });

  it("of what is of no use says why, and nothing is read again for it", async () => {
    await failing(new AnswerError(404, "unusable: facts: no tiles"));
    expect(screenOf(A).message).toBe("What is stored of it cannot be used: facts: no tiles");
    expect(dropped.value).toBeNull();
  });

  it("of one slot leaves the others alone", async () => {
    const b = await shown(B, wanted(1));
    await failing(new Error("no"));
    expect(screenOf(B)).toMatchObject({ status: "ready", loaded: b });
  });
});

it("what any slot shows is kept from being released", async () => {
  const [a, b] = [await shown(A, wanted(1)), await shown(B, wanted(0))];
  expect(vi.mocked(pin)).toHaveBeenLastCalledWith([a, b]);
  keepOnly(new Set());
  expect(vi.mocked(pin)).toHaveBeenLastCalledWith([a]);
  expect(onScreen.value).toEqual([a]);
});

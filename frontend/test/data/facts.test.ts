import { computed, effect } from "@preact/signals";
import { expect, it, vi } from "vitest";
import { AnswerError, fetchFacts } from "../../src/data/api";
import type { Ref, Series } from "../../src/data/contract";
import { factsOf, gather, loadFacts, refsOf, tilesOver, unknown } from "../../src/data/facts";

vi.mock("../../src/data/api", async (original) => ({ ...(await original<object>()), fetchFacts: vi.fn() }));

const asked = vi.mocked(fetchFacts);
const series = (tag: string, steps: number[]): Series =>
  ({ tag, kind: "heatmaps", layer: tag, steps, wall_times: steps.map((step) => step + 0.5) }) as unknown as Series;
const tilesAt = (ref: Ref): object => ({ tiles: [{ image: ref.step }] });

it("the tiles of a series grow when its facts are there, all at once", async () => {
  const own = series("heatmaps/a", [0, 1, 2]);
  asked.mockImplementation((ref) =>
    ref.step === 1 ? Promise.reject(new AnswerError(404, "gone")) : Promise.resolve(tilesAt(ref) as never),
  );
  const images = computed(() => tilesOver("run", own).map(({ image }) => image));
  const seen: number[][] = [];
  const stop = effect(() => void seen.push(images.value));
  expect(unknown("run", own)).toBe(3);
  await gather(refsOf("run", own));
  expect(seen).toEqual([[], [0, 2]]);
  expect(unknown("run", own)).toBe(0);
  await gather(refsOf("run", own));
  expect(asked).toHaveBeenCalledTimes(3);
  stop();
});

it("a run that was written anew has other facts", async () => {
  asked.mockImplementation((ref) => Promise.resolve(tilesAt(ref) as never));
  const ref: Ref = { run: "run", tag: "heatmaps/b", step: 0, at: 1 };
  await gather([ref]);
  expect(factsOf(ref)).toBeDefined();
  expect(factsOf({ ...ref, at: 2 })).toBeUndefined();
  expect(factsOf({ ...ref, run: "other" })).toBeUndefined();
});

it("who waits for the facts of one event shares them with those who gather", async () => {
  asked.mockClear();
  const ref: Ref = { run: "run", tag: "heatmaps/c", step: 0, at: 1 };
  const [facts] = await Promise.all([loadFacts(ref, new AbortController().signal), gather([ref])]);
  expect(factsOf(ref)).toBe(facts);
  expect(asked).toHaveBeenCalledTimes(1);
});

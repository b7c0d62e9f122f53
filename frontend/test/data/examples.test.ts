import { beforeEach, expect, it, vi } from "vitest";
import { AnswerError } from "../../src/data/api";
import type { Ref, Series } from "../../src/data/contract";
import { examplesAt, loadExamples, placesOf } from "../../src/data/examples";
import { loadFacts } from "../../src/data/facts";
import { loadWhole } from "../../src/data/sheets";
import { indexOf, series } from "../support/page";

vi.mock("../../src/data/facts", () => ({ loadFacts: vi.fn() }));
vi.mock("../../src/data/sheets", async (original) => ({ ...(await original<object>()), loadWhole: vi.fn() }));

const whole = (kind: Series["kind"], steps: readonly number[]): Series => ({
  ...series("", steps, kind),
  tag: kind,
  layer: "",
});
const INDEX = indexOf("run", [
  series("a", [0, 1, 2, 3]),
  series("a", [0, 2], "examples"),
  whole("pictures", [0, 1, 2, 3]),
  whole("inputs", [0, 3]),
]);
const never = new AbortController().signal;

/** What is stored at each step. */
const FACTS: Record<string, object> = {
  "examples/a 2": { tiles: [{ filter: 0, pictures: [7, 3, 4] }], source: "pictures" },
  "pictures 0": { tiles: [{ picture: 7 }, { picture: 3 }, { picture: 1 }] },
  "pictures 1": { tiles: [{ picture: 5 }] },
  "pictures 2": { tiles: [{ picture: 3 }] },
  "inputs 0": { tiles: [{ image: 3 }, { image: 7 }] },
};

beforeEach(() => {
  vi.mocked(loadWhole).mockReset();
  vi.mocked(loadWhole).mockImplementation((ref) => Promise.resolve({ kind: ref.tag, step: ref.step } as never));
  vi.mocked(loadFacts).mockImplementation((({ tag, step }: Ref) => {
    const found = FACTS[`${tag} ${step}`];
    return found ? Promise.resolve(found) : Promise.reject(new AnswerError(404, "gone"));
  }) as never);
});

it("those of a step that has none are of the last before it, with pictures of no later one", () => {
  const wanted = examplesAt(INDEX, "a", 1);
  expect(wanted?.ref).toMatchObject({ tag: "examples/a", step: 0 });
  expect(wanted?.pictures.map(({ step }) => step)).toEqual([0]);
  expect(examplesAt(INDEX, "a", 3)?.pictures.map(({ step }) => step)).toEqual([2, 1, 0]);
  expect(examplesAt(INDEX, "b", 3)).toBeNull();
});

it("a picture is that of the newest event that has it, and no other sheet is asked for", async () => {
  const wanted = examplesAt(INDEX, "a", 2);
  const { pictures } = await loadExamples(wanted as NonNullable<typeof wanted>, never);
  expect([...pictures].map(([number, { whole, at }]) => [number, (whole as unknown as Ref).step, at])).toEqual([
    [3, 2, 0],
    [7, 0, 0],
  ]);
  expect(
    vi
      .mocked(loadWhole)
      .mock.calls.map(([{ step }]) => step)
      .sort(),
  ).toEqual([0, 2]);
});

it("pictures of the heatmaps go by their own numbers", async () => {
  FACTS["examples/a 0"] = { tiles: [{ filter: 0, pictures: [7] }], source: "inputs" };
  const wanted = examplesAt(INDEX, "a", 0);
  const { pictures } = await loadExamples(wanted as NonNullable<typeof wanted>, never);
  expect(pictures.get(7)).toMatchObject({ whole: { kind: "inputs" }, at: 1 });
});

it("what cannot be read leaves the others", async () => {
  delete FACTS["pictures 1"];
  vi.mocked(loadWhole).mockImplementation(({ step }) =>
    step === 2
      ? Promise.reject(new AnswerError(404, "sheet: neither PNG nor JPEG"))
      : Promise.resolve({ step } as never),
  );
  const wanted = examplesAt(INDEX, "a", 2);
  const { pictures } = await loadExamples(wanted as NonNullable<typeof wanted>, never);
  expect([...pictures.keys()]).toEqual([7]);
});

it("finds nothing where nothing is", () => {
  const facts = { tiles: [{ filter: 0, pictures: [7], activations: [], positions: [] }] };
  expect(placesOf(facts, [null, {}, { tiles: [] }])).toEqual(new Map());
});

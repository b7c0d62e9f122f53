import { expect, it } from "vitest";
import { describeExample, eachClass, inClasses, labelName, noExamples } from "../../src/words/examples";

const NAMES = ["cat", "dog, canine", "owl"];

it("the classes of examples in a few words: the most frequent, or how many there are", () => {
  const dogs = [
    [1, 4],
    [2, 1],
  ] as const;
  expect(inClasses(dogs, 5, NAMES)).toBe("4 of 5 dog");
  expect(eachClass(dogs, NAMES)).toBe("4 dog, 1 owl");
  const mixed = [
    [0, 1],
    [1, 1],
  ] as const;
  expect(inClasses(mixed, 2, NAMES)).toBe("2 classes");
  expect(inClasses([[7, 1]], 3, NAMES)).toBe("1 of 3 class 7");
  expect(inClasses([], 5, NAMES)).toBe("");
});

it("an example in words says what is known of it", () => {
  const known = { picture: 12, label: 1, activation: 8.0188, stored: {} };
  expect(describeExample(known, NAMES)).toBe("picture 12, dog, activation 8.02");
  const gone = { picture: 3, label: null, activation: null, stored: null };
  expect(describeExample(gone, NAMES)).toBe("picture 3, activation not finite, not stored");
  expect(labelName(null, NAMES)).toBe("");
});

it("a filter that nothing excites says out of how many pictures", () => {
  expect([noExamples(100), noExamples(undefined)]).toEqual([
    "None of the 100 pictures excites it",
    "No picture excites it",
  ]);
});

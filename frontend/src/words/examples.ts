// Examples in words: which classes they are of, and what one of them is.

import { className, shortName } from "./classification";
import { number } from "./format";

interface One {
  readonly picture: number;
  readonly label: number | null;
  readonly activation: number | null;
  readonly stored: object | null;
}

/** "4 of 5 dog"; empty where no class is known. */
export function inClasses(
  tally: readonly (readonly [label: number, count: number])[],
  total: number,
  names: readonly string[],
): string {
  const [first, ...others] = tally;
  if (!first) return "";
  const [label, count] = first;
  if (count === 1 && others.length > 0) return `${tally.length} classes`;
  return `${count} of ${total} ${shortName(className(names, label))}`;
}

/** "4 dog, 1 bird". */
export function eachClass(
  tally: readonly (readonly [label: number, count: number])[],
  names: readonly string[],
): string {
  return tally.map(([label, count]) => `${count} ${shortName(className(names, label))}`).join(", ");
}

export function labelName(label: number | null, names: readonly string[]): string {
  return label === null ? "" : shortName(className(names, label));
}

/** For those who hear it. */
export function describeExample({ picture, label, activation, stored }: One, names: readonly string[]): string {
  return [`picture ${picture}`, labelName(label, names), `activation ${number(activation)}`, stored ? "" : "not stored"]
    .filter(Boolean)
    .join(", ");
}

/** Why a filter has no examples, though its layer was searched. */
export function noExamples(count: number | undefined): string {
  return count === undefined ? "No picture excites it" : `None of the ${count} pictures excites it`;
}

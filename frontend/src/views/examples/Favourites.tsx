// Favourites: the strongest examples of a filter at one step, in one small square; those that are new are marked.

import type { Examples } from "../../data/examples";
import { classNamesOf } from "../../data/examples";
import { cut, tally } from "../../draw/examples";
import { inClasses } from "../../words/examples";
import { Crop } from "./Crop";

/** Two by two. */
const SHOWN = 4;

interface Props {
  readonly examples: Examples;
  readonly filter: number;
  /** Numbers of its examples at the step before; null where there is none. */
  readonly before: readonly number[] | null;
}

export function Favourites({ examples, filter, before }: Props) {
  const all = cut(examples, filter).slice(0, SHOWN);
  if (all.length === 0) return <span class="favourites-none quiet">none</span>;
  return (
    <span class="favourites">
      {all.map((example, nth) => {
        const fresh = before !== null && !before.includes(example.picture);
        return (
          <span key={`${example.picture} ${nth}`} class={`favourite ${fresh ? "favourite-new" : ""}`}>
            <Crop example={example} pixels={96} />
          </span>
        );
      })}
      <span class="favourites-text">
        {inClasses(tally(cut(examples, filter)), cut(examples, filter).length, classNamesOf(examples))}
      </span>
    </span>
  );
}

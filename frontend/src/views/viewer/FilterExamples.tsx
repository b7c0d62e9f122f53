// Examples in the drawer of a filter: parts of the user's pictures that excite it, those of B beside them.

import { useEffect } from "preact/hooks";
import { classNamesOf, examplesOf, type Examples as Held } from "../../data/examples";
import type { Patterns } from "../../data/sheets";
import { nameOfA, nameOfB } from "../../state/captions";
import { examplesBeside, gatherExamples, picturesBefore } from "../../state/examples";
import { bOf, paired, positionInB } from "../../state/pairing";
import { labelName } from "../../words/examples";
import { Examples, Tally } from "../examples/Examples";
import { useExamples } from "../useExamples";

export function FilterExamples({ loaded, position, id }: { loaded: Patterns; position: number; id: number }) {
  const wanted = examplesBeside(loaded.ref);
  const own = useExamples(wanted);
  const other = paired(loaded) ? bOf(loaded) : null;
  const there = useExamples(other && examplesBeside(other.ref));
  if (!wanted) return null;
  const tileOfB = other?.kind === "patterns" ? other.facts.tiles[positionInB(id, loaded, position)] : undefined;
  return (
    <section class="filter-examples" aria-label="Your pictures that excite it" aria-busy={own.loading}>
      <h3>Your pictures that excite it</h3>
      {own.fault && <p class="caption-odd">They cannot be shown: {own.fault}</p>}
      {own.examples && <Own examples={own.examples} filter={id} step={loaded.ref.step} mark={other && "a"} />}
      {there.examples && other && tileOfB && (
        <Own examples={there.examples} filter={tileOfB.filter} step={other.ref.step} mark="b" />
      )}
    </section>
  );
}

interface OwnProps {
  readonly examples: Held;
  readonly filter: number;
  /** That of the pattern, which may be a later one. */
  readonly step: number;
  readonly mark: "a" | "b" | null;
}

function Own({ examples, filter, step, mark }: OwnProps) {
  const favourite = examplesOf(examples, filter)?.favourite ?? null;
  return (
    <>
      {mark && (
        <p class="examples-of">
          <span class={`mark mark-${mark}`}>{mark.toUpperCase()}</span> {mark === "a" ? nameOfA() : nameOfB()}
        </p>
      )}
      <Examples examples={examples} filter={filter} />
      <Tally examples={examples} filter={filter} />
      {favourite !== null && (
        <p class="hint">
          Most active on <b>{labelName(favourite, classNamesOf(examples))}</b>, over all {examples.facts.count} pictures
        </p>
      )}
      <Kept examples={examples} filter={filter} />
      {examples.ref.step !== step && <p class="hint">As of step {examples.ref.step}: not searched again since.</p>}
    </>
  );
}

/** How many of them it already had at the step before. */
function Kept({ examples, filter }: { examples: Held; filter: number }) {
  useEffect(gatherExamples, [examples.ref.tag]);
  const now = examplesOf(examples, filter)?.pictures ?? [];
  const before = picturesBefore(examples.ref, filter);
  if (!before || now.length === 0) return null;
  const kept = now.filter((picture) => before.includes(picture)).length;
  return <p class="hint">{kept === now.length ? "The same as" : `${kept} of ${now.length} as`} at the step before</p>;
}

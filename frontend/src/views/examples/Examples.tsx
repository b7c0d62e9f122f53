// Examples of a filter in a row, the strongest first, and which classes they are of.

import { classNamesOf, examplesOf, type Examples as Held } from "../../data/examples";
import { cut, type Example, tally } from "../../draw/examples";
import { hovered, opened } from "../../state/examples";
import { describeExample, eachClass, inClasses, labelName, noExamples } from "../../words/examples";
import { number } from "../../words/format";
import { Crop } from "./Crop";

interface Props {
  readonly examples: Held;
  readonly filter: number;
  /** As many as there is space for. */
  readonly most?: number;
}

export function Examples({ examples, filter, most = 50 }: Props) {
  const all = cut(examples, filter);
  const searched = examples.facts.tiles.some((tile) => tile.filter === filter);
  if (all.length === 0)
    return (
      <p class="examples-none quiet">
        {searched ? noExamples(examples.facts.count) : "No examples of this filter were logged"}
      </p>
    );
  return (
    <ol class="examples" aria-label={`Examples of filter ${filter}`}>
      {all.slice(0, most).map((example, nth) => (
        <One key={`${example.picture} ${nth}`} all={all} nth={nth} example={example} examples={examples} />
      ))}
    </ol>
  );
}

interface OneProps {
  readonly all: readonly Example[];
  readonly nth: number;
  readonly example: Example;
  readonly examples: Held;
}

function One({ all, nth, example, examples }: OneProps) {
  const names = classNamesOf(examples);
  const show = ({ currentTarget }: { currentTarget: HTMLElement }): void => {
    hovered.value = { all, nth, examples, from: currentTarget.getBoundingClientRect() };
  };
  // Also with the focus, but not where it only comes back from the whole picture.
  const focused = (event: { currentTarget: HTMLElement }): void => {
    if (event.currentTarget.matches(":focus-visible")) show(event);
  };
  const hide = (): void => {
    hovered.value = null;
  };
  const open = (): void => {
    hovered.value = null;
    opened.value = { all, nth, examples };
  };
  return (
    <li>
      <button
        type="button"
        class="example"
        aria-label={`Example ${nth + 1} of ${all.length}: ${describeExample(example, names)}. Show the whole picture`}
        onPointerEnter={show}
        onPointerLeave={hide}
        onFocus={focused}
        onBlur={hide}
        onClick={open}
      >
        <span class="picture example-picture">
          <Crop example={example} />
        </span>
        <span class="example-text" aria-hidden="true">
          {example.label !== null && <span class="example-label">{labelName(example.label, names)}</span>}
          <span class="quiet">{number(example.activation)}</span>
        </span>
      </button>
    </li>
  );
}

/**
 * Which classes the examples of a filter are of, as a bar and in words; nothing of a single one. With
 * `favourite` also the class on all of whose pictures it is most active, where that is another one.
 */
export function Tally({ examples, filter, favourite = false }: Props & { favourite?: boolean }) {
  const all = cut(examples, filter);
  const counts = tally(all);
  const names = classNamesOf(examples);
  const most = favourite ? (examplesOf(examples, filter)?.favourite ?? null) : null;
  if (counts.length === 0 || all.length < 2) return null;
  return (
    <span class="tally" title={eachClass(counts, names)}>
      <span class="tally-bar" aria-hidden="true">
        {counts.map(([label, count]) => (
          <span key={label} style={{ flexGrow: count }} />
        ))}
      </span>
      <span class="tally-text">{inClasses(counts, all.length, names)}</span>
      {most !== null && most !== counts[0]?.[0] && (
        <span class="tally-text quiet" title="The class on all of whose pictures it is most active">
          on average: {labelName(most, names)}
        </span>
      )}
    </span>
  );
}

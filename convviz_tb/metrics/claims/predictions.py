"""Claims on predictions: one class for all pictures, a class lost, predictions that changed."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from convviz_tb.metrics.claims.series import Array, Finding
from convviz_tb.metrics.claims.story import Story, since
from convviz_tb.metrics.claims.words import about, at, listed

ENOUGH: Final = 8  # pictures, all of which get one class: most of the others do then, too
_FEW: Final = 4  # as many, in two logs
_KNEW: Final = 2  # pictures that were rightly of a class at a step at which the network knew it
_LASTING: Final = 2  # logs for which a class was not predicted
_RECENT: Final = 6  # steps in which a prediction goes back and forth
_CHANGES: Final = 3
_FLICKERS: Final = 0.25  # of the pictures


class OneClass(NamedTuple):
    """All pictures are predicted as one class since a step."""

    class_index: int
    step: int
    pictures: int
    is_damage: bool  # more of them were right before


def one_class(story: Story) -> OneClass | None:
    """Whether all pictures have got one class, which was not so at the first step."""
    table, rows = _known(story)
    if len(rows) < 2 or table.shape[1] < _FEW or _of_one_label(story, table.shape[1]):
        return None
    last = int(table[rows[-1], 0])
    step = since(story.steps[rows], (table[rows] == last).all(axis=1))
    if step is None or step == story.steps[rows[0]]:
        return None
    if table.shape[1] < ENOUGH and step == story.steps[rows[-1]]:
        return None  # of few pictures for one epoch: chance
    right = _right(story, table)[rows]
    is_damage = story.labels is not None and right.sum(axis=1).max() > right[-1].sum()
    return OneClass(last, step, table.shape[1], bool(is_damage))


def never_predicted(story: Story) -> Iterator[Finding]:
    """Classes that the network knew, and predicts for no picture any more."""
    table, rows = _known(story)
    if story.labels is None or len(rows) < 2 or one_class(story):
        return
    labels = np.asarray(story.labels)[: table.shape[1]]
    for class_index in np.unique(labels):
        said, are = table[rows] == class_index, labels == class_index
        right = (said & are).sum(axis=1)
        knew = (right >= _KNEW) & (2 * right >= said.sum(axis=1)) & (2 * right >= are.sum())
        step = since(story.steps[rows], ~said.any(axis=1))
        if step is None or not knew.any() or not _is_lost(story, class_index, said):
            continue
        best = int(np.where(knew, right, 0).argmax())
        then = at(story.steps[rows[best]])
        text = f"Class {story.class_name(int(class_index))} is predicted for none of {len(labels)} "
        text += f"pictures any more since epoch {step}; {then} it was for {right[best]} of its "
        text += f"{are.sum()} pictures."
        yield about_picture(story, text, step, np.flatnonzero(are)[0], "bad")


def _is_lost(story: Story, class_index: int, said: Array) -> bool:
    """Whether it is not for one epoch, nor by a hair: its own pictures do not look like it."""
    sureness = [
        maps.table("probability")[-1, maps.classes == class_index]
        for maps in story.maps
        if (maps.classes == class_index).any()
    ]
    own = np.concatenate(sureness) if sureness else np.empty(0)
    return bool(not said[-_LASTING:].any() and not (own >= story.chance).any())


def back_and_forth(story: Story) -> Iterator[Finding]:
    """Pictures whose prediction returns again and again to a class that it had left."""
    table, rows = _known(story)
    recent = table[rows[-_RECENT:]]
    changes = recent[1:] != recent[:-1]
    again = recent[2:] != recent[1:-1]
    back = again & (recent[2:] == recent[:-2]) if len(recent) > 2 else again
    which = np.flatnonzero((changes.sum(axis=0) >= _CHANGES) & (back.sum(axis=0) >= 2))
    if len(which) < max(2, _FLICKERS * table.shape[1]):
        return
    text = f"The predictions of {len(which)} of {table.shape[1]} pictures go back and forth: over "
    text += f"the last {len(recent)} logs each changed {_CHANGES} times or more: "
    text += f"{listed(which.tolist(), 'picture')}."
    yield about_picture(story, text, story.steps[rows[-1]], which[0])


def other_predictions(story: Story) -> Iterator[Finding]:
    """Pictures that are predicted as another class than at first, where most are not."""
    table, rows = _known(story)
    if len(rows) < 2:
        return
    first, last = table[rows[0]], table[rows[-1]]
    which = np.flatnonzero(first != last)
    if not 0 < len(which) <= table.shape[1] / 2:
        return
    steps = [since(story.steps[rows], table[rows, i] == last[i]) or 0 for i in which]
    told = [
        f"picture {i} ({story.class_name(int(first[i]))} to {story.class_name(int(last[i]))} at "
        f"epoch {step})"
        for i, step in zip(which[:3], steps, strict=False)
    ]
    more = f" and {len(which) - 3} more" if len(which) > 3 else ""
    verb = "is" if len(which) == 1 else "are"
    text = f"{len(which)} of {table.shape[1]} pictures {verb} predicted as another class than "
    text += f"{at(story.steps[rows[0]])}: {', '.join(told)}{more}."
    yield about_picture(story, text, max(steps), which[0])


def _known(story: Story) -> tuple[Array, Array]:
    """The predictions, and the steps at which all of them are known."""
    table = story.predicted
    complete = ~np.isnan(table).any(axis=1) if table.size else np.zeros(len(table), bool)
    return table, np.flatnonzero(complete)


def _of_one_label(story: Story, count: int) -> bool:
    return story.labels is not None and len(set(np.asarray(story.labels)[:count].tolist())) < 2


def _right(story: Story, table: Array) -> Array:
    if story.labels is None:
        return np.zeros(table.shape, bool)
    right: Array = table == np.asarray(story.labels)[: table.shape[1]]
    return right


def about_picture(
    story: Story, text: str, step: int, picture: int, severity: str | None = None
) -> Finding:
    """A finding on the prediction of a picture; it is shown with a heatmap of it."""
    return about(text, "heatmaps", story.maps[0].layer, step, picture, severity)

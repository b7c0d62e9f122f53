"""Claims on classes for which the network found evidence: good news, and no move."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from convviz_tb.metrics.claims.predictions import one_class
from convviz_tb.metrics.claims.series import Array, Finding, Maps
from convviz_tb.metrics.claims.story import Story, since
from convviz_tb.metrics.claims.words import about, sure

_ENOUGH: Final = 3  # pictures of a class, below which they say little about it
_ENOUGH_OF_ALL: Final = 4  # pictures of all classes together
_MANY: Final = 5  # of which not all need be recognised
_MOST: Final = 0.25  # of them: so many may have been recognised at first


class _Found(NamedTuple):
    """Evidence for something on some pictures, and since when."""

    what: str
    how: str
    step: int
    image: int


def found(story: Story) -> Iterator[Finding]:
    """Classes for which there was no evidence at first: not recognised, or empty maps."""
    for maps in () if one_class(story) else story.maps:  # who says "dog" to all knows no dog
        told = sorted(_found_in(story, maps), key=lambda each: each.step)
        if told:
            first, *others = told
            more = "".join(f", {each.what} at epoch {each.step}" for each in others[:3])
            left_out = f" and {len(others) - 3} more" if len(others) > 3 else ""
            text = f"The network found evidence for {first.what} at epoch {first.step}{first.how}"
            text += f"{more}{left_out}."
            yield about(text, "heatmaps", maps.layer, first.step, first.image)
            return  # of one layer: the classes are the same in all


def _found_in(story: Story, maps: Maps) -> list[_Found]:
    """The classes with enough pictures; where none has, all of them together."""
    known = np.asarray(maps.present.any(axis=1))
    if not known.any() or not known[-1]:
        return []
    both = maps.present[known][0] & maps.present[-1]
    of_class = {each: both & (maps.classes == each) for each in np.unique(maps.classes).tolist()}
    groups = {f"class {story.class_name(i)}": columns for i, columns in of_class.items()}
    enough = {what: columns for what, columns in groups.items() if columns.sum() >= _ENOUGH}
    if not enough and both.sum() >= _ENOUGH_OF_ALL and sum(map(np.any, groups.values())) > 1:
        enough = {"its classes": both}
    told = (_of(story, maps, np.flatnonzero(chosen), what) for what, chosen in enough.items())
    return [each for each in told if each]


def _of(story: Story, maps: Maps, columns: Array, what: str) -> _Found | None:
    """Whether hardly one of these maps was of a class that was recognised, and most are now.

    Of a few all must be: half of three are recognised by chance.
    """
    known = np.asarray(maps.present.any(axis=1))
    first = int(known.argmax())
    usable = (maps.evidence & story.recognised(maps))[:, columns]
    share = usable.mean(axis=1)
    step = since(maps.steps, share >= (0.6 if len(columns) >= _MANY else 1), known)
    if share[first] > _MOST or step is None or step == maps.steps[first]:
        return None
    return _Found(what, _how(maps, columns, first), step, int(maps.images[columns[0]]))


def _how(maps: Maps, columns: Array, first: int) -> str:
    on = f"the same {len(columns)} pictures"
    if not maps.evidence[first, columns].any():
        return f" (its heatmaps on {on} were empty or flat at first)"
    probability = maps.table("probability")[:, columns]
    if np.isnan(probability[[first, -1]]).any():
        return ""
    before, now = probability[first].mean(), probability[-1].mean()
    return f" (its probability on {on} rose from {sure(before)} to {sure(now)})"

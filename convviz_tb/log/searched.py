"""Searched pictures: those that examples come from, and by which filters are chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import keras
import numpy as np
import numpy.typing as npt
from keras import tree

from convviz_tb.examples import Examples, PictureSet, Watched
from convviz_tb.heatmaps import GradCAM
from convviz_tb.log.examples import ExampleJob, Source
from convviz_tb.metrics.use import fitting, most_used
from convviz_tb.model import Tap
from convviz_tb.patterns import FilterPatterns, evenly_spread

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Asked:
    """What a user asks for; None for what is not wanted.

    Attributes:
        patterns: which patterns.
        heatmaps: which heatmaps.
        examples: which pictures are searched; "auto" for those of the heatmaps, if there are any.
    """

    patterns: FilterPatterns | None
    heatmaps: GradCAM | None
    examples: Examples | Literal["auto"] | None

    @property
    def searched(self) -> Examples | None:
        """The pictures that examples come from."""
        if self.examples != "auto":
            return self.examples
        return _of_heatmaps(self.heatmaps) if self.heatmaps else None

    def set_of(self, model: keras.Model, pictures: Examples) -> PictureSet:
        """The set of these pictures; all but those of `examples` are what the model itself takes.

        Raises:
            ValueError: they do not fit the model.
        """
        return PictureSet(model, pictures, is_prepared=pictures is not self.examples)

    @property
    def source(self) -> Source:
        """Where these pictures are logged."""
        given = self.heatmaps
        if self.examples != "auto" or given is None or given.choose:
            return "pictures"
        # One picture each, shown as the model takes it: a position of a layer is one in it.
        is_whole = given.part is None and not tree.is_nested(given.images)
        return "inputs" if is_whole and np.ndim(given.images) <= 4 else "pictures"

    @property
    def judged_by(self) -> Examples | None:
        """The pictures by which filters are chosen."""
        if self.searched is not None or self.patterns is None:
            return self.searched
        if self.heatmaps is not None:
            return _of_heatmaps(self.heatmaps)
        named = (self.patterns.probes, self.patterns.images)
        given = next((each for each in named if each is not None), None)
        return None if given is None else Examples(given)


@dataclass(frozen=True)
class Choice:
    """Which filters of each layer are shown, by layer path, and how they were chosen.

    Attributes:
        filters: those of each layer; empty where the options name them.
        by: "use" or "spread"; None where the options name them.
    """

    filters: Mapping[str, Array]
    by: str | None


def shown_filters(
    model: keras.Model, taps: Sequence[Tap], asked: Asked, fixed: Mapping[str, Array]
) -> Choice:
    """Which filters of each layer are shown: those of the run so far, else those most used.

    Args:
        model: the model.
        taps: the layers.
        asked: what is logged.
        fixed: the filters that the run has shown of each layer so far.

    Raises:
        ValueError: the pictures do not fit the model.
    """
    assert asked.patterns is not None
    count = asked.patterns.count
    if count is None:
        return Choice({}, None)
    spread = {tap.path: np.array(evenly_spread(count, tap.filters), np.int32) for tap in taps}
    if asked.patterns.filters_by == "spread" or asked.judged_by is None:
        return Choice(spread, "spread")
    known = {tap.path: fitting(fixed, tap, count) for tap in taps}
    left = [tap for tap in taps if known[tap.path] is None and count < tap.filters]
    used = {path: filters for path, filters in known.items() if filters is not None}
    if left:
        pictures = asked.set_of(model, asked.judged_by)
        used |= most_used(model, left, count, pictures, asked.heatmaps)
    return Choice(spread | used, "use")


def example_job(
    model: keras.Model, taps: Sequence[Tap], asked: Asked, filters: Sequence[Array]
) -> ExampleJob | None:
    """What searches the pictures; None where there are none.

    Raises:
        ValueError: the pictures do not fit the model, or a layer cannot be read.
    """
    if asked.searched is None or not taps:
        return None
    watched = [Watched(tap, shown) for tap, shown in zip(taps, filters, strict=True)]
    return ExampleJob(model, watched, asked.set_of(model, asked.searched), asked.source)


def sharing(
    heatmaps: GradCAM | None, examples: Examples | Literal["auto"] | None
) -> tuple[GradCAM | None, Examples | Literal["auto"] | None]:
    """Both, with the class names and labels that only one of them was given.

    Labels are shared where the pictures of the heatmaps are the first ones of the examples.
    """
    if heatmaps is None or not isinstance(examples, Examples):
        return heatmaps, examples
    count = _common(heatmaps, examples)
    of_heatmaps: dict[str, Any] = {}
    of_examples: dict[str, Any] = {}
    if not heatmaps.names and len(examples.class_names):
        of_heatmaps["class_names"] = tuple(examples.class_names)
    if heatmaps.names and not len(examples.class_names):
        of_examples["class_names"] = heatmaps.names
    if count and heatmaps.labels is None and examples.labels is not None:
        of_heatmaps["labels"] = examples.labels[:count]
    if count == examples.count and examples.labels is None and heatmaps.single_classes:
        of_examples["labels"] = np.array(heatmaps.single_classes)
    return (
        replace(heatmaps, **of_heatmaps) if of_heatmaps else heatmaps,
        replace(examples, **of_examples) if of_examples else examples,
    )


def _common(heatmaps: GradCAM, examples: Examples) -> int:
    """How many pictures the heatmaps are of, if they are the first of the examples; else 0."""
    if examples.is_dataset or tree.is_nested(heatmaps.images) or tree.is_nested(examples.images):
        return 0
    count = len(heatmaps)
    first = np.asarray(examples.images[:count])
    return count if np.array_equal(first, np.asarray(heatmaps.images)) else 0


def _of_heatmaps(heatmaps: GradCAM) -> Examples:
    return Examples(
        heatmaps.images,
        labels=heatmaps.single_classes,
        class_names=heatmaps.names,
        channels=heatmaps.channels,
    )

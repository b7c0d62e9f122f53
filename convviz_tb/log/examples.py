"""Examples of all layers at each step: searched in one pass, then written as numbers.

Pictures are written once, at the step at which they are first among the examples.
"""

import logging
import time
from collections.abc import Collection, Iterable, Sequence
from typing import Final, Literal

import keras
import numpy as np

from convviz_tb import images
from convviz_tb.examples import (
    LayerExamples,
    PictureSet,
    StepExamples,
    Watched,
    compute_examples,
    prepare,
)
from convviz_tb.log.results import LayerResult, Write
from convviz_tb.log.step import Job
from convviz_tb.log.whole import WholeJob
from convviz_tb.log.writer import RunWriter
from convviz_tb.metrics.run import Metrics
from convviz_tb.metrics.selectivity import favourite_classes
from convviz_tb.model import Tap
from convviz_tb.schema import Facts, Failure, Series

_logger = logging.getLogger("convviz_tb")

#: The series that holds the pictures that examples are cut from.
Source = Literal["pictures", "inputs"]
_EVERY_STEP: Final = 256  # pictures that are searched at every step; more as often as is cheap
_SHARE: Final = 0.1  # of the training since the last search, what one of many pictures may take
_MOST_NEW: Final = 1024  # pictures that are written at one step; the others follow


class ExampleJob(WholeJob):
    """Searches the examples of all watched layers, which share one pass through the model.

    Args:
        model: the model.
        watched: the layers and their filters.
        pictures: what is searched.
        source: where the pictures are logged: in a series of their own, or as those of heatmaps.

    Raises:
        ValueError: the pictures do not fit the model, or a layer cannot be read.
    """

    tag = "examples"

    def __init__(
        self,
        model: keras.Model,
        watched: Sequence[Watched],
        pictures: PictureSet,
        source: Source,
    ) -> None:
        self._taps = [each.tap for each in watched]
        super().__init__([f"examples/{tap.path}" for tap in self._taps])
        self._pictures = pictures
        self._source = source
        self._search = prepare(model, watched, pictures)
        self._has_told = False
        self._written: Collection[int] = set[int]() if source == "pictures" else range(2**31)
        self._newest = StepExamples({}, 0)
        self._trained = 0.0  # seconds of training until the newest search

    def is_due(self, trained: float) -> bool:
        """Whether a search is worth its time at a step between the first and the last.

        Says once where it is not, that many pictures are not searched at every step.

        Args:
            trained: seconds of training so far.
        """
        count, cost = self._newest.count, self._cost.per_unit or 0.0
        is_due = count <= _EVERY_STEP or cost <= _SHARE * (trained - self._trained)
        if is_due:
            self._trained = trained
        elif not self._has_told:
            self._has_told = True
            _logger.warning(
                "examples: %d pictures take %.1f s to search. They are searched at the first and "
                "the last step, and between when that is a tenth of the training since; up to %d "
                "would be searched at every step.",
                *(count, cost, _EVERY_STEP),
            )
        return is_due

    def not_due(self) -> list[Failure]:
        """Says that it was not searched, where there is no budget."""
        reason = f"{self._newest.count} pictures were not searched at this step, to save time"
        return [{"tag": tag, "reason": reason} for tag in self._tags]

    def compute(self, step: int, most: int | None = None) -> Sequence[LayerResult[LayerExamples]]:
        """Computes them all, whatever `most` says."""
        started = time.perf_counter()
        self._newest = compute_examples(self._search, self._written)
        seconds = (time.perf_counter() - started) / len(self._taps)
        self._computed = step
        return [
            LayerResult(step, tap, self._newest.layers[tap.path], seconds, self._writes(tap))
            for tap in self._taps
        ]

    def at(self, step: int, tap: Tap) -> LayerExamples | None:
        """The examples of a layer, if they were computed at this step."""
        return self._newest.layers.get(tap.path) if self._computed == step else None

    def measure(self, result: LayerResult[LayerExamples]) -> Metrics:
        """Nothing: their numbers are those of the filters, measured with the patterns."""
        return Metrics()

    def warm_up(self) -> None:
        """Computes them once and discards them: the first time takes longer than any other."""
        if self._cost.per_unit is None:
            started = time.perf_counter()
            compute_examples(self._search, range(2**31))
            self._cost.learn(time.perf_counter() - started)

    def resume(self, earlier: Iterable[Job]) -> None:
        """Continues from the job of an earlier `fit` that searched the same pictures."""
        for job in earlier:
            if not isinstance(job, ExampleJob):
                continue
            if job._pictures.options is self._pictures.options and job._source == self._source:
                self._pictures.resume_from(job._pictures)
                self._written = job._written
                self._has_told = job._has_told
                self._resume_cost(job)

    def _writes(self, tap: Tap) -> dict[str, Write]:
        """What there is to write of a layer; with the first one, the pictures that are new."""
        own: dict[str, Write] = {f"examples/{tap.path}": self._write}
        if tap is not self._taps[0] or not self._newest.pictures:
            return own
        return {"pictures": self._write_pictures} | own

    def _write(self, writer: RunWriter, result: LayerResult[LayerExamples]) -> None:
        facts = _facts(result.values) | {
            "count": self._newest.count,
            "source": self._source,
            "trainable": result.tap.is_trainable,
            "seconds": result.seconds,
        }
        writer.write(Series("examples", result.tap.path), result.step, facts)

    def _write_pictures(self, writer: RunWriter, result: LayerResult[LayerExamples]) -> None:
        numbers = sorted(self._newest.pictures)[:_MOST_NEW]
        tiles = np.stack([self._newest.pictures[number] for number in numbers])
        geometry, sheet = images.sheet(tiles, "jpeg")
        labels = self._newest.labels
        facts = {
            "sheet": geometry,
            "tiles": [{"picture": number, "label": labels.get(number)} for number in numbers],
            "class_names": [str(name) for name in self._pictures.options.class_names],
        }
        writer.write(Series("pictures"), result.step, facts, sheet)
        self._written = {*self._written, *numbers}


def _facts(examples: LayerExamples) -> Facts:
    """The numbers of a layer's examples: which picture, how strongly, where."""
    field, favourites = examples.field, favourite_classes(examples.class_means)
    tiles = []
    for i, filter_ in enumerate(examples.filters.tolist()):
        there = examples.pictures[i] >= 0
        tile: Facts = {
            "filter": filter_,
            "pictures": examples.pictures[i][there].tolist(),
            "activations": [float(f"{each:.5g}") for each in examples.activations[i][there]],
            "positions": examples.positions[i][there].tolist(),
        }
        if favourites is not None:
            tile["favourite"] = favourites[i]
        tiles.append(tile)
    seen = {
        "size": list(field.size),
        "stride": list(field.stride),
        "offset": list(field.offset),
        "sides": list(field.sides),
    }
    if field.whole:
        seen["whole"] = list(field.whole)
    return {"tiles": tiles, "field": seen}

"""What was asked for -> jobs that compute it at a step, and tasks that write what they computed.

A job runs while training waits, so it sees the weights of its step; its tasks only encode and
write, and may run in another thread meanwhile.
"""

import dataclasses
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import keras

from convviz_tb import heatmaps, record
from convviz_tb.follow import Followed, Follower
from convviz_tb.heatmaps import GradCAM, Heatmaps
from convviz_tb.options import FilterPatterns
from convviz_tb.record import Extra, Numbers
from convviz_tb.schema import Sheet
from convviz_tb.summaries import RunWriter
from convviz_tb.taps import Tap
from convviz_tb.weights import Fingerprints

Task = Callable[[RunWriter], None]


class Measures(Protocol):
    """Sees each result of a run, in the order of steps, before it is encoded.

    Called while training waits, so that it may run the model.
    """

    def of_patterns(self, step: int, tap: Tap, found: Followed) -> Extra:
        """What to say of the patterns of a layer."""

    def of_heatmaps(self, step: int, tap: Tap, found: Heatmaps) -> Extra:
        """What to say of the heatmaps of a layer."""


class NoMeasures:
    """Measures nothing."""

    def of_patterns(self, step: int, tap: Tap, found: Followed) -> Extra:
        return Extra()

    def of_heatmaps(self, step: int, tap: Tap, found: Heatmaps) -> Extra:
        return Extra()


@dataclass(frozen=True)
class Done:
    """What became of a job.

    Attributes:
        tasks: what is left to do, by the tag that it writes.
        numbers: of each layer as a whole, by its path.
    """

    tasks: dict[str, Task] = field(default_factory=dict)
    numbers: Numbers = field(default_factory=dict)


class PatternJob:
    """Computes the filter patterns of one layer.

    Args:
        model: the model.
        tap: the layer.
        options: what is asked for.
        fingerprints: tell whether weights changed; the same for all jobs of a run.
        measures: sees the results.
    """

    def __init__(
        self,
        model: keras.Model,
        tap: Tap,
        options: FilterPatterns,
        fingerprints: Fingerprints,
        measures: Measures,
    ) -> None:
        self.tag = f"patterns/{tap.path}"
        self._tap = tap
        self._options = options
        self._follower = Follower(model, tap, options, fingerprints)
        self._measures = measures
        self._sheet: tuple[Sheet, bytes] | None = None  # of the newest pictures

    def __call__(self, step: int) -> Done:
        started = time.perf_counter()
        tap = self._tap
        found = self._follower.at(step)
        seconds = time.perf_counter() - started
        extra = _with_seconds(self._measures.of_patterns(step, tap, found), seconds)
        if not found.unchanged:
            self._sheet = None

        def write(writer: RunWriter) -> None:
            self._sheet = self._sheet or record.pattern_sheet(found.patterns, self._options)
            record.record_patterns(writer, step, tap, found, self._sheet, self._options, extra)

        return Done({self.tag: write}, {tap.path: extra.numbers})

    def go_on(self, before: Iterable["Job"]) -> None:
        """Takes over what the jobs of an earlier `fit` knew."""
        for job in before:
            if isinstance(job, PatternJob) and job.tag == self.tag:
                self._follower.go_on_from(job._follower)


class HeatmapJob:
    """Computes the heatmaps of all watched layers, which share one pass through the model.

    Args:
        model: the model.
        watched: the layers.
        options: what is asked for.
        measures: sees the results.
    """

    tag = "heatmaps"

    def __init__(
        self, model: keras.Model, watched: Sequence[Tap], options: GradCAM, measures: Measures
    ) -> None:
        self._model = model
        self._watched = list(watched)
        self._options = options
        self._measures = measures
        self._pictures = record.shown_inputs(options, model)
        self._inputs_written = False

    def __call__(self, step: int) -> Done:
        started = time.perf_counter()
        options = self._options
        found = heatmaps.grad_cam(
            self._model,
            options.images,
            self._watched,
            options.classes,
            labels=options.labels,
            method=options.method,
            score=options.score,
            output=options.output,
            mask=options.mask,
        )
        seconds = (time.perf_counter() - started) / len(self._watched)
        extras = {
            tap.path: _with_seconds(self._measures.of_heatmaps(step, tap, found[tap.path]), seconds)
            for tap in self._watched
        }
        tasks = {} if self._inputs_written else {"inputs": self._inputs_task(step)}
        for tap in self._watched:
            tasks[f"heatmaps/{tap.path}"] = self._task(step, tap, found[tap.path], extras[tap.path])
        return Done(tasks, {path: extra.numbers for path, extra in extras.items()})

    def go_on(self, before: Iterable["Job"]) -> None:
        """Takes over what the jobs of an earlier `fit` knew."""
        for job in before:
            self._inputs_written |= isinstance(job, HeatmapJob) and job._inputs_written

    def _inputs_task(self, step: int) -> Task:
        def write(writer: RunWriter) -> None:
            record.record_inputs(writer, step, self._pictures, self._options)
            self._inputs_written = True

        return write

    def _task(self, step: int, tap: Tap, found: Heatmaps, extra: Extra) -> Task:
        def write(writer: RunWriter) -> None:
            record.record_heatmaps(writer, step, tap, found, self._options, self._pictures, extra)

        return write


class FailedJob:
    """Stands for a model that could not be looked at: says so at every step.

    Args:
        error: why.
    """

    tag = "model"

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __call__(self, step: int) -> Done:
        raise self._error

    def go_on(self, before: Iterable["Job"]) -> None:
        """Knows nothing."""


Job = PatternJob | HeatmapJob | FailedJob


def _with_seconds(extra: Extra, seconds: float) -> Extra:
    """With the time that the computing took; that of measuring is not the layer's."""
    return dataclasses.replace(
        extra,
        facts=extra.facts | {"seconds": seconds},
        numbers=extra.numbers | {"seconds": seconds},
    )

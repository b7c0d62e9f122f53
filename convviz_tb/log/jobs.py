"""What was asked for -> jobs that compute it at a step, and tasks that write what they computed.

A job runs while training waits, so it sees the weights of its step; its tasks only encode and
write, and may run in another thread meanwhile.
"""

import dataclasses
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import keras

from convviz_tb import heatmaps, images
from convviz_tb.heatmaps import GradCAM, Heatmaps
from convviz_tb.log import events
from convviz_tb.log.budget import Cost
from convviz_tb.log.events import Numbers
from convviz_tb.log.writer import RunWriter
from convviz_tb.metrics.run import Extra, RunMeasures
from convviz_tb.model import Fingerprints, Tap
from convviz_tb.patterns import FilterPatterns, Follower, batch_size
from convviz_tb.schema import Failure, Sheet

Task = Callable[[RunWriter], None]


@dataclass(frozen=True)
class Done:
    """What became of a job.

    Attributes:
        tasks: what is left to do, by the tag that it writes.
        numbers: of each layer as a whole, by its path.
        failures: what failed although there are pictures, by tag.
        skipped: what there was no time for, by tag.
    """

    tasks: dict[str, Task] = field(default_factory=dict)
    numbers: Numbers = field(default_factory=dict)
    failures: Sequence[tuple[str, Exception]] = ()
    skipped: Sequence[Failure] = ()


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
        measures: RunMeasures,
    ) -> None:
        self.tag = f"patterns/{tap.path}"
        self._tap = tap
        self._options = options
        self._follower = Follower(model, tap, options, fingerprints)
        self._measures = measures
        self._batch = batch_size(model, tap, options)
        self._sheet: tuple[Sheet, bytes] | None = None  # of the newest pictures
        self._costs = {refreshed: Cost() for refreshed in (False, True)}  # of one filter

    def __call__(self, step: int, most: int | None = None) -> Done:
        """Computes the patterns of `most` filters, of those that waited longest; None for all."""
        started = time.perf_counter()
        tap = self._tap
        found = self._follower.at(step, most)
        seconds = time.perf_counter() - started
        tiles = images.pattern_tiles(found.patterns.images, self._options.channels)
        extra, failures = _measured(
            tap, partial(self._measures.of_patterns, step, tap, found, tiles)
        )
        extra = _with_seconds(extra, seconds)
        computed = int((found.computed == step).sum())
        if not found.unchanged:
            self._sheet = None
            cost = self._costs[found.refreshed]
            cost.learn(time.perf_counter() - started, self._in_batches(computed))

        def write(writer: RunWriter) -> None:
            self._sheet = self._sheet or images.sheet(tiles, self._options.image_format)
            events.record_patterns(writer, step, tap, found, self._sheet, self._options, extra)

        skipped = self.skipped(computed) if not found.is_complete else []
        return Done({self.tag: write}, {tap.path: extra.numbers}, failures, skipped)

    def warm_up(self) -> None:
        """Has TensorFlow do what it does once, lest that be taken for the cost of a filter."""
        self._follower.warm_up()

    def predicted(self, step: int) -> float:
        """Seconds that all filters would take; 0 where that is not known yet."""
        chosen, refreshed = self._follower.next(step)
        return self._in_batches(len(chosen)) * (self._cost_of_one(refreshed) or 0.0)

    def affordable(self, step: int, seconds: float) -> int | None:
        """How many filters can be computed in that time; None for all, also where nobody knows."""
        chosen, refreshed = self._follower.next(step)
        count = len(chosen)
        cost = self._cost_of_one(refreshed)
        if not count or cost is None or self._in_batches(count) * cost <= seconds:
            return None
        if self._follower.together:
            return 0
        return max(0, int(seconds / (cost * self._batch)) * self._batch)

    def could_be_afforded(self, step: int, now: float, later: float) -> bool:
        """Whether what is left to do is too much for the seconds now, but not for those later."""
        chosen, refreshed = self._follower.next(step, self._batch)
        cost = self._in_batches(len(chosen)) * (self._cost_of_one(refreshed) or 0.0)
        return now < cost <= later

    def waiting_since(self, step: int, seconds: float) -> int:
        """The step of its oldest picture."""
        return self._follower.oldest

    def skipped(self, computed: int = 0) -> list[Failure]:
        """Says that there was no time for the rest."""
        reason = f"budget: {computed} of {self._follower.count} filters computed"
        return [{"tag": self.tag, "reason": reason}]

    def _in_batches(self, count: int) -> int:
        """`count` filled up to whole batches, which is what is computed."""
        return -(-count // self._batch) * self._batch

    def _cost_of_one(self, refreshed: bool) -> float | None:
        """Seconds per filter; a warm start not yet seen is taken to cost by its steps."""
        cost, seed = self._costs[refreshed].per_unit, self._costs[True].per_unit
        if cost is None and seed is not None:
            return seed * self._options.warm_steps / self._options.ascent_steps
        return cost

    def go_on(self, before: Iterable["Job"]) -> None:
        """Takes over what the jobs of an earlier `fit` knew."""
        for job in before:
            if isinstance(job, PatternJob) and job.tag == self.tag:
                self._follower.go_on_from(job._follower)
                self._costs = job._costs


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
        self, model: keras.Model, watched: Sequence[Tap], options: GradCAM, measures: RunMeasures
    ) -> None:
        self._model = model
        self._watched = list(watched)
        self._options = options
        self._measures = measures
        self._pictures = events.shown_inputs(options, model)
        self._sides = heatmaps.picture_sides(model, options)
        self._inputs_written = False
        self._cost = Cost()
        self._computed = -1

    def __call__(self, step: int, most: int | None = None) -> Done:
        """Computes them all, whatever `most` says."""
        started = time.perf_counter()
        found = heatmaps.compute_heatmaps(self._model, self._watched, self._options)
        seconds = (time.perf_counter() - started) / len(self._watched)
        measured = {
            tap.path: _measured(
                tap, partial(self._measures.of_heatmaps, step, tap, found[tap.path])
            )
            for tap in self._watched
        }
        extras = {path: _with_seconds(extra, seconds) for path, (extra, _) in measured.items()}
        failures = [failure for _, failed in measured.values() for failure in failed]
        self._cost.learn(time.perf_counter() - started)
        self._computed = step
        tasks = {} if self._inputs_written else {"inputs": self._inputs_task(step)}
        for tap in self._watched:
            tasks[f"heatmaps/{tap.path}"] = self._task(step, tap, found[tap.path], extras[tap.path])
        return Done(tasks, {path: extra.numbers for path, extra in extras.items()}, failures)

    def warm_up(self) -> None:
        """Computes them once for nothing: the first time takes longer than any other."""
        if self._cost.per_unit is None:
            heatmaps.compute_heatmaps(self._model, self._watched, self._options)

    def predicted(self, step: int) -> float:
        """Seconds that it would take; 0 where that is not known yet."""
        return self._cost.per_unit or 0.0

    def affordable(self, step: int, seconds: float) -> int | None:
        """None for all of them, 0 for none."""
        return None if self.predicted(step) <= seconds else 0

    def could_be_afforded(self, step: int, now: float, later: float) -> bool:
        """Whether it waits for more seconds than there are now, and will get them."""
        return self._computed < step and now < self.predicted(step) <= later

    def waiting_since(self, step: int, seconds: float) -> int:
        """The step of its pictures; before all others where they cost but a part of the time."""
        return -1 if self.predicted(step) < seconds / 2 else self._computed

    def skipped(self) -> list[Failure]:
        """Says that there was no time."""
        reason = "budget: not computed"
        return [{"tag": f"heatmaps/{tap.path}", "reason": reason} for tap in self._watched]

    def go_on(self, before: Iterable["Job"]) -> None:
        """Takes over what the jobs of an earlier `fit` knew."""
        for job in before:
            if isinstance(job, HeatmapJob):
                self._inputs_written |= job._inputs_written
                self._cost, self._computed = job._cost, job._computed

    def _inputs_task(self, step: int) -> Task:
        def write(writer: RunWriter) -> None:
            events.record_inputs(writer, step, self._pictures, self._options, self._sides)
            self._inputs_written = True

        return write

    def _task(self, step: int, tap: Tap, found: Heatmaps, extra: Extra) -> Task:
        def write(writer: RunWriter) -> None:
            events.record_heatmaps(writer, step, tap, found, self._options, self._pictures, extra)

        return write


class FailedJob:
    """Stands for a model that could not be looked at: says so at every step.

    Args:
        error: why.
    """

    tag = "model"

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __call__(self, step: int, most: int | None = None) -> Done:
        raise self._error

    def warm_up(self) -> None:
        """Has nothing to compute."""

    def predicted(self, step: int) -> float:
        """Costs nothing."""
        return 0.0

    def affordable(self, step: int, seconds: float) -> int | None:
        """All of it."""
        return None

    def could_be_afforded(self, step: int, now: float, later: float) -> bool:
        """Waits for nothing."""
        return False

    def waiting_since(self, step: int, seconds: float) -> int:
        """Waits for nothing."""
        return -1

    def skipped(self) -> list[Failure]:
        """Leaves nothing out."""
        return []

    def go_on(self, before: Iterable["Job"]) -> None:
        """Knows nothing."""


Job = PatternJob | HeatmapJob | FailedJob


def _measured(tap: Tap, measure: Callable[[], Extra]) -> tuple[Extra, list[tuple[str, Exception]]]:
    """What was measured. Should that fail, the pictures are there all the same."""
    try:
        return measure(), []
    except Exception as error:
        return Extra(), [(f"numbers/{tap.path}", error)]


def _with_seconds(extra: Extra, seconds: float) -> Extra:
    """With the time that the computing took; that of measuring is not the layer's."""
    return dataclasses.replace(
        extra,
        facts=extra.facts | {"seconds": seconds},
        numbers=extra.numbers | {"seconds": seconds},
    )

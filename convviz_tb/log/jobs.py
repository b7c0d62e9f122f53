"""Jobs: the patterns of one layer, or the heatmaps of all, at each step.

Training waits while a job computes, so it sees the weights of its step. What it leaves to write is
only encoded and written, and may run in another thread meanwhile.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras

from convviz_tb import heatmaps, images
from convviz_tb.heatmaps import Confusion, GradCAM, Heatmaps
from convviz_tb.log import events
from convviz_tb.log.budget import Cost
from convviz_tb.log.chosen import PictureChoice
from convviz_tb.log.examples import ExampleJob
from convviz_tb.log.feature_maps import write_feature_maps
from convviz_tb.log.pictures import shown_inputs
from convviz_tb.log.results import LayerResult, Write
from convviz_tb.log.step import Job
from convviz_tb.log.whole import WholeJob
from convviz_tb.log.writer import RunWriter
from convviz_tb.metrics.probes import Probes
from convviz_tb.metrics.run import Metrics, RunMetrics
from convviz_tb.model import Fingerprints, Tap, view_of
from convviz_tb.patterns import (
    FilterPatterns,
    Patterns,
    PatternTracker,
    TrackedPatterns,
    batch_size,
    frame_of,
)
from convviz_tb.schema import Facts, Failure, Sheet


class PatternJob:
    """Computes the filter patterns of one layer.

    Args:
        model: the model.
        tap: the layer.
        options: what is asked for.
        fingerprints: show whether weights changed; the same for all jobs of a run.
        metrics: measures the results.
        probes: what its filters are watched on, if anything.
        filters: those to compute; None for those that the options name.
        filters_by: how these were chosen; None where the options name them.
    """

    def __init__(
        self,
        model: keras.Model,
        tap: Tap,
        options: FilterPatterns,
        fingerprints: Fingerprints,
        metrics: RunMetrics,
        probes: Probes | None,
        filters: Any = None,
        filters_by: str | None = None,
    ) -> None:
        self.tag = f"patterns/{tap.path}"
        self._examples: ExampleJob | None = None
        self._filters_by = filters_by
        self._tap = tap
        self._options = options
        self._tracker = PatternTracker(model, tap, options, fingerprints, filters)
        self._metrics = metrics
        self._probes = probes
        self._batch = batch_size(model, tap, options)
        self._frame = _frame_seen(model, tap, options)
        self.assumed = _assumed(model, tap, options)
        self._tiles: images.Bytes | None = None  # of the newest patterns
        self._sheet: tuple[Sheet, bytes] | None = None  # of these tiles
        self._costs = {refreshed: Cost() for refreshed in (False, True)}  # of one filter
        self._newest = (False, 0)  # which of the costs to learn, and from how many filters

    @property
    def path(self) -> str:
        """That of its layer."""
        return self._tap.path

    @property
    def filters(self) -> Any:
        """Its filters: indices `(n,)`, or directions `(n, channels)`."""
        return self._tracker.filters

    def give(self, patterns: Mapping[str, Patterns]) -> None:
        """Hands it the patterns of the next step from the seed, computed elsewhere, by layer."""
        self._tracker.given = patterns.get(self._tap.path)

    def join(self, examples: ExampleJob) -> None:
        """Has its filters measured by their examples, which are searched before it computes."""
        self._examples = examples

    def compute(self, step: int, most: int | None = None) -> Sequence[LayerResult[TrackedPatterns]]:
        """Computes `most` filters, those that have waited longest; None for all."""
        started = time.perf_counter()
        tracked = self._tracker.update(step, most)
        seconds = time.perf_counter() - started
        computed = int((tracked.computed == step).sum())
        if self._tiles is None or not tracked.unchanged:
            self._tiles = self._tiles_of(tracked.patterns)
            self._sheet = None
        self._newest = (tracked.refreshed, 0 if tracked.unchanged else computed)
        skipped = [] if tracked.is_complete else self.skipped(computed)
        return [LayerResult(step, self._tap, tracked, seconds, {self.tag: self._write}, skipped)]

    def measure(self, result: LayerResult[TrackedPatterns]) -> Metrics:
        """Measures the patterns against the baseline and the step before."""
        assert self._tiles is not None  # made where the patterns were computed
        return self._metrics.of_patterns(
            result.step,
            result.tap,
            result.values,
            self._tiles,
            self._probes,
            self._tracker.reseeded,
            self._tracker.responses,
            self._tiles_of,
            self._examples.at(result.step, result.tap) if self._examples else None,
            self._options.class_names,
        )

    def learn(self, seconds: float) -> None:
        """Learns what one filter costs."""
        refreshed, computed = self._newest
        if computed:
            self._costs[refreshed].learn(seconds, self._in_batches(computed))

    def warm_up(self) -> None:
        """Runs the graph once: what TensorFlow does only then is not the cost of a filter."""
        self._tracker.warm_up()

    def predicted(self, step: int) -> float:
        """Seconds that all filters would take; 0 where that is not known yet."""
        chosen, refreshed = self._tracker.due(step)
        return self._in_batches(len(chosen)) * (self._cost_of_one(refreshed) or 0.0)

    def affordable(self, step: int, seconds: float) -> int | None:
        """How many filters there is time for; None for all, also where the cost is not known."""
        chosen, refreshed = self._tracker.due(step)
        count = len(chosen)
        cost = self._cost_of_one(refreshed)
        if not count or cost is None or self._in_batches(count) * cost <= seconds:
            return None
        if self._tracker.together:
            return 0
        return max(0, int(seconds / (cost * self._batch)) * self._batch)

    def is_worth_saving_for(self, step: int, now: float, later: float) -> bool:
        """Whether there are too few seconds for its next batch now, but enough later."""
        chosen, refreshed = self._tracker.due(step, self._batch)
        cost = self._in_batches(len(chosen)) * (self._cost_of_one(refreshed) or 0.0)
        return now < cost <= later

    def waiting_since(self, step: int, seconds: float) -> int:
        """The step of its oldest picture."""
        return self._tracker.oldest

    def skipped(self, computed: int = 0) -> list[Failure]:
        """Says that there was no time for the rest."""
        reason = f"budget: {computed} of {self._tracker.count} filters computed"
        return [{"tag": self.tag, "reason": reason}]

    def resume(self, earlier: Iterable[Job]) -> None:
        """Continues from the job of an earlier `fit`."""
        for job in earlier:
            if isinstance(job, PatternJob) and job.tag == self.tag:
                self._tracker.resume_from(job._tracker)
                self._costs = job._costs

    def _tiles_of(self, patterns: Patterns) -> images.Bytes:
        """Patterns as they are shown: of those over time the step that the layer sees."""
        shown = patterns.images if self._frame is None else patterns.images[:, self._frame]
        return images.pattern_tiles(shown, self._options.channels)

    def _in_batches(self, count: int) -> int:
        """`count` filled up to whole batches, which is what is computed."""
        return -(-count // self._batch) * self._batch

    def _cost_of_one(self, refreshed: bool) -> float | None:
        """Seconds per filter; that of a warm start is estimated from its steps until measured."""
        cost, seed = self._costs[refreshed].per_unit, self._costs[True].per_unit
        if cost is None and seed is not None:
            return seed * self._options.warm_steps / self._options.ascent_steps
        return cost

    def _write(self, writer: RunWriter, result: LayerResult[TrackedPatterns]) -> None:
        if self._sheet is None and self._tiles is not None:
            self._sheet = images.sheet(self._tiles, self._options.image_format)
        assert self._sheet is not None
        given = (self._sheet, self._frame, self._filters_by, tuple(self.assumed))
        events.write_patterns(writer, result, self._options, *given)


def _frame_seen(model: keras.Model, tap: Tap, options: FilterPatterns) -> int | None:
    """The one time step that a layer sees, where the model takes several."""
    picture = frame_of(model, tap, options).picture
    if len(picture.shape) != 4 or len(tap.shape) != 3:
        return None
    return view_of(model, tap, picture.example()).frame


def _assumed(model: keras.Model, tap: Tap, options: FilterPatterns) -> dict[str, str]:
    """Options that neither the user nor pictures tell, each with what is assumed."""
    frame, (low, high) = frame_of(model, tap, options), options.input_range
    found = {}
    if options.value_range is None:
        found["value_range"] = f"{low:g} to {high:g}"
    if frame.is_assumed:
        found["size"] = " x ".join(map(str, frame.sides))
    return found


class HeatmapJob(WholeJob):
    """Computes the heatmaps of all watched layers, which share one pass through the model.

    Args:
        model: the model.
        watched: the layers.
        options: what is asked for.
        metrics: measures the results.
        filters: those whose feature maps come along, by layer path.

    Raises:
        ValueError: the options do not fit the model.
    """

    tag = "heatmaps"

    def __init__(
        self,
        model: keras.Model,
        watched: Sequence[Tap],
        options: GradCAM,
        metrics: RunMetrics,
        filters: Mapping[str, Any],
    ) -> None:
        super().__init__([f"heatmaps/{tap.path}" for tap in watched])
        heatmaps.prepare(model, watched, options, filters)
        self._filters = filters
        self._model = model
        self._watched = list(watched)
        self._options = options
        self._metrics = metrics
        self._choice = PictureChoice(options) if options.choose else None
        self._show()

    def compute(self, step: int, most: int | None = None) -> Sequence[LayerResult[Heatmaps]]:
        """Computes them all, whatever `most` says."""
        started = time.perf_counter()
        if self._choice and self._choice.update(self._model, step):
            self._show()
        computed = self._heatmaps()
        seconds = (time.perf_counter() - started) / len(self._watched)
        self._computed = step
        return [
            LayerResult(step, tap, computed[tap.path], seconds, self._writes(tap))
            for tap in self._watched
        ]

    def measure(self, result: LayerResult[Heatmaps]) -> Metrics:
        """Measures the heatmaps of a layer against the baseline and the step before."""
        sides, field = self._pictures.sides_of(result.tap), self._pictures.field_of(result.tap)
        given = (result.values, sides, field, self._pictures.places(result.tap))
        return self._metrics.of_heatmaps(result.step, result.tap, *given)

    @property
    def unplaced(self) -> list[str]:
        """The layers of which it is not known where in the pictures their maps lie."""
        return [tap.path for tap in self._watched if not self._pictures.places(tap)]

    def warm_up(self) -> None:
        """Computes them once and discards them: the first time takes longer than any other."""
        if self._cost.per_unit is None:
            self._heatmaps()

    def resume(self, earlier: Iterable[Job]) -> None:
        """Continues from the job of an earlier `fit`."""
        for job in earlier:
            if isinstance(job, HeatmapJob):
                if self._choice and job._choice and self._choice.resume_from(job._choice):
                    self._show()
                self._inputs_written |= job._inputs_written
                self._resume_cost(job)

    def choose(self, earlier: Mapping[int, Mapping[str, Facts]]) -> None:
        """Shows the pictures that another process has chosen for this run, if it has.

        Args:
            earlier: the facts of all events of the run, by step and tag.
        """
        if self._choice and self._choice.adopt(earlier):
            self._show()

    @property
    def confusion(self) -> Confusion | None:
        """That of the newest step, where pictures are chosen of a set."""
        return self._choice.confusion if self._choice else None

    def _show(self) -> None:
        """Has heatmaps of the pictures that are chosen; written as inputs once more."""
        if self._choice:
            self._options = self._choice.options
            self._metrics.explain(self._options, self._choice.first)
        self._pictures = shown_inputs(self._model, self._watched, self._options)
        self._inputs_written = False

    def _heatmaps(self) -> dict[str, Heatmaps]:
        """The maps of each layer, as they lie over the pictures."""
        given = (self._model, self._watched, self._options, self._filters)
        found = heatmaps.compute_heatmaps(*given)
        return {tap.path: self._laid(tap, found[tap.path]) for tap in self._watched}

    def _laid(self, tap: Tap, own: Heatmaps) -> Heatmaps:
        features = None if own.features is None else self._pictures.laid(tap, own.features)
        return replace(own, maps=self._pictures.laid(tap, own.maps), features=features)

    def _writes(self, tap: Tap) -> dict[str, Write]:
        """What there is to write of a layer; with the first one, once, the input pictures."""
        own: dict[str, Write] = {f"heatmaps/{tap.path}": self._write}
        if tap.path in self._filters:
            own[f"feature_maps/{tap.path}"] = self._write_feature_maps
        if self._inputs_written or tap is not self._watched[0]:
            return own
        return {"inputs": self._write_inputs} | own

    def _write_inputs(self, writer: RunWriter, result: LayerResult[Heatmaps]) -> None:
        given = (self._pictures, self._options, self._choice.chosen if self._choice else ())
        events.write_inputs(writer, result.step, *given)
        self._inputs_written = True

    def _write(self, writer: RunWriter, result: LayerResult[Heatmaps]) -> None:
        events.write_heatmaps(writer, result, self._options, self._pictures)

    def _write_feature_maps(self, writer: RunWriter, result: LayerResult[Heatmaps]) -> None:
        write_feature_maps(writer, result, self._filters[result.tap.path], self._pictures)

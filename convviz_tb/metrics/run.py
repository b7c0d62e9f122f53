"""Metrics of a run: measures every result against the baseline and the step before.

`filters.py` and `heatmaps.py` compute the metrics; `docs/metrics.md` has the formulas.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from keras import tree

from convviz_tb import images
from convviz_tb.examples import LayerExamples
from convviz_tb.heatmaps import GradCAM, Heatmaps, regions, tiles_of
from convviz_tb.metric_table import Of
from convviz_tb.metrics import baseline, drift, filters, heatmaps
from convviz_tb.metrics import findings as sentences
from convviz_tb.metrics.baseline import State
from convviz_tb.metrics.columns import Columns, layer_numbers, tile_facts
from convviz_tb.metrics.findings import Finding, History
from convviz_tb.metrics.heatmaps import RegionCoverage
from convviz_tb.metrics.history import MetricHistory, Training
from convviz_tb.metrics.probes import Probes, fingerprint_of
from convviz_tb.model import Tap
from convviz_tb.patterns import FilterPatterns, Patterns, TrackedPatterns
from convviz_tb.schema import Facts

Array = npt.NDArray[Any]

#: What two states must share to be compared.
_IDENTITY: Final = ("filters", "pictures")
_SHAPED: Final = ("kernel", "texture", "levels", "maps")


@dataclass(frozen=True)
class Metrics:
    """The metrics of one layer at one step.

    Attributes:
        tiles: facts of each tile, in order; empty for none.
        facts: facts of the layer.
        numbers: of the layer as a whole.
    """

    tiles: Sequence[Facts] = ()
    facts: Facts = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)


class RunMetrics:
    """Measures the results of a run, step after step, over several fits.

    Keeps the baseline, the step before, and the numbers of all steps.

    Args:
        patterns: which filter patterns are logged.
        heatmaps: which heatmaps are logged.
    """

    def __init__(self, patterns: FilterPatterns | None, heatmaps: GradCAM | None) -> None:
        self._channels = patterns.channels if patterns else None
        self._by_response = patterns is not None and patterns.recipe.by_response
        self._heatmaps = heatmaps
        self._first: int | None = None  # how many of the pictures say which these are
        self._coverage = RegionCoverage(heatmaps.boxes if heatmaps else None)
        self._history = MetricHistory()
        self._findings: list[Finding] = []
        self._baseline: dict[str, State] = {}  # by tag
        self._previous: dict[str, State] = {}
        self._is_saved = False

    def of_patterns(
        self,
        step: int,
        tap: Tap,
        tracked: TrackedPatterns,
        tiles: images.Bytes,
        probes: Probes | None,
        reseeded: Callable[[], Patterns],
        respond: Callable[[Array], Array],
        tiles_of: Callable[[Patterns], images.Bytes] | None = None,
        examples: LayerExamples | None = None,
        class_names: Sequence[str] = (),
    ) -> Metrics:
        """Measures the filter patterns of a layer.

        Args:
            step: the step.
            tap: the layer.
            tracked: its patterns.
            tiles: the same as they are shown.
            probes: the probe images; without them there are no numbers of responses.
            reseeded: computes the first few filters from another seed, for the noise floor.
            respond: how all filters of the layer, as it is now, respond to pictures in grey levels.
            tiles_of: how patterns are shown; by default all of them.
            examples: the pictures that excite its filters, if they were searched.
            class_names: names by class index, for the layer whose filters are the classes.
        """
        tag = f"patterns/{tap.path}"
        responses = probes.responses(step, tap) if probes else None
        pictures = filters.picture_state(tracked.patterns, tiles, self._by_response)
        now = filters.filter_state(tap, tracked.filters, pictures)
        if probes and responses:
            now["answers"] = filters.response_state(responses, tracked.filters)
            now["probes"] = probes.fingerprint
        before, previous = self._compared_with(tag, step, now)
        rows = filters.picture_rows(now, respond)
        if "noise_floor" not in before:
            others = reseeded()
            other_tiles = (tiles_of or self._tiles_of)(others)
            state = filters.picture_state(others, other_tiles, self._by_response)
            other_rows = filters.picture_rows(state, respond)
            before["noise_floor"] = filters.noise_floor(rows, other_rows)
        columns: Columns = {"filter": tracked.patterns.filters, "score": tracked.patterns.scores}
        columns |= filters.name_column(tap, tracked.filters, class_names)
        columns |= filters.drift_columns(now, before)
        of_baseline = rows if before["step"] == step else filters.picture_rows(before, respond)
        columns["pattern_drift"] = drift.pattern_drift(rows, of_baseline)
        if previous:
            columns |= filters.drift_columns(now, previous, "_previous")
            kept = "levels" if self._by_response else "texture"
            is_baseline = previous[kept] is before[kept]
            of_previous = of_baseline if is_baseline else filters.picture_rows(previous, respond)
            columns["pattern_drift_previous"] = drift.pattern_drift(rows, of_previous)
        if probes and responses:
            of_shown = responses.of(tracked.filters)
            columns |= filters.activity_columns(of_shown, tracked.patterns, len(probes))
            columns |= filters.variation_column(of_shown, probes)
            columns |= filters.similarity_columns(now, responses, len(probes))
        columns |= filters.selectivity_column(examples)
        facts = {
            "baseline_step": int(before["step"]),
            "noise_floor": float(before["noise_floor"]),
            "probes": len(probes) if probes else 0,
        }
        return self._keep("filter", step, tag, now, columns, facts)

    def _tiles_of(self, patterns: Patterns) -> images.Bytes:
        return images.pattern_tiles(patterns.images, self._channels)

    def of_heatmaps(
        self,
        step: int,
        tap: Tap,
        computed: Heatmaps,
        sides: tuple[int, int] | None,
        field: Sequence[float] | None = None,
        is_placed: bool = True,
    ) -> Metrics:
        """Measures the heatmaps of a layer.

        Args:
            step: the step.
            tap: the layer.
            computed: its heatmaps.
            sides: height and width of the images in pixels; None where boxes are of others.
            field: where the maps lie in the images, see `View`; None for all over them.
            is_placed: whether that is known at all.
        """
        tag = f"heatmaps/{tap.path}"
        tiles = tiles_of(computed)
        now = heatmaps.heatmap_state(tiles, self._pictures)
        before, previous = self._compared_with(tag, step, now)
        columns = heatmaps.map_columns(tiles, field or regions.WHOLE)
        if not is_placed:
            columns = {name: c for name, c in columns.items() if name not in heatmaps.IN_PICTURE}
        columns["overlap_baseline"] = heatmaps.overlap(now, before)
        if previous:
            columns["overlap_previous"] = heatmaps.overlap(now, previous)
        columns |= heatmaps.channel_columns(tiles)
        facts: Facts = {"baseline_step": int(before["step"])}
        if sides:
            columns |= self._coverage.columns(tiles, sides, field or regions.WHOLE)
            if most_on := self._coverage.most_on(tiles, sides, field or regions.WHOLE):
                facts["most_on"] = most_on
        return self._keep("heatmap", step, tag, now, columns, facts)

    def explain(self, heatmaps: GradCAM, first: int) -> None:
        """Measures heatmaps of other pictures from now on, chosen from the same set.

        Args:
            heatmaps: their options.
            first: how many stand at the beginning that later ones may be added to: where those are
                the same as before, the others are measured as before.
        """
        self._heatmaps, self._first = heatmaps, first
        self._coverage = RegionCoverage(heatmaps.boxes)
        self.__dict__.pop("_pictures", None)  # their fingerprint

    def findings(self, step: int, training: Training) -> list[Finding]:
        """What the metrics say in words; to be called once per step."""
        self._history.begin_step(step, training)
        names = self._heatmaps.names if self._heatmaps else ()
        boxes = self._heatmaps.boxes if self._heatmaps else None
        labels = self._heatmaps.single_classes if self._heatmaps else None
        object_name = next(iter(regions.named(boxes)))
        self._findings = sentences.findings(self.history, names, object_name, labels)
        return self._findings

    @property
    def history(self) -> History:
        """See `ConvViz.history`."""
        return self._history.as_lists() | {"findings": [dict(each) for each in self._findings]}

    def resume(self, directory: str, earlier: dict[int, dict[str, Facts]]) -> None:
        """Continues a run that another process began.

        Args:
            directory: where the run's event files are.
            earlier: the facts of all events there, by step and tag.
        """
        self._baseline = baseline.load(directory) if earlier else {}
        self._is_saved = bool(self._baseline)
        self._history.resume(earlier)

    def fixed_filters(self, directory: str) -> dict[str, Array]:
        """The filters of each layer that are measured since the baseline, by layer path.

        Args:
            directory: where the run's event files are, of this process or another.
        """
        states = self._baseline or baseline.load(directory)
        prefix = "patterns/"
        return {
            tag.removeprefix(prefix): state["filters"]
            for tag, state in states.items()
            if tag.startswith(prefix) and "filters" in state
        }

    def save(self, directory: str) -> None:
        """Saves the baseline next to the event files, unless it is there.

        Raises:
            OSError: it could not be written.
        """
        if not self._is_saved:
            baseline.save(directory, self._baseline)
            self._is_saved = True

    @cached_property
    def _pictures(self) -> Array:
        arrays = tree.flatten(self._heatmaps.images) if self._heatmaps else []
        return fingerprint_of([array[: self._first] for array in arrays])

    def _compared_with(self, tag: str, step: int, now: State) -> tuple[State, State | None]:
        """The baseline, and the step before if there is one.

        Where nothing comparable is known, this step becomes the baseline.
        """
        previous = self._previous.get(tag)
        if tag not in self._baseline or not _comparable(now, self._baseline[tag]):
            self._baseline[tag] = now | {"step": np.array(step)}
            self._is_saved = False
        if previous is not None and not _comparable(now, previous):
            previous = None
        return self._baseline[tag], previous

    def _keep(
        self, of: Of, step: int, tag: str, now: State, columns: Columns, facts: Facts
    ) -> Metrics:
        self._previous[tag] = now
        tiles = tile_facts(columns)
        numbers = layer_numbers(of, tiles)
        self._history.add(step, tag, tiles, numbers, facts)
        return Metrics(tiles, facts, numbers)


def _comparable(now: State, before: State) -> bool:
    """Whether two states are of the same filters, or of maps of the same pictures."""
    same = all(
        name in before and np.array_equal(now[name], before[name])
        for name in _IDENTITY
        if name in now
    )
    shaped = (name for name in _SHAPED if name in now or name in before)
    return same and all(
        name in now and name in before and now[name].shape[1:] == before[name].shape[1:]
        for name in shaped
    )

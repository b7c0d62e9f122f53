"""Results of a logging step: one per layer, and the report that sums them up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from convviz_tb.log.writer import RunWriter
from convviz_tb.metrics.run import Metrics
from convviz_tb.model.taps import Tap
from convviz_tb.schema import Failure

Values = TypeVar("Values")
Numbers: TypeAlias = dict[str, dict[str, float]]  # by layer path and name
#: Encodes and writes a result, in the background.
Write: TypeAlias = Callable[[RunWriter, "LayerResult[Any]"], None]


@dataclass
class LayerResult(Generic[Values]):
    """What was computed for one layer at one step; then measured; then encoded and written.

    Attributes:
        step: the step.
        tap: the layer.
        values: its patterns or heatmaps, raw.
        seconds: how long computing them took.
        writes: what is left to write, by tag.
        skipped: what there was no time for.
        metrics: measured from the values; empty where that failed.
    """

    step: int
    tap: Tap
    values: Values
    seconds: float
    writes: Mapping[str, Write]
    skipped: Sequence[Failure] = ()
    metrics: Metrics = field(default_factory=Metrics)


@dataclass
class StepReport:
    """What a step has logged, what is missing and why. Jobs add to it.

    Attributes:
        describe: turns an error into a failure, and warns of it.
        numbers: of each layer as a whole.
        failures: what is missing.
        skipped: what there was no time for.
        seconds: how long the jobs took.
        writing_seconds: processor time of encoding and writing in the background.
    """

    describe: Callable[[str, BaseException], Failure]
    numbers: Numbers = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    skipped: list[Failure] = field(default_factory=list)
    seconds: float = 0.0
    writing_seconds: float = 0.0

    def add(self, result: LayerResult[Any]) -> None:
        """Adds a result that was measured."""
        self.skipped += result.skipped
        of_layer = self.numbers.setdefault(result.tap.path, {})
        of_layer |= result.metrics.numbers
        of_layer["seconds"] = of_layer.get("seconds", 0.0) + result.seconds  # of both kinds

    def fail(self, tag: str, error: BaseException) -> None:
        """Adds a failure."""
        self.failures.append(self.describe(tag, error))

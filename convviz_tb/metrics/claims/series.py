"""The numbers of one layer as arrays over the steps: of its filters, or of its heatmaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from convviz_tb.metrics.drift import FLAT

#: See `ConvViz.history`.
History: TypeAlias = dict[str, Any]
Finding: TypeAlias = dict[str, Any]
Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Series:
    """Columns of numbers over the steps, NaN where one is unknown.

    Attributes:
        layer: path of the layer.
        steps: int `(steps,)`.
        numbers: the columns, each with a list (or None) for each step.
        slots: for each step the positions in these lists that the columns of arrays stand for, by
            number of the column.
        width: how many columns the arrays have.
    """

    layer: str
    steps: Array
    numbers: History
    slots: Sequence[dict[int, int]]
    width: int

    def has(self, name: str) -> bool:
        """Whether the number was ever logged."""
        return name in self.numbers

    @property
    def probes(self) -> float:
        """How many probe images there are; infinity where it was not logged."""
        known = [each for each in self.numbers.get("probes", ()) if each]
        return float(known[-1]) if known else np.inf

    @property
    def is_baseline(self) -> bool:
        """Whether the last step is itself what change is measured against."""
        known = [each for each in self.numbers.get("baseline_step", ()) if each is not None]
        return bool((known[-1:] or [self.steps[0]])[0] == self.steps[-1])

    def table(self, name: str, axis: int | None = None) -> Array:
        """A number as float `(steps, columns)`; `axis` picks x (0) or y (1) of a point."""
        table = np.full((len(self.steps), self.width), np.nan)
        for row, (slots, values) in enumerate(
            zip(self.slots, self.numbers.get(name, ()), strict=False)
        ):
            for column, slot in slots.items() if values else ():
                value = values[slot] if slot < len(values) else None
                if value is not None:
                    table[row, column] = value if axis is None else value[axis]
        return table


@dataclass(frozen=True, eq=False)
class Filters(Series):
    """The filters of one layer; column i is filter `filters[i]`."""

    filters: Sequence[int]

    @cached_property
    def names(self) -> Sequence[str | None]:
        """The classes that the filters stand for; None of a filter that stands for none."""
        known = [each for each in self.numbers.get("name", ()) if each]
        return known[-1] if known else [None] * len(self.filters)

    @property
    def has_life(self) -> bool:
        """Whether it was logged which filters respond and which are dead."""
        return self.has("active") and self.has("dead")

    @cached_property
    def silent(self) -> Array:
        """No response but 0 to any probe image: 1, 0 or NaN."""
        active = self.table("active")
        return np.where(np.isnan(active), self.table("dead"), active == 0)


@dataclass(frozen=True, eq=False)
class Maps(Series):
    """The heatmaps of one layer; column i is of the picture and the class `pairs[i]`."""

    pairs: Sequence[tuple[int, int]]

    @cached_property
    def present(self) -> Array:
        """Which maps were computed, bool `(steps, pairs)`."""
        return ~np.isnan(self.table("image"))

    @cached_property
    def evidence(self) -> Array:
        """Which of them show where evidence is: neither empty nor flat."""
        if not self.has("area"):
            return self.present
        entropy = np.nan_to_num(self.table("entropy"))
        return self.present & ~np.isnan(self.table("area")) & (entropy <= FLAT)

    @cached_property
    def images(self) -> Array:
        return np.array([image for image, _ in self.pairs], int)

    @cached_property
    def classes(self) -> Array:
        return np.array([class_index for _, class_index in self.pairs], int)

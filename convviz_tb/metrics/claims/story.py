"""Story of a run: its history as arrays over the steps, for rules to look things up in.

Only what can be compared is in it: of each layer the steps that were measured against the same
baseline as the last one, so of the same filters and pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from convviz_tb.metrics.claims.series import Array, Filters, History, Maps

_RECOGNISED: Final = 0.5  # of the way from chance to certainty


@dataclass(frozen=True, eq=False)
class Story:
    """The numbers of all steps of a run.

    Args:
        history: see `ConvViz.history`.
        class_names: names by class index.
        object_name: what the region is called that `energy_inside` is of.
        labels: the true class of each picture that heatmaps are of, where they are known.
    """

    history: History
    class_names: Sequence[str] = ()
    object_name: str = "object"
    labels: Sequence[int] | None = None
    steps: Array = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", np.array(self.history["steps"], int))

    @cached_property
    def filters(self) -> list[Filters]:
        return [
            self._filters(layer, _comparable(numbers))
            for layer, numbers in self.history["filters"].items()
        ]

    @cached_property
    def maps(self) -> list[Maps]:
        found = (
            self._maps(layer, _comparable(numbers))
            for layer, numbers in self.history["pictures"].items()
        )
        return [maps for maps in found if maps.pairs]

    @cached_property
    def broken(self) -> list[Sequence[str]]:
        """What held NaN or infinity, at each step."""
        return [each or () for each in self.history.get("broken") or [()] * len(self.steps)]

    def rate(self, step: int) -> str:
        """The learning rate of the epoch that ended at a step, in words, if it is known."""
        rates = self.history.get("learning_rate") or [None] * len(self.steps)
        known = dict(zip(self.steps.tolist(), rates, strict=True)).get(step)
        return f" (learning rate {known:.3g})" if known is not None and step else ""

    def trainable(self, layer: str) -> Array:
        """Whether a layer was not frozen at each step: 1, 0 or NaN."""
        flags = self.history.get("trainable", {}).get(layer) or [None] * len(self.steps)
        return np.array([np.nan if each is None else float(each) for each in flags])

    @cached_property
    def predicted(self) -> Array:
        """The class of each picture, float `(steps, pictures)`, the same for all layers."""
        for maps in self.maps:
            if maps.has("predicted"):
                of_pairs = maps.table("predicted")
                images = sorted(set(maps.images.tolist()))
                return np.stack([_first(of_pairs[:, maps.images == i]) for i in images], axis=1)
        return np.empty((len(self.steps), 0))

    def recognised(self, maps: Maps) -> Array:
        """Which maps are of a class that the network is clearly sure of, bool `(steps, pairs)`.

        Others say what would speak for the class. Where no probability is known, all of them are.
        """
        sure = ~(maps.table("probability") < self.chance + _RECOGNISED * (1 - self.chance))
        return sure & maps.present & self._is_true(maps)

    def class_name(self, class_index: int) -> str:
        """A class in words."""
        known = class_index < len(self.class_names)
        return str(self.class_names[class_index]) if known else str(class_index)

    def _is_true(self, maps: Maps) -> Array:
        if self.labels is None:
            return np.full(len(maps.pairs), True)
        return np.array([self.labels[image] == each for image, each in maps.pairs])

    @cached_property
    def chance(self) -> float:
        """The probability of each class for who knows nothing; too high rather than too low."""
        seen = [int(maps.classes.max()) + 1 for maps in self.maps]
        if self.predicted.size and not np.isnan(self.predicted).all():
            seen.append(int(np.nanmax(self.predicted)) + 1)
        return 1 / max(2, len(self.class_names), *seen)

    def _filters(self, layer: str, numbers: History) -> Filters:
        filters = [int(each) for each in numbers["filter"]]
        slots = [{i: i for i in range(len(filters))}] * len(self.steps)
        return Filters(layer, self.steps, numbers, slots, len(filters), filters)

    def _maps(self, layer: str, numbers: History) -> Maps:
        columns = zip(numbers.get("image", ()), numbers.get("class_index", ()), strict=False)
        keys = [list(zip(i or (), c or (), strict=False)) for i, c in columns]
        pairs = sorted({key for of_step in keys for key in of_step})
        slots = [{pairs.index(key): slot for slot, key in enumerate(of_step)} for of_step in keys]
        return Maps(layer, self.steps, numbers, slots, len(pairs), pairs)


def since(steps: Array, holds: Array, known: Array | None = None) -> int | None:
    """The first step from which on something holds until now; None if it does not hold now.

    Skips steps at which it is not known whether it holds, as where a budget left a layer out.
    """
    known = np.full(len(holds), True) if known is None else known
    holds, steps = holds[known], steps[known]
    if not len(holds) or not holds[-1]:
        return None
    broken = np.flatnonzero(~holds)
    return int(steps[broken[-1] + 1 if len(broken) else 0])


def means(values: Array) -> Array:
    """Means of rows, of what is known in each; NaN where nothing is."""
    known = ~np.isnan(values)
    counts = known.sum(axis=1)
    sums = np.where(known, values, 0).sum(axis=1)
    averages: Array = np.divide(sums, counts, out=np.full(len(values), np.nan), where=counts > 0)
    return averages


def _comparable(numbers: History) -> History:
    """Without the steps that were measured against another baseline than the last one."""
    baselines = numbers.get("baseline_step")
    if not baselines:
        return numbers
    last = next((each for each in reversed(baselines) if each is not None), None)
    kept = [each == last for each in baselines]
    return {
        name: values
        if name == "filter"
        else [value if keep else None for value, keep in zip(values, kept, strict=True)]
        for name, values in numbers.items()
    }


def _first(rows: Array) -> Array:
    """The first known value of each row."""
    return np.array([next((each for each in row if each == each), np.nan) for row in rows])

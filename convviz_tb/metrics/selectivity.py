"""Class selectivity: whether a filter is more active on one class than on the others."""

from typing import Any

import numpy as np
import numpy.typing as npt

from convviz_tb.examples import ClassMeans

Array = npt.NDArray[Any]


def class_selectivity(means: ClassMeans | None) -> Array | None:
    """Class selectivity of each filter, -1..1, `(filters,)`; None without two classes.

    Morcos et al. 2018, "On the importance of single directions for generalization":
    (largest - others) / (largest + others), of the mean activations by class. With few pictures the
    largest of many classes is large by chance alone. So here, in the difference, the class is
    chosen on one half of the pictures and measured on the other, both ways: a filter that knows
    nothing of classes has 0 on average. NaN of a silent filter.
    """
    if means is None or len(means.classes) < 2:
        return None
    one, other = means.halves
    difference = (_difference(one, other) + _difference(other, one)) / 2
    both = (one + other) / 2
    largest = both.max(axis=0)
    total = largest + (both.sum(axis=0) - largest) / (len(both) - 1)
    selectivity: Array = np.where(total > 0, difference / np.where(total > 0, total, 1), np.nan)
    return selectivity


def favourite_classes(means: ClassMeans | None) -> list[int | None] | None:
    """The class on which each filter is most active; None of a filter that is silent."""
    if means is None or len(means.classes) < 2:
        return None
    both = means.halves.mean(axis=0)
    chosen = means.classes[both.argmax(axis=0)].tolist()
    return [int(c) if any_ else None for c, any_ in zip(chosen, both.any(axis=0), strict=True)]


def _difference(chosen_on: Array, measured_on: Array) -> Array:
    """Of the class that is largest in the first, its mean in the second, less that of the others.

    Both hold means `(classes, filters)`.
    """
    favourite = chosen_on.argmax(axis=0)[None]
    of_favourite = np.take_along_axis(measured_on, favourite, axis=0)[0]
    of_others = (measured_on.sum(axis=0) - of_favourite) / (len(measured_on) - 1)
    difference: Array = of_favourite - of_others
    return difference

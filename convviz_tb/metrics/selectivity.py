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
    largest of many classes is large by chance alone, so here the class is chosen on one half of the
    pictures and measured on the other, both ways, and averaged: a filter that knows nothing of
    classes has 0 on average, where it would have had more.
    """
    if means is None or len(means.classes) < 2:
        return None
    one, other = means.halves
    return (_selectivity(one, other) + _selectivity(other, one)) / 2


def favourite_classes(means: ClassMeans | None) -> list[int | None] | None:
    """The class on which each filter is most active; None of a filter that is silent."""
    if means is None or len(means.classes) < 2:
        return None
    both = means.halves.mean(axis=0)
    chosen = means.classes[both.argmax(axis=0)].tolist()
    return [int(c) if any_ else None for c, any_ in zip(chosen, both.any(axis=0), strict=True)]


def _selectivity(chosen_on: Array, measured_on: Array) -> Array:
    """By the class that is largest in the first, of the means `(classes, filters)` in the second.

    NaN of a silent filter.
    """
    favourite = chosen_on.argmax(axis=0)[None]
    of_favourite = np.take_along_axis(measured_on, favourite, axis=0)[0]
    of_others = (measured_on.sum(axis=0) - of_favourite) / (len(measured_on) - 1)
    total = of_favourite + of_others
    selectivity: Array = np.where(
        total > 0, (of_favourite - of_others) / np.where(total > 0, total, 1), np.nan
    )
    return selectivity

"""Running top-k: the largest values of each filter so far, with where they were."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Top:
    """The `k` largest values of each of `count` filters, at most one of a picture.

    Of equal values that of the lower number is kept, in whichever order they come. Only values
    above 0 count.
    """

    def __init__(self, count: int, k: int) -> None:
        self._values = np.zeros((count, k), np.float32)
        self._numbers = np.full((count, k), -1, np.int64)
        self._places = np.zeros((count, k), np.int64)

    @property
    def numbers(self) -> set[int]:
        """The pictures that are among them."""
        return set(np.unique(self._numbers).tolist()) - {-1}

    def add(self, values: Array, numbers: Array, places: Array) -> None:
        """Adds pictures: values and places `(n, count)`, numbers `(n,)`, each picture once."""
        candidates = np.nan_to_num(values.T, nan=0, posinf=0, neginf=0)
        better = (candidates >= self._values[:, -1:]) & (candidates > 0)
        chosen = better.any(axis=0)  # most pictures soon change nothing
        if not chosen.any():
            return
        candidates = np.where(better, candidates, 0)[:, chosen]
        rows = (len(candidates), int(chosen.sum()))
        all_values = np.concatenate([self._values, candidates], axis=1)
        all_numbers = np.concatenate(
            [self._numbers, np.where(candidates > 0, numbers[chosen], -1).reshape(rows)], axis=1
        )
        all_places = np.concatenate([self._places, places.T[:, chosen]], axis=1)
        order = np.lexsort((all_numbers, -all_values))[:, : self._values.shape[1]]
        joined = (all_values, all_numbers, all_places)
        self._values, self._numbers, self._places = (
            np.take_along_axis(each, order, axis=1) for each in joined
        )

    def best(self) -> tuple[Array, Array, Array]:
        """Values, numbers of pictures and places, each `(count, k)`, the largest first."""
        return self._values, self._numbers, np.where(self._numbers < 0, 0, self._places)

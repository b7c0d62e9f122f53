"""Running top-k: the largest values of each filter so far, with where they were."""

from collections.abc import Callable
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

    def add(self, values: Array, numbers: Array, maps_of: Callable[[Array], Array]) -> None:
        """Adds pictures, each once.

        Args:
            values: the largest of each filter, `(n, count)`.
            numbers: of the pictures, `(n,)`.
            maps_of: gives what they are the largest of, `(m, positions, count)`, for some of the
                pictures by their indices `(m,)`; most pictures soon change nothing.
        """
        candidates = np.nan_to_num(values.T, nan=0, posinf=0, neginf=0)
        better = (candidates >= self._values[:, -1:]) & (candidates > 0)
        chosen = np.flatnonzero(better.any(axis=0))
        if not len(chosen):
            return
        candidates = np.where(better, candidates, 0)[:, chosen]
        own = np.where(candidates > 0, numbers[chosen], -1)
        to_find = np.broadcast_to(-1 - chosen, candidates.shape)
        joined = [
            np.concatenate(pair, axis=1)
            for pair in (
                (self._values, candidates),
                (self._numbers, own),
                (self._places, to_find),
            )
        ]
        order = np.lexsort((joined[1], -joined[0]))[:, : self._values.shape[1]]
        self._values, self._numbers, self._places = (
            np.take_along_axis(each, order, axis=1) for each in joined
        )
        self._find(maps_of)

    def _find(self, maps_of: Callable[[Array], Array]) -> None:
        """Finds the places of those that are new."""
        filters, ranks = np.nonzero(self._places < 0)
        if not len(filters):
            return
        rows, own = np.unique(-1 - self._places[filters, ranks], return_inverse=True)
        maps = maps_of(rows)
        for f, rank, i in zip(filters, ranks, own, strict=True):
            self._places[f, rank] = maps[i, :, f].argmax()

    def best(self) -> tuple[Array, Array, Array]:
        """Values, numbers of pictures and places, each `(count, k)`, the largest first."""
        return self._values, self._numbers, np.where(self._numbers < 0, 0, self._places)

"""Class means: how strongly each filter is active on the pictures of each class, in two halves."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class ClassMeans:
    """Mean activations of `count` filters by class, summed up picture by picture.

    The pictures of each class go to two halves in turn, so that what is chosen on one half can be
    measured on the other.
    """

    def __init__(self, count: int) -> None:
        self._sums = np.zeros((2, 0, count))
        self._counts = np.zeros((2, 0), int)

    def add(self, means: Array, labels: Array) -> None:
        """Adds pictures: their mean activations `(n, count)` and classes `(n,)`."""
        self._grow(int(labels.max(initial=-1)) + 1)
        for mean, label in zip(np.nan_to_num(means), labels.tolist(), strict=True):
            if label >= 0:
                half = int(self._counts[:, label].sum()) % 2
                self._sums[half, label] += mean
                self._counts[half, label] += 1

    @property
    def classes(self) -> Array:
        """The classes that have a picture in both halves, int `(c,)`."""
        return np.flatnonzero((self._counts > 0).all(axis=0))

    @property
    def halves(self) -> Array:
        """Mean activations of these classes in both halves, `(2, c, filters)`."""
        counts = self._counts[:, self.classes, None]
        means: Array = self._sums[:, self.classes] / counts
        return means

    def _grow(self, classes: int) -> None:
        more = classes - self._counts.shape[1]
        if more > 0:
            self._sums = np.pad(self._sums, [(0, 0), (0, more), (0, 0)])
            self._counts = np.pad(self._counts, [(0, 0), (0, more)])

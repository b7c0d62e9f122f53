"""Tiles: the maps of a layer one after the other, each with what is known of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from convviz_tb.heatmaps.compute import Heatmaps
from convviz_tb.heatmaps.targets import NO_CLASS

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class MapTiles:
    """All maps of a layer, first those of the first picture; one value of each array per map.

    Attributes:
        image: index of the picture.
        class_index: the class explained.
        maps: `(m, h, w)`, raw.
        scores: the score of the class.
        probabilities: its probability, NaN where the output has none.
        predicted: the class that is predicted for the picture.
        channels: `(m, 5)`, see `Heatmaps`; None for a method without gradients.
        weights: `(m, 5)`, likewise.
    """

    image: Array
    class_index: Array
    maps: Array
    scores: Array
    probabilities: Array
    predicted: Array
    channels: Array | None
    weights: Array | None


def tiles_of(heatmaps: Heatmaps) -> MapTiles:
    """The maps of a layer, without those that are of no class."""
    classes = heatmaps.classes.ravel()
    known = classes != NO_CLASS
    count = len(heatmaps.predicted)
    image = np.repeat(np.arange(count), len(classes) // count)[known]

    def flat(values: Array, axes: int = 0) -> Array:
        rows: Array = values.reshape(-1, *values.shape[values.ndim - axes :])[known]
        return rows

    return MapTiles(
        image=image,
        class_index=classes[known],
        maps=flat(heatmaps.maps, axes=2),
        scores=flat(heatmaps.scores),
        probabilities=flat(heatmaps.probabilities),
        predicted=heatmaps.predicted[image],
        channels=None if heatmaps.channels is None else flat(heatmaps.channels, axes=1),
        weights=None if heatmaps.weights is None else flat(heatmaps.weights, axes=1),
    )

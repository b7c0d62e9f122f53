"""Metrics of heatmaps: extent, overlap with those of another step, evidence on marked regions."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from convviz_tb import schema
from convviz_tb.heatmaps import MapTiles, regions
from convviz_tb.metrics import drift
from convviz_tb.metrics.baseline import State
from convviz_tb.metrics.columns import Columns

Array = npt.NDArray[Any]
Shape = tuple[int, int]
#: Metrics that name a place in the picture.
IN_PICTURE: Final = ("peak", "centre")


def heatmap_state(tiles: MapTiles, pictures: Array) -> State:
    """What later steps are compared with; `pictures` is the fingerprint of the images."""
    return {
        "maps": drift.small(tiles.maps),
        "pictures": pictures,
        "image": tiles.image,
        "class_index": tiles.class_index,
    }


def map_columns(tiles: MapTiles, field: Sequence[float] = regions.WHOLE) -> Columns:
    """What each map is of, and how far it extends.

    Args:
        tiles: the maps.
        field: where they lie in the pictures: left, top, right, bottom in shares.
    """
    return {
        "image": tiles.image,
        "class_index": tiles.class_index,
        "predicted": tiles.predicted,
        "probability": tiles.probabilities,
        "maximum": tiles.maps.max(axis=(1, 2)),
        "peak": _in_picture(drift.peak(tiles.maps), field),
        "centre": _in_picture(drift.centre(tiles.maps), field),
        "area": drift.area(tiles.maps),
        "entropy": drift.entropy(tiles.maps),
    }


def _in_picture(points: Array, field: Sequence[float]) -> Array:
    """Points `(n, 2)` in shares of the maps, in shares of the pictures that they lie in."""
    corner, opposite = np.reshape(field, (2, 2))
    placed: Array = corner + points * (opposite - corner)
    return placed


def overlap(now: State, before: State) -> Array:
    """Overlap of each map with that of the same image and class at another step, or NaN."""
    known = {key: index for index, key in enumerate(_keys(before))}
    overlaps = np.full(len(now["maps"]), np.nan)
    for i, key in enumerate(_keys(now)):
        if key in known:
            overlaps[i] = drift.overlap(now["maps"][i], before["maps"][known[key]])
    return overlaps


def _keys(state: State) -> list[tuple[int, int]]:
    return list(zip(state["image"].tolist(), state["class_index"].tolist(), strict=True))


def _mean_of_known(values: Array) -> float:
    """Without NaN, that of pictures without the region; 1 where no picture has it."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else 1.0


def channel_columns(tiles: MapTiles) -> Columns:
    """The channels that each map is made of with their weights, where the method knows them."""
    if tiles.channels is None or tiles.weights is None:
        return {}
    pairs = np.empty(len(tiles.channels), object)  # an array of lists
    for i, (indices, shares) in enumerate(zip(tiles.channels, tiles.weights, strict=True)):
        pairs[i] = [[int(index), share] for index, share in zip(indices, shares, strict=True)]
    return {"channels": pairs}


class RegionCoverage:
    """Shares of heatmap positions on the regions that the user has marked.

    Computed once for each size of maps.

    Args:
        boxes: boxes or masks of the images, see `GradCAM`; None where nothing is marked.
    """

    def __init__(self, boxes: Any) -> None:
        self._regions = {} if boxes is None else regions.named(boxes)
        self._known: dict[Any, tuple[dict[str, Array], Array]] = {}

    def most_on(
        self, tiles: MapTiles, sides: Shape, field: Sequence[float] = regions.WHOLE
    ) -> dict[str, float]:
        """Of regions thinner than a cell: the share of a map's evidence that can lie on them."""
        if not self._regions:
            return {}
        covered, _ = self._coverage(sides, tiles.maps.shape[1:], tuple(field))
        most = {name: _mean_of_known(each.max(axis=(1, 2))) for name, each in covered.items()}
        return {name: round(share, 4) for name, share in most.items() if share < 1}

    def columns(
        self, tiles: MapTiles, sides: Shape, field: Sequence[float] = regions.WHOLE
    ) -> Columns:
        """Energy of each map on each region, and whether its maximum is on the object.

        Args:
            tiles: the maps.
            sides: height and width of the images in pixels.
            field: where the maps lie in the images, see `View`.
        """
        if not self._regions:
            return {}
        maps, image = tiles.maps, tiles.image
        covered, centres = self._coverage(sides, (maps.shape[1], maps.shape[2]), tuple(field))
        energy = {name: drift.energy_inside(maps, each[image]) for name, each in covered.items()}
        on_object = energy.pop(next(iter(energy)))
        hottest = maps.reshape(len(maps), -1).argmax(axis=1)
        hits = centres[image].reshape(len(maps), -1)[np.arange(len(maps)), hottest]
        pointing = np.array(
            [None if np.isnan(e) else bool(hit) for e, hit in zip(on_object, hits, strict=True)]
        )
        others = {schema.ON_REGION + name: shares for name, shares in energy.items()}
        return {"energy_inside": on_object, "pointing": pointing} | others

    def _coverage(
        self, sides: Shape, shape: Shape, field: tuple[float, ...]
    ) -> tuple[dict[str, Array], Array]:
        """The share of each position on each region; whether its centre is on the object."""
        key = (sides, shape, field)
        if key not in self._known:
            shares = {name: regions.coverage(boxes, *key) for name, boxes in self._regions.items()}
            on_object = regions.centres_inside(next(iter(self._regions.values())), *key)
            self._known[key] = (shares, on_object)
        return self._known[key]

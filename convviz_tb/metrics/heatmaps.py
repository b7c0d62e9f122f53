"""Metrics of heatmaps: extent, overlap with those of another step, evidence on marked regions."""

from typing import Any

import numpy as np
import numpy.typing as npt

from convviz_tb import schema
from convviz_tb.heatmaps import Heatmaps, regions
from convviz_tb.metrics import drift
from convviz_tb.metrics.baseline import State
from convviz_tb.metrics.columns import Columns

Array = npt.NDArray[Any]
Shape = tuple[int, int]


def maps_of(heatmaps: Heatmaps) -> Array:
    """All maps of a layer in the order of its tiles, `(n, h, w)`."""
    return heatmaps.maps.reshape(-1, *heatmaps.maps.shape[-2:])


def heatmap_state(heatmaps: Heatmaps, pictures: Array) -> State:
    """What later steps are compared with; `pictures` is the fingerprint of the images."""
    maps, count = maps_of(heatmaps), len(heatmaps.predicted)
    return {
        "maps": drift.small(maps),
        "pictures": pictures,
        "image": np.repeat(np.arange(count), len(maps) // count),
        "class_index": heatmaps.classes.ravel(),
    }


def map_columns(heatmaps: Heatmaps, now: State) -> Columns:
    """What each map is of, and how far it extends."""
    maps = maps_of(heatmaps)
    return {
        "image": now["image"],
        "class_index": now["class_index"],
        "predicted": np.repeat(heatmaps.predicted, len(maps) // len(heatmaps.predicted)),
        "probability": heatmaps.probabilities.ravel(),
        "maximum": maps.max(axis=(1, 2)),
        "peak": drift.peak(maps),
        "centre": drift.centre(maps),
        "area": drift.area(maps),
        "entropy": drift.entropy(maps),
    }


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


def channel_columns(heatmaps: Heatmaps) -> Columns:
    """The channels that each map is made of with their weights, where the method knows them."""
    if heatmaps.channels is None or heatmaps.weights is None:
        return {}
    most = heatmaps.channels.shape[-1]
    channels, weights = (each.reshape(-1, most) for each in (heatmaps.channels, heatmaps.weights))
    pairs = np.empty(len(channels), object)  # an array of lists
    for i, (indices, shares) in enumerate(zip(channels, weights, strict=True)):
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
        self._known: dict[tuple[Shape, Shape], tuple[dict[str, Array], Array]] = {}

    def most_on(self, heatmaps: Heatmaps, sides: Shape) -> dict[str, float]:
        """Of regions thinner than a cell: the share of a map's evidence that can lie on them."""
        shape = (heatmaps.maps.shape[-2], heatmaps.maps.shape[-1])
        covered, _ = self._coverage(sides, shape) if self._regions else ({}, None)
        most = {name: _mean_of_known(each.max(axis=(1, 2))) for name, each in covered.items()}
        return {name: round(share, 4) for name, share in most.items() if share < 1}

    def columns(self, heatmaps: Heatmaps, image: Array, sides: Shape) -> Columns:
        """Energy of each map on each region, and whether its maximum is on the object.

        Args:
            heatmaps: the maps.
            image: index of the image that each map is of.
            sides: height and width of the images in pixels.
        """
        if not self._regions:
            return {}
        maps = maps_of(heatmaps)
        covered, centres = self._coverage(sides, (maps.shape[1], maps.shape[2]))
        energy = {name: drift.energy_inside(maps, each[image]) for name, each in covered.items()}
        on_object = energy.pop(next(iter(energy)))
        hottest = maps.reshape(len(maps), -1).argmax(axis=1)
        hits = centres[image].reshape(len(maps), -1)[np.arange(len(maps)), hottest]
        pointing = np.array(
            [None if np.isnan(e) else bool(hit) for e, hit in zip(on_object, hits, strict=True)]
        )
        others = {schema.ON_REGION + name: shares for name, shares in energy.items()}
        return {"energy_inside": on_object, "pointing": pointing} | others

    def _coverage(self, sides: Shape, shape: Shape) -> tuple[dict[str, Array], Array]:
        """The share of each position on each region; whether its centre is on the object."""
        if (sides, shape) not in self._known:
            shares = {
                name: regions.coverage(boxes, sides, shape) for name, boxes in self._regions.items()
            }
            on_object = regions.centres_inside(next(iter(self._regions.values())), sides, shape)
            self._known[sides, shape] = (shares, on_object)
        return self._known[sides, shape]

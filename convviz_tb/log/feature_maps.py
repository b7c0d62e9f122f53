"""Feature maps at each step: which filters they are of, and their facts and sheets.

They come out of the pass that computes the heatmaps. Raw activations at the layer's own resolution.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from convviz_tb import images
from convviz_tb.heatmaps import Heatmaps
from convviz_tb.log.pictures import InputPictures
from convviz_tb.log.results import LayerResult
from convviz_tb.log.writer import RunWriter
from convviz_tb.model import Tap
from convviz_tb.schema import Series

Array = npt.NDArray[Any]

#: Bounds of what is written of one layer at one step.
MOST_PICTURES: Final = 16
MOST_VALUES: Final = 2**18


def filters_seen(taps: Iterable[Tap], shown: Mapping[str, Array], most: int) -> dict[str, Array]:
    """The filters of each layer whose maps are logged: indices `(f,)` by path.

    Args:
        taps: the layers of the heatmaps.
        shown: the filters whose patterns are logged, by path; those of other layers are the first.
        most: how many of each layer.
    """
    chosen = {tap.path: _indices(shown.get(tap.path), tap.filters)[:most] for tap in taps}
    return {path: filters for path, filters in chosen.items() if len(filters)}


def _indices(shown: Array | None, count: int) -> Array:
    """Directions of patterns are no channels, and are left out."""
    if shown is None or np.ndim(shown) != 1:
        return np.arange(count)
    return np.asarray(shown)


def write_feature_maps(
    writer: RunWriter, result: LayerResult[Heatmaps], filters: Array, under: InputPictures
) -> None:
    """Writes the feature maps of one layer; `under` are the pictures that they lie over."""
    maps = _bounded(result.values.features)
    if not maps.size:
        return
    count = maps.shape[1]
    levels, minimum, maximum = images.heatmap_tiles(maps.reshape(-1, *maps.shape[2:]))
    geometry, sheet = images.sheet(levels, "png")
    tiles = [
        {
            "image": i // count,
            "filter": int(filters[i % count]),
            "minimum": _short(minimum[i]),
            "maximum": _short(maximum[i]),
        }
        for i in range(len(levels))
    ]
    facts = {"sheet": geometry, "tiles": tiles} | under.facts_of(result.tap)
    writer.write(Series("feature_maps", result.tap.path), result.step, facts, sheet)


def _bounded(maps: Array | None) -> Array:
    """Maps `(n, f, h, w)` of the first pictures and filters, as many as may be written."""
    if maps is None:
        return np.empty((0, 0, 0, 0))
    positions = max(1, maps.shape[2] * maps.shape[3])
    pictures = min(len(maps), MOST_PICTURES, MOST_VALUES // positions)
    filters = MOST_VALUES // (positions * max(1, pictures))
    return maps[:pictures, :filters]


def _short(value: float) -> float:
    """Five digits: more than the grey levels between two of them tell apart."""
    return float(f"{value:.5g}")

"""Metrics of all tiles of a layer: as columns, as facts of each tile, summed up for the layer."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from convviz_tb.metric_table import Of, Summary, row_of, summarised
from convviz_tb.schema import Facts

Array = npt.NDArray[Any]
#: One value per tile, by metric.
Columns = dict[str, Array]

_SUMMARIES: Final[dict[Summary, Callable[[Array], Any]]] = {
    "median": np.median,
    "mean": np.mean,
    "sum": np.sum,
}
#: Absent from the tiles that have no value; others are None there.
_OFTEN_ABSENT: Final = ("reason", "pointing")


def tile_facts(columns: Columns) -> list[Facts]:
    """One dictionary per tile, of Python's own types; values that are not finite are None."""
    listed = {name: [_plain(value) for value in values] for name, values in columns.items()}
    count = len(next(iter(listed.values())))
    return [
        {
            name: values[i]
            for name, values in listed.items()
            if name not in _OFTEN_ABSENT or values[i] is not None
        }
        for i in range(count)
    ]


def layer_numbers(of: Of, tiles: Sequence[Facts]) -> dict[str, float]:
    """The numbers of the layer as a whole, summed up from its tiles as the table says."""
    summaries, numbers = summarised(of), {}
    for name in dict.fromkeys(name for tile in tiles for name in tile):
        known = np.array([tile[name] for tile in tiles if tile.get(name) is not None], object)
        if len(known) and (summary := summaries.get(row_of(name))):
            numbers[name] = float(_SUMMARIES[summary](known.astype(float)))
    return numbers


def _plain(value: Any) -> Any:
    """A value of Python's own, with six digits: more mean nothing and fill the log."""
    if isinstance(value, np.ndarray):
        return None if np.isnan(value).any() else [_plain(each) for each in value]
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, float):
        return value
    return float(f"{value:.6g}") if np.isfinite(value) else None

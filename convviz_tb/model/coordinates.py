"""Pictures of coordinates: what becomes of them tells where in its input each position comes from.

What comes before the first convolution of a model may be any code that prepares pictures.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from convviz_tb.model.places import EVERYWHERE, Box, Place, Turn

Array = npt.NDArray[Any]

#: Inputs that tell where values come from: nothing, all, then one ramp for each axis.
PROBES: Final = ("none", "all", "columns", "rows", "time")


def read_place(values: Array, window: tuple[int, int]) -> Place | None:
    """Where in its input a picture lies, and which way round, from what became of `PROBES`.

    Args:
        values: `(probes, rows, columns, channels)`.
        window: rows and columns of what takes the picture, where it takes only whole windows.

    Returns:
        The whole input where positions keep their order but not their distances, as behind a
        function that is no line, or where values depend on the whole picture. None where they do
        not keep it: the picture is rotated by some angle, warped or mixed.
    """
    columns, rows = (_coordinates(values, PROBES.index(name)) for name in ("columns", "rows"))
    is_transposed = _runs_down(columns) and _runs_down(rows.T)
    if is_transposed:
        columns, rows, window = columns.T, rows.T, window[::-1]
    across = _span(columns, axis=0, window=window[1])
    down = _span(rows, axis=1, window=window[0])
    if across is None or down is None:
        return EVERYWHERE if _is_upright(values) else None
    left_right, up_down = across[0] > across[1], down[0] > down[1]
    box = Box(min(across), min(down), max(across), max(down))
    return Place(box, Turn(is_transposed, left_right, up_down))


def _runs_down(coordinates: Array) -> bool:
    """Whether a coordinate changes from row to row rather than from column to column."""
    down, across = (np.abs(np.diff(coordinates, axis=axis)) for axis in (0, 1))
    return _middle(down) > 10 * _middle(across)


def _middle(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else 0.0


def _is_upright(values: Array) -> bool:
    """Whether each ramp still rises along its axis, and along no other."""
    columns, rows = (_change(values, PROBES.index(name)) for name in ("columns", "rows"))
    return _rises(columns) and _rises(rows.T)


def _change(values: Array, probe: int) -> Array:
    """What a probe has changed, in the direction of its change over all channels."""
    change = values[probe] - values[0]
    whole = (values[1] - values[0]).mean(axis=(0, 1))
    signs = np.where(whole < -0.01 * np.ptp(change), -1.0, 1.0)
    told: Array = (change * signs).mean(axis=-1)
    return told


def _rises(told: Array) -> bool:
    if not np.isfinite(told).all() or np.ptp(told) == 0:
        return False
    along, tolerance = told.mean(axis=0), 0.05 * np.ptp(told)
    is_flat_down = np.abs(told - along).max() <= tolerance
    return bool(is_flat_down and (np.diff(along) >= -1e-3 * np.ptp(told)).all())


def read_frame(values: Array, frames: int) -> int | None:
    """The one time step that a picture is of, from what became of `PROBES`; None for several."""
    if len(values) <= PROBES.index("time"):
        return None
    times = _coordinates(values, PROBES.index("time"))
    known = times[np.isfinite(times)]
    if not known.size or np.ptp(known) > 0.1 / frames:
        return None
    return int(np.clip(known.mean() * frames, 0, frames - 1))


def _coordinates(values: Array, probe: int) -> Array:
    """The coordinate 0..1 of each position, `(rows, columns)`; NaN where it sees no input."""
    scale = values[1] - values[0]
    size = (scale**2).sum(axis=-1)
    is_known = size > 0.9 * size.max(initial=0)
    if not np.abs(scale).max(initial=0) > 0.01 * np.ptp(values[probe]):
        is_known = np.zeros_like(is_known)  # what is standardized tells none of plain pictures
    told = ((values[probe] - values[0]) * scale).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        coordinates: Array = np.where(is_known & (size > 0), told / size, np.nan)
    return coordinates


def _span(coordinates: Array, axis: int, window: int) -> tuple[float, float] | None:
    """Where a picture begins and ends along an axis of the input: a line through coordinates."""
    known = np.isfinite(coordinates)
    counts = known.sum(axis=axis)
    if (counts > 0).sum() < 2:
        return None
    along = np.where(known, coordinates, 0).sum(axis=axis) / np.maximum(counts, 1)
    seen = np.flatnonzero(counts)
    inside = seen[1:-1] if len(seen) > 4 else seen  # edges are blurred by resizing
    slope, start = np.polyfit(inside + 0.5, along[inside], 1)
    is_line = np.abs(start + slope * (inside + 0.5) - along[inside]).max() < 0.02
    if slope == 0 or not is_line:
        return None
    before, after = seen[0], len(along) - 1 - seen[-1]
    if 0 < before + after <= window - 1:  # padding that the first window fills up with
        return start + slope * before, start + slope * (len(along) - after)
    return start, start + slope * len(along)

"""Pictures of coordinates: what becomes of them tells where in its input each position comes from.

What comes before the first convolution of a model may be any code that prepares pictures.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from convviz_tb.model.boxes import Box

Array = npt.NDArray[Any]

#: Inputs that tell where values come from: nothing, all, then one ramp for each axis.
PROBES: Final = ("none", "all", "columns", "rows", "time")


def read_box(values: Array, window: tuple[int, int]) -> Box | None:
    """What part of its input a picture lies over, from what became of `PROBES`.

    Args:
        values: `(probes, rows, columns, channels)`.
        window: rows and columns of what takes the picture, where it takes only whole windows.

    Returns:
        None where that cannot be told: the picture is turned or warped, or does not depend on the
        input position by position.
    """
    columns, rows = (_coordinates(values, PROBES.index(name)) for name in ("columns", "rows"))
    across = _span(columns, axis=0, window=window[1])
    down = _span(rows, axis=1, window=window[0])
    if across is None or down is None:
        return None
    return Box(across[0], down[0], across[1], down[1])


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
    told = ((values[probe] - values[0]) * scale).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        coordinates: Array = np.where(is_known & (size > 0), told / size, np.nan)
    return coordinates


def _span(coordinates: Array, axis: int, window: int) -> tuple[float, float] | None:
    """Both ends of the input along an axis: its coordinates fitted by a line."""
    known = np.isfinite(coordinates)
    counts = known.sum(axis=axis)
    if (counts > 0).sum() < 2:
        return None
    along = np.where(known, coordinates, 0).sum(axis=axis) / np.maximum(counts, 1)
    seen = np.flatnonzero(counts)
    inside = seen[1:-1] if len(seen) > 4 else seen  # edges are blurred by resizing
    slope, start = np.polyfit(inside + 0.5, along[inside], 1)
    is_line = np.abs(start + slope * (inside + 0.5) - along[inside]).max() < 0.02
    if slope <= 0 or not is_line:
        return None
    before, after = seen[0], len(along) - 1 - seen[-1]
    if 0 < before + after <= window - 1:  # padding that the first window fills up with
        return start + slope * before, start + slope * (len(along) - after)
    return start, start + slope * len(along)

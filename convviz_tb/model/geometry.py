"""Geometry inside a model: what part of its input a layer lies over.

A map is laid over the picture that it is of. Most layers keep to the whole of it, as convolutions
and poolings are meant to; a crop, a padding or a resizing of one part does not. Behind the first
convolution these are followed in the traced graph. What comes before it (any code that prepares
pictures) is tried: pictures of coordinates go in, and tell at its end where each value comes from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from convviz_tb.model import graphs

Array = npt.NDArray[Any]

#: Operations that keep each value at its position, or move all of them together.
_STILL: Final = frozenset(
    "Identity Cast Mul Sub AddV2 Add RealDiv Rsqrt BiasAdd FusedBatchNormV3 ExpandDims Squeeze "
    "ReadVariableOp Placeholder Const Maximum Minimum Square Sqrt Relu Neg".split()
)


class Box(NamedTuple):
    """Left, top, right, bottom, as shares of what it lies in."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    def within(self, outer: "Box") -> "Box":
        """The same, as shares of what `outer` is given in."""
        width, height = outer.right - outer.left, outer.bottom - outer.top
        left, right = (outer.left + x * width for x in (self.left, self.right))
        top, bottom = (outer.top + y * height for y in (self.top, self.bottom))
        return Box(left, top, right, bottom)

    def is_whole(self, tolerance: float) -> bool:
        """Whether it is all of what it lies in, but for a little."""
        return all(abs(a - b) <= tolerance for a, b in zip(self, (0, 0, 1, 1), strict=True))


WHOLE: Final = Box()


@dataclass(frozen=True, eq=False)
class Sight:
    """Where the output of a layer lies, as far as the graph tells.

    Attributes:
        front: index of the tensor that goes into the first convolution or pooling.
        channels_first: whether the graph puts channels before positions.
        box: where it lies in that.
        padding: positions added by padding that no window has used yet: left, top, right, bottom.
        inner: the box without them.
    """

    front: int
    channels_first: bool = False
    box: Box = WHOLE
    padding: tuple[int, ...] = (0, 0, 0, 0)
    inner: Box = WHOLE


@dataclass(frozen=True, eq=False)
class Front:
    """What goes into a first convolution or pooling.

    Attributes:
        window: that convolution or pooling.
        is_moved: whether anything before may have cropped, padded or resized the input.
    """

    window: graphs.Window
    is_moved: bool


class Geometry:
    """Follows positions through the graph that is being traced.

    Args:
        inputs: the inputs of the model.
    """

    def __init__(self, inputs: Sequence[Any]) -> None:
        self.fronts: list[Front] = []
        self._by_tensor: dict[int, int] = {}
        self._moved: dict[Any, bool] = {tensor.op: False for tensor in inputs}  # before a window
        self._sights: dict[Any, Sight] = {}  # behind one
        for op in graphs.operations():
            if op.type not in graphs.OF_SHAPE:
                self._follow(op)

    def of(self, tensor: Any) -> Sight | None:
        """Where a tensor lies; None before the first convolution or pooling."""
        return self._sights.get(tensor.op)

    def _follow(self, op: Any) -> None:
        window = graphs.window_of(op)
        inputs = list(op.inputs) if window is None else [window.tensor]
        sights = [self._sights[each.op] for each in inputs if each.op in self._sights]
        if window and (sights or window.tensor.op in self._moved):
            before = sights[0] if sights else self._front(window)
            self._sights[op] = _through_window(before, window)
        elif sights:
            self._sights[op] = _moved(_joined(sights), op)
        elif any(each.op in self._moved for each in inputs):
            before_it = any(self._moved.get(each.op, False) for each in inputs)
            self._moved[op] = before_it or op.type not in _STILL

    def _front(self, window: graphs.Window) -> Sight:
        tensor = window.tensor
        if id(tensor) not in self._by_tensor:
            self._by_tensor[id(tensor)] = len(self.fronts)
            self.fronts.append(Front(window, self._moved[tensor.op]))
        return Sight(self._by_tensor[id(tensor)], window.channels_first)


def _joined(sights: Sequence[Sight]) -> Sight:
    """Where several lie together: as the one that was moved least; blocks shift some by a pixel."""
    return min(sights, key=lambda s: sum(abs(a - b) for a, b in zip(s.box, WHOLE, strict=True)))


def _through_window(sight: Sight, window: graphs.Window) -> Sight:
    """Padding that a window only fills up with is none."""
    rows, columns = window.sides
    left, top, right, bottom = sight.padding
    is_used = left + right <= columns - 1 and top + bottom <= rows - 1
    box = sight.inner if any(sight.padding) and is_used else sight.box
    return Sight(sight.front, window.channels_first, box, inner=box)


def _moved(sight: Sight, op: Any) -> Sight:
    """Where the result of any other operation lies."""
    change = graphs.padding_of(op, sight.channels_first)
    if change is None or not any(change[0]):
        return sight
    (left, top, right, bottom), (height, width) = change
    part = Box(-left / width, -top / height, 1 + right / width, 1 + bottom / height)
    box = part.within(sight.box)
    if min(change[0]) < 0:  # cropped
        return replace(sight, box=box, padding=(0, 0, 0, 0), inner=box)
    both = tuple(a + b for a, b in zip(sight.padding, change[0], strict=True))
    inner = sight.inner if any(sight.padding) else sight.box
    return replace(sight, box=box, padding=both, inner=inner)


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

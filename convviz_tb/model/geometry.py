"""Geometry inside a model: what part of its input a layer lies over.

A map is laid over the picture that it is of. Most layers keep to the whole of it, as convolutions
and poolings are meant to; a crop, a padding or a turn does not. Behind the first convolution these
are followed in the traced graph; what comes before it is tried, see `coordinates.py`.

This is not what `span_rules.py` follows, though it reads the same operations: which pixels can
reach a position, exactly, so that an operation unknown there mixes all. A map is laid by what
layers are meant to do, and keeps its place through what mixes positions, as attention does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from convviz_tb.model import graphs, positions
from convviz_tb.model.places import EVERYWHERE, UPRIGHT, WHOLE, Box, Place, Turn

#: Operations that keep each value at its position, or move all of them together.
_STILL: Final = frozenset(
    "Identity Cast Mul Sub AddV2 Add RealDiv Rsqrt BiasAdd FusedBatchNormV3 ExpandDims Squeeze "
    "ReadVariableOp Placeholder Const Maximum Minimum Square Sqrt Relu Neg".split()
)


@dataclass(frozen=True, eq=False)
class Sight:
    """Where the output of a layer lies, as far as the graph tells.

    Attributes:
        front: index of the tensor that goes into the first convolution or pooling.
        axes: which are its rows and columns, from the last one; None where it has none.
        place: where it lies in that.
        padding: positions added by padding that no window has used yet: left, top, right, bottom.
        inner: the place without them.
        is_lost: whether it was moved in a way that is not followed.
    """

    front: int
    axes: tuple[int, ...] | None
    place: Place = EVERYWHERE
    padding: tuple[int, ...] = (0, 0, 0, 0)
    inner: Place = EVERYWHERE
    is_lost: bool = False


@dataclass(frozen=True, eq=False)
class Front:
    """What goes into a first convolution or pooling.

    Attributes:
        window: that convolution or pooling.
        is_moved: whether anything before may have cropped, padded or resized the input.
    """

    window: positions.Window
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
        window = positions.window_of(op)
        inputs = list(op.inputs) if window is None else [window.tensor]
        known = [(self._sights[each.op], each) for each in inputs if each.op in self._sights]
        if window and (known or window.tensor.op in self._moved):
            before = known[0][0] if known else self._front(window)
            self._sights[op] = _through_window(before, window)
        elif known:
            self._sights[op] = _moved(*_joined(known), op)
        elif any(each.op in self._moved for each in inputs):
            before_it = any(self._moved.get(each.op, False) for each in inputs)
            self._moved[op] = before_it or op.type not in _STILL

    def _front(self, window: positions.Window) -> Sight:
        tensor = window.tensor
        if id(tensor) not in self._by_tensor:
            self._by_tensor[id(tensor)] = len(self.fronts)
            self.fronts.append(Front(window, self._moved[tensor.op]))
        return Sight(self._by_tensor[id(tensor)], _axes(window))


def _axes(window: positions.Window) -> tuple[int, int]:
    return (-2, -1) if window.channels_first else (-3, -2)


def _joined(known: Sequence[tuple[Sight, Any]]) -> tuple[Sight, Any]:
    """Where several tensors lie together, and which one tells.

    The one that was moved least: blocks shift some by a pixel. Of what lies one way in one of them
    and another way in another, nothing can be said.
    """
    least, tensor = min(known, key=lambda each: (each[0].axes is None, _moved_by(each[0])))
    ways = {sight.place.turn for sight, _ in known}
    is_lost = len(ways) > 1 or any(sight.is_lost for sight, _ in known)
    return replace(least, is_lost=is_lost), tensor


def _moved_by(sight: Sight) -> float:
    return sum(abs(a - b) for a, b in zip(sight.place.box, WHOLE, strict=True))


def _through_window(sight: Sight, window: positions.Window) -> Sight:
    """Padding that a window only fills up with is none."""
    rows, columns = window.sides
    left, top, right, bottom = sight.padding
    is_used = left + right <= columns - 1 and top + bottom <= rows - 1
    place = sight.inner if any(sight.padding) and is_used else sight.place
    return Sight(sight.front, _axes(window), place, inner=place, is_lost=sight.is_lost)


def _moved(sight: Sight, tensor: Any, op: Any) -> Sight:
    """Where the result of any other operation on a tensor lies."""
    if sight.axes is None:
        return sight
    if positions.warps(op, tensor, sight.axes):
        return replace(sight, is_lost=True)
    axes = positions.axes_behind(op, tensor, sight.axes)
    moved = _turned(_cropped(sight, op), op, axes)
    return replace(moved, axes=None if axes is None else tuple(sorted(axes)))


def _cropped(sight: Sight, op: Any) -> Sight:
    """Cropped or padded, if it is."""
    change = positions.padding_of(op, sight.axes or ())
    if change is None or not any(change[0]):
        return sight
    (left, top, right, bottom), (height, width) = change
    part = Place(Box(-left / width, -top / height, 1 + right / width, 1 + bottom / height))
    place = part.within(sight.place)
    if min(change[0]) < 0:  # cropped
        return replace(sight, place=place, padding=(0, 0, 0, 0), inner=place)
    both = tuple(a + b for a, b in zip(sight.padding, change[0], strict=True))
    inner = sight.inner if any(sight.padding) else sight.place
    return replace(sight, place=place, padding=both, inner=inner)


def _turned(sight: Sight, op: Any, axes: tuple[int, ...] | None) -> Sight:
    """Rows and columns swapped or reversed, if they are; `axes` is where they are now."""
    rows, columns = sight.axes or ()
    reverse = positions.reversed_axes(op)
    is_swapped = axes is not None and axes[0] > axes[1]
    turn = Turn(is_swapped, columns in reverse, rows in reverse)
    if turn == UPRIGHT:
        return sight
    place = Place(turn=turn).within(sight.place)
    return replace(sight, place=place, padding=(0, 0, 0, 0), inner=place)

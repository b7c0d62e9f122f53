"""Geometry inside a model: what part of its input a layer lies over.

A map is laid over the picture that it is of. Most layers keep to the whole of it, as convolutions
and poolings are meant to; a crop, a padding or a resizing of one part does not. Behind the first
convolution these are followed in the traced graph; what comes before it is tried, see
`coordinates.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from convviz_tb.model import graphs
from convviz_tb.model.boxes import WHOLE, Box

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

"""Spans: which pixels along one axis of the input the positions of a tensor depend on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: First and last pixel of what depends on none.
_NONE: Final = (2**40, -(2**40))


@dataclass(frozen=True, eq=False)
class Span:
    """What the positions along one axis of a tensor see along one axis of the input.

    Attributes:
        axis: of the tensor; None where all positions see the same.
        exact: int `(phases, positions, 2)`, the first and the last pixel that each depends on.
            Phases are those of a dilated convolution that TensorFlow folds into the batch, else 1.
        endless: float, the same as if the input went on beyond its border.
        stride: pixels from one position to the next; negative where the picture is reversed.
    """

    axis: int | None
    exact: Array
    endless: Array
    stride: float

    @property
    def positions(self) -> int:
        return int(self.exact.shape[1])

    def on(self, axis: int | None) -> "Span":
        """The same along another axis of the tensor."""
        return replace(self, axis=axis)

    def whole(self) -> "Span":
        """What all positions together see."""
        exact, endless = _hull(self.exact), _hull(self.endless)
        return Span(None, exact[None, None], endless[None, None], self.stride)

    def gathered(self, indices: Array, stride: float) -> "Span":
        """What windows of positions see.

        Args:
            indices: int `(positions, width)`; beyond the ends there is padding.
            stride: pixels from one window to the next.
        """
        inside = indices.clip(0, self.positions - 1)
        is_inside = (indices == inside)[None, :, :, None]
        exact = np.where(is_inside, self.exact[:, inside], np.array(_NONE))
        beyond = (indices - inside)[None, :, :, None] * self.stride
        endless = self.endless[:, inside] + beyond
        return Span(self.axis, _hull(exact, 2), _hull(endless, 2), stride)

    def picked(self, indices: Array) -> "Span":
        """The span of some positions `(n,)`, in this order; beyond the ends there is padding."""
        jump = indices[1] - indices[0] if len(indices) > 1 else 1
        return self.gathered(indices[:, None], float(self.stride * jump))

    def folded(self, block: int) -> "Span":
        """Every `block`-th position in a phase of its own, as SpaceToBatchND does."""
        return replace(
            self,
            exact=self.exact.reshape(-1, block, 2).swapaxes(0, 1),
            endless=self.endless.reshape(-1, block, 2).swapaxes(0, 1),
            stride=self.stride * block,
        )

    def unfolded(self) -> "Span":
        """Inverse of `folded`."""
        block = len(self.exact)
        return replace(
            self,
            exact=self.exact.swapaxes(0, 1).reshape(1, -1, 2),
            endless=self.endless.swapaxes(0, 1).reshape(1, -1, 2),
            stride=self.stride / block,
        )


#: Of each axis of the input.
Spans = tuple[Span, ...]


def of_input(sides: Sequence[int]) -> Spans:
    """The spans of the input itself, `(1, *sides, channels)`: each position sees itself."""
    own = [np.arange(side)[None, :, None].repeat(2, axis=2) for side in sides]
    return tuple(Span(axis + 1, span, span.astype(float), 1.0) for axis, span in enumerate(own))


def everything(spans: Spans) -> Spans:
    """What all positions together see."""
    return tuple(span.whole() for span in spans)


def merged(several: Sequence[Spans]) -> Spans:
    """What positions see that are computed from the same positions of several tensors.

    What is the same for all positions does not count where others differ: it tells no place.
    """
    return tuple(_merged(spans) for spans in zip(*several, strict=True))


def _merged(spans: Sequence[Span]) -> Span:
    located = [span for span in spans if span.axis is not None and span.positions > 1]
    located = located or [span for span in spans if span.axis is not None] or list(spans)
    axes = {span.axis for span in located}
    if len(axes) > 1 or len({span.exact.shape for span in located}) > 1:
        return _merged([span.whole() for span in located])
    exact = np.stack([span.exact for span in located], axis=2)
    endless = np.stack([span.endless for span in located], axis=2)
    stride = max((span.stride for span in located), key=abs)
    return Span(located[0].axis, _hull(exact, 2), _hull(endless, 2), stride)


def reshaped(span: Span, before: Sequence[int], after: Sequence[int]) -> Span:
    """The span in a tensor that is reshaped from one shape to another.

    Axes may be joined, and parted again: what counts is along which one the values differ.
    """
    if span.axis is None or len(span.exact) > 1 or span.positions != before[span.axis]:
        return span.whole()
    values = np.concatenate([span.exact[0], span.endless[0]], axis=1)
    ordered = [1] * len(before)
    ordered[span.axis] = span.positions
    spread = np.broadcast_to(values.reshape(*ordered, 4), (*before, 4)).reshape(*after, 4)
    varies = [axis for axis in range(len(after)) if (spread != spread.take([0], axis)).any()]
    if len(varies) != 1:
        return span.whole()
    along = np.moveaxis(spread, varies[0], 0).reshape(after[varies[0]], -1, 4)[:, 0]
    exact, endless = along[None, :, :2].astype(np.int64), along[None, :, 2:]
    return Span(varies[0], exact, endless, span.stride)


def _hull(ranges: Array, axis: int | None = None) -> Array:
    """The smallest range that holds all of `(..., 2)` along an axis, or along all."""
    axes = tuple(range(ranges.ndim - 1)) if axis is None else axis
    return np.stack([ranges[..., 0].min(axes), ranges[..., 1].max(axes)], axis=-1)

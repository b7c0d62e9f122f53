"""Receptive fields: which rectangle of the input each position of a layer depends on.

Read from the graph of a traced model, operation by operation, so it is exact whatever the weights
are, and costs no run of the model. Araujo et al. 2019, "Computing receptive fields of convolutional
neural networks", derive the same for graphs of convolutions; here every position is followed, so
padding, slices, branches and upsampling need no rule of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy.typing as npt

from convviz_tb.model import graphs
from convviz_tb.model.inputs import PictureInput, Spec
from convviz_tb.model.partial import record_up_to
from convviz_tb.model.span_rules import walked
from convviz_tb.model.spans import Span, Spans, everything, of_input
from convviz_tb.model.taps import Tap

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class ReceptiveField:
    """What the positions of a layer see, along each axis of the picture (height, width).

    Position i sees the pixels from `offset + stride * i`, so many as `size`, as far as they lie in
    the picture. What is the same for all positions, such as a gate made from the whole picture
    (squeeze and excitation) or its mean (group normalisation), tells no place and does not count.

    Attributes:
        size: pixels that one position sees.
        stride: pixels from one position to the next; negative where the model mirrors its pictures.
        offset: the first pixel that position 0 sees; negative where it sees padding.
        sides: of the picture, in pixels.
        spans: for each axis the first and the last pixel that each position depends on, int
            `(positions, 2)`, exactly; the first is larger where it depends on none.
        whole: where the field is cut to its effective part, the size of all of it; else None.
    """

    size: tuple[int, ...]
    stride: tuple[float, ...]
    offset: tuple[float, ...]
    sides: tuple[int, ...]
    spans: tuple[Array, ...]
    whole: tuple[int, ...] | None = None

    def rectangle(self, position: Sequence[int]) -> list[tuple[int, int]]:
        """For each axis the first and the last pixel that a position depends on."""
        return [
            (int(span[i, 0]), int(span[i, 1])) for span, i in zip(self.spans, position, strict=True)
        ]


def receptive_fields(
    model: keras.Model, taps: Sequence[Tap], picture: PictureInput
) -> list[ReceptiveField]:
    """The receptive fields of some layers, for pictures of the size of `picture`.

    Args:
        model: a built Keras model; it is not changed.
        taps: the layers.
        picture: the model's input, at a size that it takes.
    """
    sides = picture.shape[:-1]

    def run(pictures: Any) -> Any:
        return record_up_to(model, taps, picture.around(pictures))

    spec = Spec((1, *picture.shape), "float32")
    concrete = graphs.trace(run, spec)
    pixels = of_input(sides)
    known = walked(concrete.graph, {concrete.inputs[0].name: pixels})
    whole = everything(pixels)  # also of what depends on no pixel, which tells no place
    return [
        _field(known.get(output.name, whole), len(tap.shape) - 1, sides)
        for output, tap in zip(concrete.outputs, taps, strict=True)
    ]


def receptive_field(model: keras.Model, tap: Tap, picture: PictureInput) -> int:
    """Pixels along the last side that a position of `tap` sees; the longest side for all of them.

    Args:
        model: a built Keras model; it is not changed.
        tap: the layer.
        picture: the model's input, at a size that it takes.
    """
    (field,) = receptive_fields(model, [tap], picture)
    longest = max(picture.shape[:-1])
    return longest if field.size[-1] >= picture.shape[-2] else field.size[-1]


def _field(spans: Spans, axes: int, sides: tuple[int, ...]) -> ReceptiveField:
    """The receptive field of a tensor of so many axes of positions, channels last."""
    ordered = axes == len(sides) and all(
        span.axis in (None, 1 + i) and len(span.exact) == 1 for i, span in enumerate(spans)
    )
    spans = spans if ordered else everything(spans)
    return ReceptiveField(
        size=tuple(_size(span) for span in spans),
        stride=tuple(span.stride for span in spans),
        offset=tuple(float(span.endless[0, 0, 0]) for span in spans),
        sides=sides,
        spans=tuple(span.exact[0] for span in spans),
    )


def _size(span: Span) -> int:
    return int((span.endless[..., 1] - span.endless[..., 0]).max()) + 1

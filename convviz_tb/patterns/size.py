"""Size of patterns: a few receptive fields of their layer, unless one was asked for."""

import weakref
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
from keras import tree

from convviz_tb.model import PictureInput, Tap, picture_input, receptive_field, takes
from convviz_tb.patterns.options import FilterPatterns

_FIELDS: Final = 2  # receptive fields side by side: a texture, and what repeats in it
_LEAST: Final = 64  # pixels: less is no picture
_MOST: Final = 112  # pixels: more of a deep layer's pattern shows more of the same, at its price
_BLOCK: Final = 8  # pixels; a JPEG is made of such
_MARGIN: Final = 8  # pixels: as far in as padding is plainly seen


@dataclass(frozen=True)
class Frame:
    """The size of the patterns of a layer.

    Attributes:
        picture: the model's input at the size that is computed.
        margin: pixels at each side that are computed and not shown: what is there depends on the
            padding of the layers.
        receptive_field: pixels that one position of the layer sees.
        is_assumed: whether a side is one that was assumed, as the model takes any.
    """

    picture: PictureInput
    margin: int
    receptive_field: int
    is_assumed: bool = False

    @property
    def computed(self) -> tuple[int, ...]:
        """Sides of what is computed."""
        return self.picture.shape[:-1]

    @property
    def sides(self) -> tuple[int, ...]:
        """Sides of the pictures."""
        return tuple(side - 2 * self.margin for side in self.computed)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one picture, channels last."""
        return (*self.sides, self.picture.shape[-1])

    @property
    def uncounted(self) -> list[float]:
        """Share of each side at whose positions the filter's activation does not count.

        Half of the margin, at either end: these positions see the padding. What the others see
        reaches into the other half, so that the picture does not fade towards its border.
        """
        return [self.margin / 2 / side for side in self.computed]

    def cut(self, pictures: Any) -> Any:
        """Pictures without the margin."""
        inner = slice(self.margin, -self.margin or None)
        return pictures[(slice(None), *[inner] * len(self.sides))]

    def padded(self, pictures: Any) -> Any:
        """Pictures with a margin that mirrors them, which the ascent then changes."""
        widths = [(0, 0), *[(self.margin, self.margin)] * len(self.sides), (0, 0)]
        return np.pad(pictures, widths, mode="reflect") if self.margin else pictures


_frames: "weakref.WeakKeyDictionary[keras.Model, dict[Hashable, Frame]]" = (
    weakref.WeakKeyDictionary()
)


def frame_of(model: keras.Model, tap: Tap, options: FilterPatterns) -> Frame:
    """The size of the patterns of `tap`: as asked for, else by what one of its positions sees.

    It is the same for all weights of a model, so that pictures of different steps can be compared.

    Raises:
        ValueError: the model takes pictures of another size only.
    """
    if not options.recipe.by_receptive_field:
        picture = _input_of(model, tap, options, options.size)
        return Frame(picture, 0, max(picture.shape[:-1]), bool(picture.assumed))
    frames = _frames.setdefault(model, {})
    shapes = [np.shape(each) for each in tree.flatten(options.images)]
    key = (id(tap.layer), tap.call, str(options.size), str(shapes))
    if key not in frames:
        frames[key] = _frame_by_field(model, tap, options)
    return frames[key]


def _input_of(model: keras.Model, tap: Tap, options: FilterPatterns, size: Any) -> PictureInput:
    """The input that a layer sees, at a size."""
    return picture_input(model, size, (tap.inputs, len(tap.shape) - 1), options.images)


def _frame_by_field(model: keras.Model, tap: Tap, options: FilterPatterns) -> Frame:
    own = _input_of(model, tap, options, None)
    field = receptive_field(model, tap, own)
    sides = _sides(own.shape[:-1], field, options)
    margin = min(field + 1, _MARGIN, min(sides) // 8)
    is_assumed = options.size is None and any(sides[i] == own.shape[i] for i in own.assumed)
    for width in (margin, 0):
        picture = own.resized([side + 2 * width for side in sides])
        frame = Frame(picture, width, field, is_assumed)
        if frame.computed == own.shape[:-1] or takes(model, tap, frame.picture):
            return frame
    if options.size is not None:
        _input_of(model, tap, options, options.size)  # raises: says what the model takes
    return Frame(own, 0, field, bool(own.assumed))


def _sides(own: Sequence[int], field: int, options: FilterPatterns) -> list[int]:
    """Some receptive fields, in whole blocks; of a signal, which costs little, as many as fit."""
    if options.size is not None:
        return [int(side) for side in np.broadcast_to(options.size, len(own))]
    wanted = max(_LEAST, -(-_FIELDS * field // _BLOCK) * _BLOCK)
    most = min(_MOST, wanted) if len(own) > 1 else wanted
    return [min(side, most) for side in own]

"""A layer -> how large its patterns are, by what one of its positions sees."""

import weakref
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf

from convviz_tb.model import upto
from convviz_tb.model.inputs import PictureInput, picture_input
from convviz_tb.model.reach import reach
from convviz_tb.model.taps import Tap
from convviz_tb.patterns.options import FilterPatterns

_FIELDS: Final = 2  # receptive fields side by side: a texture, and what repeats in it
_LEAST: Final = 64  # pixels: less is no picture
_MOST: Final = 128  # pixels: more of a deep layer's pattern shows more of the same, at its price
_BLOCK: Final = 8  # pixels; a JPEG is made of such
_MARGIN: Final = 8  # pixels: as far in as padding is plainly seen


@dataclass(frozen=True)
class Frame:
    """The size of the patterns of a layer.

    Attributes:
        picture: the model's input at the size that is computed.
        margin: how many pixels of that, at each side, are left out of the picture: what is there
            depends on the padding of the layers.
        reach: pixels that a position of the layer sees.
    """

    picture: PictureInput
    margin: int
    reach: int

    @property
    def computed(self) -> tuple[int, ...]:
        """Sides of what is computed."""
        return self.picture.shape[:-1]

    @property
    def sides(self) -> tuple[int, ...]:
        """Sides of the picture."""
        return tuple(side - 2 * self.margin for side in self.computed)

    @property
    def uncounted(self) -> list[float]:
        """Share of each side of what is computed where positions do not count, at either end.

        Half of the margin: they see the padding. What the others see reaches into the other half,
        so that the picture does not fade towards its border.
        """
        return [self.margin / 2 / side for side in self.computed]

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one picture, channels last."""
        return (*self.sides, self.picture.shape[-1])

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
    if not options.recipe.by_reach:
        picture = picture_input(model, options.size)
        return Frame(picture, 0, max(picture.shape[:-1]))
    frames = _frames.setdefault(model, {})
    key = (id(tap.layer), tap.call, str(options.size))
    if key not in frames:
        frames[key] = _frame_by_reach(model, tap, options)
    return frames[key]


def _frame_by_reach(model: keras.Model, tap: Tap, options: FilterPatterns) -> Frame:
    own = picture_input(model, None)
    seen = reach(model, tap, own)
    if options.size is None:
        sides = [min(side, _side(seen, len(own.shape) - 1)) for side in own.shape[:-1]]
    else:
        sides = np.broadcast_to(options.size, len(own.shape) - 1).tolist()
    margin = min(seen + 1, _MARGIN, min(sides) // 8)
    for wide in (margin, 0):
        frame = Frame(own.resized([side + 2 * wide for side in sides]), wide, seen)
        if frame.computed == own.shape[:-1] or _runs(model, tap, frame):
            return frame
    if options.size is not None:
        picture_input(model, options.size)  # says what the model takes
    return Frame(own, 0, seen)


def _side(seen: int, axes: int) -> int:
    """Some receptive fields, in whole blocks; of a signal, which costs little, as many as fit."""
    wanted = max(_LEAST, -(-_FIELDS * seen // _BLOCK) * _BLOCK)
    return min(_MOST, wanted) if axes > 1 else wanted


def _runs(model: keras.Model, tap: Tap, frame: Frame) -> bool:
    """Whether the layers up to `tap` take pictures of this size."""

    def run(pictures: Any) -> Any:
        return upto.outputs(model, frame.picture.around(pictures), [tap])

    spec = tf.TensorSpec((None, *frame.picture.shape), tf.float32)
    try:
        tf.function(run, autograph=False).get_concrete_function(spec)
    except Exception:  # a layer's own, of any kind
        return False
    return True

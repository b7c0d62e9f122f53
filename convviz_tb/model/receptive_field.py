"""Receptive field of a layer: how many pixels of the input one of its positions sees."""

from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from convviz_tb.model.inputs import PictureInput, Spec
from convviz_tb.model.partial import record_up_to
from convviz_tb.model.taps import Tap
from convviz_tb.model.tracing import traced

_ROUNDING: Final = 1e-5  # of the largest output; a smaller difference is none
_SIGNALS: Final = 8  # at once: a signal has few positions, where a filter may be silent by chance


def receptive_field(model: keras.Model, tap: Tap, picture: PictureInput) -> int:
    """Pixels along the last side that a position of `tap` sees; the longest side for all of them.

    Three pictures of noise go through the network: one, and the same with what is left of the
    middle, or right of it, replaced. The positions that see both halves differ in both; there are
    as many of them as the receptive field is wide, to within a stride. Luo et al. 2016,
    "Understanding the effective receptive field in deep convolutional neural networks", call this
    the theoretical one.

    Args:
        model: a built Keras model; it is not changed.
        tap: the layer.
        picture: the model's input, at a size that it takes.
    """
    side, longest = picture.shape[-2], max(picture.shape[:-1])

    def differences(pictures: Any) -> Any:
        (output,) = record_up_to(model, [tap], picture.around(pictures))
        if len(output.shape) != len(picture.shape) + 1:
            return ops.zeros([2, 0], "bool")
        output = ops.reshape(output, [3, -1, *output.shape[1:]])
        apart = ops.abs(output[1:] - output[:1]) > _ROUNDING * ops.max(ops.abs(output))
        rank = len(output.shape)
        return ops.any(apart, axis=[*range(1, rank - 2), rank - 1])

    spec = Spec((None, *picture.shape), "float32")
    graph = traced(model, ("receptive field", tap.path), differences, spec)
    differs = ops.convert_to_numpy(graph(ops.convert_to_tensor(_halves(picture.shape))))
    positions, both = differs.shape[1], int(differs.all(axis=0).sum())
    if both >= positions - 1 or not differs.any():
        return longest
    stride = side // positions or side / positions  # a border that is not padded takes some away
    return int(min(longest, round(both * stride) + 1))


def _halves(shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Noise: pictures, the same with another left half, and with another right one."""
    count = _SIGNALS if len(shape) == 2 else 1
    one, other = np.random.default_rng(0).normal(0, 50, (2, count, *shape))
    middle = shape[-2] // 2
    left, right = one.copy(), one.copy()
    left[..., :middle, :] = other[..., :middle, :]
    right[..., middle:, :] = other[..., middle:, :]
    return np.concatenate([one, left, right]).astype(np.float32)

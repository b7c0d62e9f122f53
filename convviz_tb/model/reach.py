"""A layer -> its receptive field: how many pixels of the input one of its positions sees."""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from convviz_tb.model import taps, upto
from convviz_tb.model.inputs import PictureInput
from convviz_tb.model.taps import Tap

_ROUNDING = 1e-5  # of the largest output; a smaller difference is none


def reach(model: keras.Model, tap: Tap, picture: PictureInput) -> int:
    """Pixels along the last side that a position of `tap` sees; the longest side for all of them.

    Three pictures of noise go through the net: one, and the same with what is left of the middle,
    or right of it, replaced. The positions that see both halves differ in both; there are as many
    of them as a receptive field is wide, to within a stride. Luo et al. 2016 ("Understanding the
    effective receptive field") call this the theoretical one.

    Args:
        model: the model.
        tap: the layer.
        picture: the model's input, at a size that it takes.
    """
    side, longest = picture.shape[-2], max(picture.shape[:-1])

    def differences(pictures: Any) -> Any:
        (output,) = upto.outputs(model, picture.around(pictures), [tap])
        output = taps.channels_last(output, tap)
        if output.shape.rank != len(picture.shape) + 1:
            return tf.zeros([2, 0])
        output = tf.reshape(output, [3, -1, *output.shape[1:]])
        apart = tf.abs(output[1:] - output[:1]) > _ROUNDING * tf.reduce_max(tf.abs(output))
        return tf.reduce_any(apart, axis=[*range(1, output.shape.rank - 2), output.shape.rank - 1])

    spec = tf.TensorSpec((None, *picture.shape), tf.float32)
    graph = tf.function(differences, autograph=False).get_concrete_function(spec)
    differs = graph(tf.constant(_halves(picture.shape))).numpy().astype(bool)
    positions, both = differs.shape[1], int(differs.all(axis=0).sum())
    if both >= positions - 1 or not differs.any():
        return longest
    stride = side // positions or side / positions  # a border that is not padded takes some away
    return int(min(longest, round(both * stride) + 1))


def _halves(shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Noise: pictures, the same with another left half, and with another right one.

    A signal has few positions where a filter could be silent by chance: several are taken.
    """
    count = 8 if len(shape) == 2 else 1
    one, other = np.random.default_rng(0).normal(0, 50, (2, count, *shape))
    middle = shape[-2] // 2
    left, right = one.copy(), one.copy()
    left[..., :middle, :] = other[..., :middle, :]
    right[..., middle:, :] = other[..., middle:, :]
    return np.concatenate([one, left, right]).astype(np.float32)

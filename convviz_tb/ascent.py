"""The ways up the gradient: how a picture is changed at each step.

Pictures are in grey levels here, 0..255 whatever the model takes, so that step sizes mean the
same for every model.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import tensorflow as tf


@dataclass(frozen=True)
class Mode:
    """A recipe of gradient ascent.

    Attributes:
        steps: how many steps by default.
        step_size: length of a step by default, in grey levels (RMS over the picture).
        direction: turns the gradient `(n, h, w, c)` into a direction of RMS about 1 per picture.
        momentum: share of the previous direction that is kept.
        leak: share of the negative input of the layer's activation that counts, so that positions
            where the filter is silent (all of them, for a filter dead from gray) are driven too.
    """

    steps: int
    step_size: float
    direction: Callable[[Any], Any]
    momentum: float = 0.0
    leak: float = 0.0


def _rms(values: Any) -> Any:
    return tf.sqrt(tf.reduce_mean(values**2, axis=[1, 2, 3], keepdims=True))


def notebook_direction(gradient: Any) -> Any:
    """Gradient over its RMS + 1e-5, literally; per picture instead of over the batch."""
    return gradient / (_rms(gradient) + 1e-5)


def smooth_direction(gradient: Any) -> Any:
    """Gradient with each spatial frequency f scaled by 1 / f, over its RMS.

    The steepest ascent for a picture given by its Fourier coefficients scaled by 1 / f
    (Olah et al. 2017, "Feature Visualization", preconditioning): low frequencies, which natural
    pictures are made of, come first, instead of the high-frequency noise of raw pixels.
    """
    scaled = _scale_frequencies(gradient)
    return tf.math.divide_no_nan(scaled, _rms(scaled))


def _scale_frequencies(pictures: Any) -> Any:
    planes = tf.transpose(pictures, [0, 3, 1, 2])
    height, width = tf.shape(planes)[2], tf.shape(planes)[3]
    spectrum = tf.signal.rfft2d(planes) / tf.cast(_frequencies(height, width), tf.complex64)
    return tf.transpose(tf.signal.irfft2d(spectrum, [height, width]), [0, 2, 3, 1])


def _frequencies(height: Any, width: Any) -> Any:
    """Spatial frequency of each coefficient of an `rfft2d`, in cycles per pixel; never 0."""
    rows = tf.range(height)
    rows = tf.cast(tf.minimum(rows, height - rows), tf.float32) / tf.cast(height, tf.float32)
    columns = tf.cast(tf.range(width // 2 + 1), tf.float32) / tf.cast(width, tf.float32)
    lowest = 1.0 / tf.cast(tf.maximum(height, width), tf.float32)
    return tf.maximum(tf.sqrt(rows[:, None] ** 2 + columns[None, :] ** 2), lowest)


MODES: Final[dict[str, Mode]] = {
    "notebook": Mode(steps=40, step_size=1.0, direction=notebook_direction),
    "smooth": Mode(steps=24, step_size=8.0, direction=smooth_direction, momentum=0.7, leak=0.1),
}

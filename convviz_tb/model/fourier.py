"""Fourier filter: pictures with each spatial frequency scaled by itself."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import tensorflow as tf

_TRANSFORMS: Final = {
    1: (tf.signal.rfft, tf.signal.irfft),
    2: (tf.signal.rfft2d, tf.signal.irfft2d),
    3: (tf.signal.rfft3d, tf.signal.irfft3d),
}


def divide_spectrum(pictures: Any, divisors: npt.NDArray[np.floating[Any]]) -> Any:
    """Divides each coefficient of the real Fourier transform of pictures.

    Args:
        pictures: float32 `(n, *sides, channels)` with one, two or three sides.
        divisors: `(*sides[:-1], sides[-1] // 2 + 1)`, in the order of `numpy.fft.rfftn`.
    """
    sides = pictures.shape.as_list()[1:-1]
    forward, inverse = _TRANSFORMS[len(sides)]
    last = len(sides) + 1
    spectrum = forward(tf.transpose(pictures, [0, last, *range(1, last)]))
    scaled = inverse(spectrum / divisors.astype(np.complex64), fft_length=sides)
    return tf.transpose(scaled, [0, *range(2, last + 1), 1])

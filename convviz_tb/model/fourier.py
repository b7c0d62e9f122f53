"""Fourier filter: pictures whose spatial frequencies are scaled."""

from collections.abc import Callable
from typing import Any, Final

import tensorflow as tf

_TRANSFORMS: Final = {
    1: (tf.signal.rfft, tf.signal.irfft),
    2: (tf.signal.rfft2d, tf.signal.irfft2d),
    3: (tf.signal.rfft3d, tf.signal.irfft3d),
}


def scale_spectrum(pictures: Any, scale: Callable[[Any], Any]) -> Any:
    """Multiplies each coefficient of the real Fourier transform of pictures.

    Args:
        pictures: float32 `(n, *sides, channels)` with one, two or three sides.
        scale: maps the energies of the coefficients, float32 `(n, channels, *sides[:-1],
            sides[-1] // 2 + 1)` in the order of `numpy.fft.rfftn`, to real factors that broadcast
            to that shape.
    """
    sides = pictures.shape.as_list()[1:-1]
    forward, inverse = _TRANSFORMS[len(sides)]
    last = len(sides) + 1
    spectrum = forward(tf.transpose(pictures, [0, last, *range(1, last)]))
    energies = tf.math.real(spectrum) ** 2 + tf.math.imag(spectrum) ** 2
    scaled = inverse(spectrum * tf.cast(scale(energies), tf.complex64), fft_length=sides)
    return tf.transpose(scaled, [0, *range(2, last + 1), 1])

"""The ways up the gradient: how a picture is changed at each step.

Pictures are in grey levels here, 0..255 whatever the model takes, so that step sizes mean the
same for every model.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from convviz_tb.patterns.spectrum import Spectrum, spatial_frequencies

_LONGEST: Final = 16.0  # pixels
_MIDDLE: Final = 127.5  # grey levels
_FAINT: Final = 0.03  # of the energy of all colours: a colour with less is not raised any more
_SILENT: Final = 0.01  # of the mean energy: a wave with less is not raised any more


@dataclass(frozen=True)
class Mode:
    """A recipe of gradient ascent.

    Attributes:
        steps: how many steps by default.
        step_size: length of the first step by default, in grey levels (RMS over the picture).
        direction: turns the gradient `(n, *sides, c)` into a direction of RMS about 1 per picture;
            its second argument is the spectrum of pictures, the third the longest wave in pixels.
        warm_steps: how many steps, going on from the picture of an earlier epoch.
        warm_step_size: length of the first of those.
        fading: length of the last step as a share of the first; the picture settles.
        momentum: share of the previous direction that is kept.
        leak: share of the negative input of the layer's activation that counts, so that positions
            where the filter is silent (all of them, for a filter dead from gray) are driven too.
        contrast: most that a picture may differ from mid-gray, in grey levels (RMS). Without a
            bound, one that goes on from epoch to epoch would never settle.
        literal: computed in float32, and shown as it ended whatever came of it.
        by_reach: whether patterns are as large as the receptive field of a layer asks for, and
            their waves no longer than it does.
        unbounded: whether activations that have a ceiling are climbed before it.
        jitter: most that the picture is shifted at each step, as a share of its side; what only
            fits the net's grid of pixels does not last.
        by_response: whether two pictures are compared by how the layer responds to them, not by
            their texture; where all pictures have one spectrum, their textures are much alike.
        keeps_best: whether a picture that ended worse than it began, or than plain gray, is
            replaced by that.
    """

    steps: int
    step_size: float
    direction: Callable[[Any, Spectrum, float], Any]
    warm_steps: int
    warm_step_size: float
    fading: float = 1.0
    momentum: float = 0.0
    leak: float = 0.0
    contrast: float = math.inf
    literal: bool = False
    by_reach: bool = False
    unbounded: bool = False
    jitter: float = 0.0
    by_response: bool = False
    keeps_best: bool = False

    def step_sizes(self, first: Any, steps: Any) -> Any:
        """Length of each of `steps` steps, float32 `(steps,)`, from `first` down."""
        along = tf.range(tf.cast(steps, tf.float32)) / tf.cast(tf.maximum(steps - 1, 1), tf.float32)
        return first * self.fading**along

    def longest_wave(self, side: int, reach: int) -> float:
        """Pixels; a layer that sees `reach` of them says nothing of much longer waves."""
        return min(side, max(1.5 * reach, _LONGEST)) if self.by_reach else _LONGEST

    def shift(self, seed: Any, i: Any, sides: Sequence[int]) -> Any:
        """How far the pictures are shifted at step `i`, int32 `(axes,)` in pixels."""
        most = max(1, round(self.jitter * max(sides)))
        return tf.random.stateless_uniform(
            [len(sides)], tf.stack([seed, i]), -most, most + 1, tf.int32
        )

    def bounded(self, levels: Any) -> Any:
        """Pictures `(n, *sides, c)` in grey levels, their contrast at most `contrast`."""
        if math.isinf(self.contrast):
            return levels
        apart = levels - _MIDDLE
        return _MIDDLE + apart * tf.minimum(1.0, tf.math.divide_no_nan(self.contrast, rms(apart)))


def best(*candidates: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    """Of several pictures of each filter the one that climbed highest, the first if in doubt.

    Args:
        candidates: pictures `(n, *sides, c)`, their scores `(n,)`, and what is climbed, `(n,)`.
    """
    pictures, scores, climbed = candidates[0]
    for other, other_scores, higher in candidates[1:]:
        is_better = higher > climbed  # not where one of them is no number
        shape = [-1] + [1] * (pictures.shape.rank - 1)
        pictures = tf.where(tf.reshape(is_better, shape), other, pictures)
        scores = tf.where(is_better, other_scores, scores)
        climbed = tf.where(is_better, higher, climbed)
    return pictures, scores, climbed


def rms(values: Any) -> Any:
    """Root of the mean square of each picture, `(n, 1, ..., 1)`."""
    # In float64: a float32 sum is rounded differently at each place in a batch, and the ascent
    # would amplify that until a picture depended on its neighbours.
    axes = list(range(1, values.shape.rank))
    mean = tf.reduce_mean(tf.cast(values, tf.float64) ** 2, axis=axes, keepdims=True)
    return tf.cast(tf.sqrt(mean), tf.float32)


def notebook_direction(gradient: Any, *_: Any) -> Any:
    """Gradient over its RMS + 1e-5, literally; per picture instead of over the batch."""
    return gradient / (rms(gradient) + 1e-5)


def smooth_direction(gradient: Any, *_: Any) -> Any:
    """Gradient with each spatial frequency f scaled by 1 / f, over its RMS.

    Low frequencies, which natural pictures are made of, come first, instead of the high-frequency
    noise of raw pixels. As in Olah et al. 2017, "Feature Visualization", preconditioning; milder:
    their picture of Fourier coefficients scaled by 1 / f climbs along the gradient over f^2.
    """
    weights = 1 / _frequencies(gradient.shape.as_list()[1:-1])
    scaled = _filtered(gradient, lambda spectrum: tf.constant(weights, tf.float32))
    return tf.math.divide_no_nan(scaled, rms(scaled))


def natural_direction(gradient: Any, spectrum: Spectrum, longest: float) -> Any:
    """Gradient whitened to the colours and the spectrum of pictures, over its RMS.

    A Fourier coefficient z along an axis of colour becomes z T / |z|^(3/4), where T is the
    amplitude that pictures have there: nearly of that size, whatever the filter's own gradient
    prefers, which is faint noise of high frequencies. To |z|^2 are added a share of that of all
    colours and one of its mean, lest a colour or a wave that a filter does not see be raised to the
    size of one that it does.

    In the spirit of Olah et al. 2017, "Feature Visualization" (decorrelated colours and
    frequencies), and of Fel et al. 2023, "Unlocking feature visualization with magnitude
    constrained optimization" (amplitudes as in pictures), but along the gradient of the pixels: no
    state but the picture.

    Args:
        gradient: `(n, *sides, c)`.
        spectrum: that of pictures.
        longest: pixels; longer waves, and the mean, are given the amplitude of that one.
    """
    sides = gradient.shape.as_list()[1:-1]
    weights = spectrum.weights(tuple(sides), longest)
    silent = _SILENT * math.prod(sides)  # a share of the mean of |z|^2, by Parseval's theorem

    def scale(coefficients: Any) -> Any:
        energy = tf.math.real(coefficients) ** 2 + tf.math.imag(coefficients) ** 2
        energy += _FAINT * tf.reduce_sum(energy, axis=1, keepdims=True) + silent
        fourth = tf.sqrt(tf.sqrt(energy))  # |z|^(1/2)
        return tf.math.divide_no_nan(weights, fourth * tf.sqrt(fourth))

    unit = tf.math.divide_no_nan(gradient, rms(gradient))  # its square must not underflow
    along = tf.linalg.matmul(unit, spectrum.axes)
    found = tf.linalg.matmul(_filtered(along, scale), spectrum.axes.T)
    return tf.math.divide_no_nan(found, rms(found))


def _filtered(pictures: Any, scale: Callable[[Any], Any]) -> Any:
    """Pictures `(n, *sides, c)`, their Fourier coefficients `(n, c, *sides')` times `scale`."""
    sides = pictures.shape.as_list()[1:-1]
    forward, inverse = _FOURIER[len(sides)]
    last = len(sides) + 1
    spectrum = forward(tf.transpose(pictures, [0, last, *range(1, last)]))
    scaled = inverse(spectrum * tf.cast(scale(spectrum), tf.complex64), fft_length=sides)
    return tf.transpose(scaled, [0, *range(2, last + 1), 1])


_FOURIER: Final = {
    1: (tf.signal.rfft, tf.signal.irfft),
    2: (tf.signal.rfft2d, tf.signal.irfft2d),
    3: (tf.signal.rfft3d, tf.signal.irfft3d),
}


def _frequencies(sides: Sequence[int]) -> npt.NDArray[np.float64]:
    """Spatial frequency of each coefficient of a real Fourier transform, in cycles per pixel.

    Waves longer than `_LONGEST` count as that long: favoured without end, they would drown the
    texture in blobs of plain colour.
    """
    floored: npt.NDArray[np.float64] = np.maximum(spatial_frequencies(sides), 1 / _LONGEST)
    return floored


MODES: Final[dict[str, Mode]] = {
    "notebook": Mode(
        steps=40,
        step_size=1.0,
        direction=notebook_direction,
        warm_steps=10,
        warm_step_size=1.0,
        literal=True,
    ),
    "smooth": Mode(
        steps=16,
        step_size=24.0,
        direction=smooth_direction,
        warm_steps=3,
        warm_step_size=5.0,
        fading=0.125,
        momentum=0.5,
        leak=0.1,
        contrast=64.0,
    ),
    "natural": Mode(
        steps=12,
        step_size=24.0,
        direction=natural_direction,
        warm_steps=3,
        warm_step_size=5.0,
        fading=0.125,
        momentum=0.5,
        leak=0.1,
        contrast=64.0,
        by_reach=True,
        unbounded=True,
        jitter=1 / 40,
        by_response=True,
        keeps_best=True,
    ),
}

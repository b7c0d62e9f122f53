"""Recipes of gradient ascent: step sizes, momentum, preconditioning, bounds.

Pictures are in grey levels here, 0..255 whatever the model takes, so that step sizes mean the
same for every model.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from keras import ops

from convviz_tb.model import scale_spectrum
from convviz_tb.patterns.spectrum import Spectrum, spatial_frequencies

_LONGEST: Final = 16.0  # pixels
MID_GRAY: Final = 127.5  # grey levels
_FAINT: Final = 0.03  # of the energy of all colours: a colour with less is not raised any more
_SILENT: Final = 0.01  # of the mean energy: a wave with less is not raised any more


@dataclass(frozen=True)
class Recipe:
    """A recipe of gradient ascent.

    Attributes:
        steps: number of steps by default.
        step_size: length of the first step by default, in grey levels (RMS over the picture).
        direction: maps the gradient, float32 `(n, *sides, c)`, the spectrum of pictures and the
            longest wave in pixels to a direction of RMS about 1 per picture.
        warm_steps: number of steps of a warm start, from the picture of an earlier epoch.
        warm_step_size: length of the first step of a warm start.
        fading: length of the last step as a fraction of the first; the picture settles.
        momentum: fraction of the previous direction that is kept.
        leak: weight of the negative input of the layer's activation in the objective, so that
            positions without activation (all of them, for a filter that is dead on gray) have a
            gradient too.
        contrast: most that a picture may differ from mid-gray, in grey levels (RMS). Without a
            bound, a picture that is resumed from epoch to epoch would never settle.
        literal: whether everything is computed in float32, and a dead filter's picture is shown as
            it is instead of plain gray.
        by_receptive_field: whether pictures are as large as the receptive field of the layer asks
            for, and their waves no longer.
        unbounded: whether an activation that has a ceiling is maximised without it.
        jitter: most that a picture is shifted at each step, as a fraction of its side: what only
            fits the network's grid of pixels does not last.
        by_response: whether two patterns are compared by how the layer responds to them, not by
            their texture: where all have one spectrum, textures are much alike.
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
    by_receptive_field: bool = False
    unbounded: bool = False
    jitter: float = 0.0
    by_response: bool = False
    keeps_best: bool = False

    def step_sizes(self, first: Any, steps: Any) -> Any:
        """Length of each of `steps` steps, float32 `(steps,)`, from `first` down."""
        numbers = ops.cast(ops.arange(0, steps, dtype="int32"), "float32")
        return first * self.fading ** (numbers / ops.cast(ops.maximum(steps - 1, 1), "float32"))

    def bounded(self, levels: Any) -> Any:
        """Pictures `(n, *sides, c)` in grey levels, their contrast at most `contrast`."""
        if math.isinf(self.contrast):
            return levels
        apart = levels - MID_GRAY
        return MID_GRAY + apart * ops.minimum(1.0, ops.divide_no_nan(self.contrast, rms(apart)))

    def longest_wave(self, side: int, receptive_field: int) -> float:
        """Pixels; a layer that sees so many says nothing of much longer waves."""
        return min(side, max(1.5 * receptive_field, _LONGEST))

    def shifts(self, seed: Sequence[int], steps: int, sides: Sequence[int]) -> npt.NDArray[Any]:
        """How far pictures are shifted at each step, int32 `(steps, axes)` in pixels."""
        most = max(1, round(self.jitter * max(sides))) if self.jitter else 0
        random = np.random.default_rng(seed)
        return random.integers(-most, most + 1, (steps, len(sides)), np.int32)


def best(*candidates: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    """Of several pictures of each filter the one with the largest score, else the first.

    Of pictures with equal scores, as those of a filter that has no activation on either, the one
    with the largest objective.

    Args:
        candidates: pictures `(n, *sides, c)`, their scores `(n,)` and objectives `(n,)`.
    """
    pictures, scores, objectives = candidates[0]
    for other, other_scores, other_objectives in candidates[1:]:
        is_better = ops.logical_or(  # not where one of them is NaN
            other_scores > scores,
            ops.logical_and(other_scores == scores, other_objectives > objectives),
        )
        shape = [-1] + [1] * (len(pictures.shape) - 1)
        pictures = ops.where(ops.reshape(is_better, shape), other, pictures)
        scores = ops.where(is_better, other_scores, scores)
        objectives = ops.where(is_better, other_objectives, objectives)
    return pictures, scores, objectives


def rms(values: Any) -> Any:
    """Root of the mean square of each picture, `(n, 1, ..., 1)`."""
    # In float64: a float32 sum is rounded differently at each position in a batch, and the ascent
    # would amplify that until a picture depended on its neighbours.
    axes = list(range(1, len(values.shape)))
    mean = ops.mean(ops.cast(values, "float64") ** 2, axis=axes, keepdims=True)
    return ops.cast(ops.sqrt(mean), "float32")


def notebook_direction(gradient: Any, *_: Any) -> Any:
    """Gradient over its RMS + 1e-5, literally; per picture instead of over the batch."""
    return gradient / (rms(gradient) + 1e-5)


def smooth_direction(gradient: Any, *_: Any) -> Any:
    """Gradient with each spatial frequency f scaled by 1 / f, over its RMS.

    Low frequencies, which natural pictures are made of, come first, instead of the high-frequency
    noise of raw pixels. As in Olah et al. 2017, "Feature Visualization", preconditioning; milder:
    their picture of Fourier coefficients scaled by 1 / f climbs along the gradient over f^2.
    """
    # Longer waves, favoured without end, would drown the texture in blobs of plain colour.
    frequencies = np.maximum(spatial_frequencies(gradient.shape[1:-1]), 1 / _LONGEST)
    weights = ops.convert_to_tensor(1 / frequencies, "float32")
    scaled = scale_spectrum(gradient, lambda energies: weights)
    return ops.divide_no_nan(scaled, rms(scaled))


def natural_direction(gradient: Any, spectrum: Spectrum, longest: float) -> Any:
    """Gradient whitened to the colours and the spectrum of pictures, over its RMS.

    A Fourier coefficient z along an axis of colour becomes z T / |z|^(3/4), where T is the
    amplitude that pictures have there: nearly of that size, whatever the filter's own gradient
    prefers, which is faint noise of high frequencies. To |z|^2 are added a share of that of all
    colours and one of its mean, lest a colour or a wave that a filter does not see be raised to the
    size of one that it does.

    In the spirit of Olah et al. 2017, "Feature Visualization" (decorrelated colours and
    frequencies), and of Fel et al. 2023, "Unlocking feature visualization for deep networks with
    magnitude constrained optimization" (amplitudes as in pictures), but along the gradient of the
    pixels: no state but the picture.

    Args:
        gradient: float32 `(n, *sides, c)`.
        spectrum: that of pictures.
        longest: pixels; longer waves, and the mean, are given the amplitude of that one.
    """
    sides = gradient.shape[1:-1]
    amplitudes = ops.convert_to_tensor(spectrum.weights(tuple(sides), longest))
    silent = _SILENT * math.prod(sides)  # a share of the mean of |z|^2, by Parseval's theorem

    def scale(energies: Any) -> Any:
        energies += _FAINT * ops.sum(energies, axis=1, keepdims=True) + silent
        fourth = ops.sqrt(ops.sqrt(energies))  # |z|^(1/2)
        return ops.divide_no_nan(amplitudes, fourth * ops.sqrt(fourth))

    unit = ops.divide_no_nan(gradient, rms(gradient))  # its square must not underflow
    scaled = scale_spectrum(ops.matmul(unit, spectrum.axes), scale)
    direction = ops.matmul(scaled, spectrum.axes.T)
    return ops.divide_no_nan(direction, rms(direction))


_SMOOTH: Final = Recipe(
    steps=16,
    step_size=24.0,
    direction=smooth_direction,
    warm_steps=3,
    warm_step_size=5.0,
    fading=0.125,
    momentum=0.5,
    leak=0.1,
    contrast=64.0,
    keeps_best=True,
)

#: Recipes by the names that users choose them by.
MODES: Final[dict[str, Recipe]] = {
    "notebook": Recipe(
        steps=40,
        step_size=1.0,
        direction=notebook_direction,
        warm_steps=10,
        warm_step_size=1.0,
        literal=True,
    ),
    "smooth": _SMOOTH,
    "natural": replace(
        _SMOOTH,
        direction=natural_direction,
        warm_steps=2,
        by_receptive_field=True,
        unbounded=True,
        jitter=1 / 40,
        by_response=True,
    ),
}

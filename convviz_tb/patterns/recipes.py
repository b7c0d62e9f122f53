"""Recipes of gradient ascent: step sizes, momentum, preconditioning, bounds.

Pictures are in grey levels here, 0..255 whatever the model takes, so that step sizes mean the
same for every model.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from keras import ops

from convviz_tb.model import divide_spectrum

_LONGEST: Final = 16.0  # pixels
_MIDDLE: Final = 127.5  # grey levels


@dataclass(frozen=True)
class Recipe:
    """A recipe of gradient ascent.

    Attributes:
        steps: number of steps by default.
        step_size: length of the first step by default, in grey levels (RMS over the picture).
        direction: maps the gradient, float32 `(n, *sides, c)`, to a direction of RMS about 1 per
            picture.
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
    """

    steps: int
    step_size: float
    direction: Callable[[Any], Any]
    warm_steps: int
    warm_step_size: float
    fading: float = 1.0
    momentum: float = 0.0
    leak: float = 0.0
    contrast: float = math.inf
    literal: bool = False

    def step_sizes(self, first: Any, steps: Any) -> Any:
        """Length of each of `steps` steps, float32 `(steps,)`, from `first` down."""
        numbers = ops.cast(ops.arange(0, steps, dtype="int32"), "float32")
        return first * self.fading ** (numbers / ops.cast(ops.maximum(steps - 1, 1), "float32"))

    def bounded(self, levels: Any) -> Any:
        """Pictures `(n, *sides, c)` in grey levels, their contrast at most `contrast`."""
        if math.isinf(self.contrast):
            return levels
        apart = levels - _MIDDLE
        return _MIDDLE + apart * ops.minimum(1.0, ops.divide_no_nan(self.contrast, rms(apart)))


def rms(values: Any) -> Any:
    """Root of the mean square of each picture, `(n, 1, ..., 1)`."""
    # In float64: a float32 sum is rounded differently at each position in a batch, and the ascent
    # would amplify that until a picture depended on its neighbours.
    axes = list(range(1, len(values.shape)))
    mean = ops.mean(ops.cast(values, "float64") ** 2, axis=axes, keepdims=True)
    return ops.cast(ops.sqrt(mean), "float32")


def notebook_direction(gradient: Any) -> Any:
    """Gradient over its RMS + 1e-5, literally; per picture instead of over the batch."""
    return gradient / (rms(gradient) + 1e-5)


def smooth_direction(gradient: Any) -> Any:
    """Gradient with each spatial frequency f scaled by 1 / f, over its RMS.

    Low frequencies, which natural pictures are made of, come first, instead of the high-frequency
    noise of raw pixels. As in Olah et al. 2017, "Feature Visualization", preconditioning; milder:
    their picture of Fourier coefficients scaled by 1 / f climbs along the gradient over f^2.
    """
    scaled = divide_spectrum(gradient, _frequencies(gradient.shape[1:-1]))
    return ops.divide_no_nan(scaled, rms(scaled))


def _frequencies(sides: Sequence[int]) -> npt.NDArray[np.float64]:
    """Spatial frequency of each coefficient of a real Fourier transform, in cycles per pixel.

    Waves longer than `_LONGEST` count as that long: favoured without end, they would drown the
    texture in blobs of plain colour.
    """
    axes = [*(np.fft.fftfreq(side) for side in sides[:-1]), np.fft.rfftfreq(sides[-1])]
    frequencies = np.linalg.norm(np.meshgrid(*axes, indexing="ij"), axis=0)
    floored: npt.NDArray[np.float64] = np.maximum(frequencies, 1 / _LONGEST)
    return floored


MODES: Final[dict[str, Recipe]] = {
    "notebook": Recipe(
        steps=40,
        step_size=1.0,
        direction=notebook_direction,
        warm_steps=10,
        warm_step_size=1.0,
        literal=True,
    ),
    "smooth": Recipe(
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
}

"""Spectrum of pictures: how strong each colour and wavelength is in them.

Mode "natural" whitens gradients to it, so that a pattern has the colours and the share of coarse
and fine structure that pictures have.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: Fewer images say too little about their kind; photographs stand in.
ENOUGH: Final = 4
_MOST: Final = 64  # images measured; 16 gave patterns that were judged as those of 400
_RINGS: Final = 24  # of frequency, evenly spread on a logarithmic axis
_FAINTEST: Final = 1e-3  # of the strongest colour axis' variance: what counts of a faint one
#: Square root of the covariance of colours in ImageNet (Olah et al. 2017, "Feature
#: Visualization"). RGB and BGR differ by signs of the axes only, which do not count.
_COLOURS: Final = np.array([[0.26, 0.09, 0.02], [0.27, 0.0, -0.05], [0.27, -0.09, 0.03]])


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Amplitudes of pictures by spatial frequency, along axes of colour.

    Attributes:
        axes: float32 `(c, c)`, orthonormal; the columns are mixtures of the channels.
        frequencies: `(k,)`, rising, in cycles per pixel.
        amplitudes: `(k, c)`, RMS of the Fourier coefficients of each axis there; over 0.
    """

    axes: Array
    frequencies: Array
    amplitudes: Array

    @cached_property
    def key(self) -> bytes:
        """Equal for equal ones."""
        arrays = (self.axes, self.frequencies, self.amplitudes)
        return hashlib.blake2b(b"".join(each.tobytes() for each in arrays)).digest()

    def weights(self, sides: tuple[int, ...], longest: float) -> Array:
        """Amplitude of each coefficient of a real Fourier transform, float32 `(c, *sides')`.

        Args:
            sides: of a picture, in pixels.
            longest: pixels; longer waves, and the mean, count as of that length.
        """
        frequencies = np.log(np.maximum(spatial_frequencies(sides), 1 / longest))
        known, logarithms = np.log(self.frequencies), np.log(self.amplitudes)
        curves = np.stack([np.interp(frequencies, known, axis) for axis in logarithms.T])
        return np.asarray(np.exp(curves - logarithms.max()), np.float32)

    def without_colours(self) -> "Spectrum":
        """Every channel by itself, all of them with the spectrum of the whole."""
        mean = np.sqrt((self.amplitudes**2).mean(axis=1, keepdims=True))
        same = np.repeat(mean, len(self.axes), axis=1)
        return Spectrum(np.eye(len(self.axes), dtype=np.float32), self.frequencies, same)


def spatial_frequencies(sides: Sequence[int]) -> Array:
    """Frequency of each coefficient of a real Fourier transform, in cycles per pixel."""
    waves = [*(np.fft.fftfreq(side) for side in sides[:-1]), np.fft.rfftfreq(sides[-1])]
    frequencies: Array = np.linalg.norm(np.meshgrid(*waves, indexing="ij"), axis=0)
    return frequencies


def spectrum_of_photographs(channels: int, axes: int = 2) -> Spectrum:
    """That of photographs: their colours, where there are three channels, and 1 / f.

    An amplitude of 1 / f**(axes / 2) has the same energy in each octave, as photographs do (Field
    1987); a quarter is added to the exponent, by which patterns were judged clearest.

    Args:
        channels: of the pictures.
        axes: 1 for signals, 2 for pictures, 3 for volumes.
    """
    frequencies = np.array([1e-4, 1.0])
    falling = frequencies[:, None] ** -(axes / 2 + 0.25)
    axes_of_colour, deviations = np.eye(channels), np.ones(channels)
    if channels == 3:
        axes_of_colour, deviations, _ = np.linalg.svd(_COLOURS)
    return Spectrum(axes_of_colour.astype(np.float32), frequencies, falling * deviations)


def spectrum_of_images(images: Array) -> Spectrum:
    """That of the user's own images; of photographs where they are too few or all plain.

    Args:
        images: `(n, *sides, c)`, channels last, in any range.
    """
    images = np.asarray(images)
    axes, channels = images.ndim - 2, images.shape[-1]
    if len(images) < ENOUGH or min(images.shape[1:-1]) < 4:
        return spectrum_of_photographs(channels, axes)
    chosen = np.linspace(0, len(images) - 1, min(len(images), _MOST)).round().astype(int)
    pictures = images[np.unique(chosen)].astype(np.float64)
    pictures -= pictures.mean(axis=tuple(range(axes + 1)))
    directions = _colour_axes(pictures)
    frequencies, energies = _by_frequency(pictures @ directions)
    if not energies.any():
        return spectrum_of_photographs(channels, axes)
    return Spectrum(directions.astype(np.float32), frequencies, np.sqrt(_floored(energies)))


def _colour_axes(pictures: Array) -> Array:
    """Principal axes of the channels of pictures of mean 0, as columns, the strongest first."""
    flat = pictures.reshape(-1, pictures.shape[-1])
    _, axes = np.linalg.eigh(flat.T @ flat)
    return axes[:, ::-1]


def _by_frequency(pictures: Array) -> tuple[Array, Array]:
    """Frequencies `(k,)`, and the mean energy of each axis of colour there, `(k, c)`."""
    sides = pictures.shape[1:-1]
    windows = [np.hanning(side + 2)[1:-1] for side in sides]  # borders are no structure
    window = reduce(np.multiply.outer, windows)[..., None]
    axes = tuple(range(len(sides)))
    energy = np.mean([np.abs(np.fft.rfftn(one * window, axes=axes)) ** 2 for one in pictures], 0)
    frequencies = spatial_frequencies(sides).ravel()
    rings = np.geomspace(1 / max(sides), frequencies.max() * (1 + 1e-9), _RINGS + 1)
    ring = np.digitize(frequencies, rings) - 1
    filled = [i for i in range(_RINGS) if (ring == i).any()]
    flat = energy.reshape(-1, energy.shape[-1])
    means = np.stack([flat[ring == i].mean(axis=0) for i in filled])
    return np.sqrt(rings[:-1] * rings[1:])[filled], means


def _floored(energies: Array) -> Array:
    """Energies `(k, c)` over 0: a faint colour is `_FAINTEST` of the strongest at least."""
    by_axis = energies.sum(axis=0)
    strongest = energies[:, by_axis.argmax()]
    silent = by_axis <= by_axis.max() * 1e-12
    shape = np.where(silent, strongest[:, None], energies)
    wanted = np.maximum(by_axis, _FAINTEST * by_axis.max()) / shape.sum(axis=0)
    raised: Array = shape * wanted
    return np.asarray(np.maximum(raised, raised.max(axis=0) * 1e-12))

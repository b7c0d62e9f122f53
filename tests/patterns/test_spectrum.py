"""`spectrum.py`: what is measured of pictures whose colours and spectrum are known."""

import numpy as np
import pytest

from convviz_tb.patterns.spectrum import ENOUGH, spectrum_of_images, spectrum_of_photographs


def fractal(count: int, sides: tuple[int, ...], falling: float, seed: int = 0) -> np.ndarray:
    """Noise `(count, *sides)` whose amplitudes fall with the frequency to a known power."""
    waves = np.meshgrid(*(np.fft.fftfreq(side) for side in sides), indexing="ij")
    frequency = np.sqrt(sum(wave**2 for wave in waves))
    frequency.flat[0] = np.inf
    noise = np.random.default_rng(seed).normal(size=(count, *sides))
    axes = tuple(range(1, len(sides) + 1))
    return np.fft.ifftn(np.fft.fftn(noise, axes=axes) / frequency**falling, axes=axes).real


def slope(spectrum, low: float, high: float) -> float:
    within = (spectrum.frequencies > low) & (spectrum.frequencies < high)
    logarithms = np.log(spectrum.frequencies[within]), np.log(spectrum.amplitudes[within, 0])
    return float(np.polyfit(*logarithms, 1)[0])


@pytest.mark.parametrize("sides", [(512,), (64, 96), (24, 24, 24)])
@pytest.mark.parametrize("falling", [0.5, 1.5])
def test_the_fall_of_a_spectrum_is_measured(sides, falling):
    """Of signals, pictures and volumes, at any range of values."""
    images = fractal(24, sides, falling)[..., None] * 1e3 + 7
    assert slope(spectrum_of_images(images), 0.06, 0.4) == pytest.approx(-falling, abs=0.15)


def test_colours_are_found():
    """Pictures that are mixtures of two colours, one of them three times as strong."""
    strong, weak = np.float64([2, -1, 2, 0]) / 3, np.float64([1, 2, 0, 2]) / 3
    plain = fractal(8, (32, 32), 1)[..., None]
    images = 3 * plain * strong + plain[::-1] * weak
    spectrum = spectrum_of_images(images)
    assert abs(spectrum.axes[:, 0] @ strong) > 0.999 and abs(spectrum.axes[:, 1] @ weak) > 0.99
    ratios = spectrum.amplitudes[:, 0] / spectrum.amplitudes[:, 1]
    np.testing.assert_allclose(np.median(ratios), 3, rtol=0.1)
    # What no picture has is not quite forbidden: the variance of the strongest over a thousand.
    np.testing.assert_allclose(spectrum.amplitudes[:, 0] / spectrum.amplitudes[:, 3], 1000**0.5)
    np.testing.assert_allclose(spectrum.axes.T @ spectrum.axes, np.eye(4), atol=1e-5)


@pytest.mark.parametrize("count", range(1, ENOUGH))
def test_too_few_images_give_way_to_photographs(count):
    images = fractal(count, (32, 32), 1)[..., None].repeat(3, -1)
    assert spectrum_of_images(images).key == spectrum_of_photographs(3).key


def test_plain_or_tiny_images_give_way_to_photographs():
    assert spectrum_of_images(np.full((8, 16, 16, 3), 7.0)).key == spectrum_of_photographs(3).key
    assert (
        spectrum_of_images(fractal(8, (2, 64), 1)[..., None]).key == spectrum_of_photographs(1).key
    )


@pytest.mark.parametrize("sides", [(40,), (17, 24), (6, 8, 9)])
@pytest.mark.parametrize("channels", [1, 2, 3, 9])
def test_weights_fit_any_size(sides, channels):
    """Positive, at most 1, the same for all waves of `longest` and more, and for the mean."""
    for spectrum in (
        spectrum_of_photographs(channels, len(sides)),
        spectrum_of_images(fractal(5, (*(16 for _ in sides), channels), 1)),
    ):
        weights = spectrum.weights(sides, 5.0)
        assert weights.shape == (channels, *sides[:-1], sides[-1] // 2 + 1)
        assert weights.dtype == np.float32 and weights.min() > 0 and weights.max() <= 1
        corner = (slice(None), *[0] * len(sides))
        assert np.array_equal(weights[corner], weights[(slice(None), *[0] * (len(sides) - 1), 1)])


def test_without_colours_every_channel_is_alike():
    spectrum = spectrum_of_photographs(3).without_colours()
    assert np.array_equal(spectrum.axes, np.eye(3))
    assert np.ptp(spectrum.amplitudes, axis=1).max() == 0


def test_photographs_have_as_much_in_each_octave():
    """Energy times the waves of an octave falls slowly, whatever the number of axes."""
    for axes in (1, 2, 3):
        assert slope(spectrum_of_photographs(1, axes), 0, 2) == pytest.approx(-axes / 2 - 0.25)

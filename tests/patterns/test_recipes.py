"""`recipes.py`: the directions, against numpy."""

import numpy as np
import pytest
import tensorflow as tf

from convviz_tb.patterns import recipes
from convviz_tb.patterns.spectrum import spectrum_of_images, spectrum_of_photographs


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def direction(mode: str, gradient: np.ndarray) -> np.ndarray:
    """That of a mode, with the prior of photographs."""
    given = (spectrum_of_photographs(gradient.shape[-1], gradient.ndim - 2), 32.0)
    return recipes.MODES[mode].direction(tf.constant(gradient), *given).numpy()


@pytest.mark.parametrize("mode", recipes.MODES)
@pytest.mark.parametrize("size", [1e-24, 1.0, 1e6])
def test_each_picture_has_a_scale_of_its_own(mode, size):
    """A direction has RMS 1 per picture, whatever the size of its and its neighbours' gradient."""
    gradient = noise(3, 9, 13, 3) * np.float32([1, 1000, size])[:, None, None, None]
    directions = direction(mode, gradient)
    expected = [1, 1, size / (size + 1e-5) if mode == "notebook" else 1]
    found = np.sqrt((directions**2).mean(axis=(1, 2, 3)))
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("mode", recipes.MODES)
def test_no_gradient_is_no_direction(mode):
    """A filter that is dead everywhere leaves its picture alone, without NaN."""
    assert not direction(mode, np.zeros((2, 8, 8, 3), np.float32)).any()


def test_notebook_direction_is_gradient_over_its_rms():
    """To the letter, with the notebook's 1e-5."""
    gradient = noise(1, 6, 6, 3)
    expected = gradient / (np.sqrt(np.mean(np.square(gradient))) + 1e-5)
    np.testing.assert_allclose(
        recipes.notebook_direction(tf.constant(gradient)), expected, rtol=1e-6
    )


@pytest.mark.parametrize("sides", [(16, 40), (33, 25), (7, 12), (17,), (16,), (5, 6, 8), (4, 4, 7)])
def test_smooth_direction_divides_by_frequency(sides):
    """Against numpy's full Fourier transform, for pictures, signals and volumes of any side.

    Waves of more than 16 pixels count as that long.
    """
    gradient = noise(2, *sides, 2)
    axes = tuple(range(1, len(sides) + 1))
    each = np.meshgrid(*(np.fft.fftfreq(side) for side in sides), indexing="ij")
    frequency = np.maximum(np.sqrt(sum(f**2 for f in each)), 1 / 16)
    spectrum = np.fft.fftn(gradient, axes=axes) / frequency[..., None]
    expected = np.fft.ifftn(spectrum, axes=axes).real
    expected /= np.sqrt((expected**2).mean(axis=(*axes, -1), keepdims=True))
    found = recipes.smooth_direction(tf.constant(gradient))
    np.testing.assert_allclose(found, expected, atol=2e-5)


@pytest.mark.parametrize("mode", recipes.MODES)
def test_a_direction_does_not_depend_on_its_place_in_the_batch(mode):
    """To the last bit, at 150x150, where sums in float32 are rounded differently at each place."""
    gradient = noise(8, 150, 150, 3)
    forwards, backwards = direction(mode, gradient), direction(mode, gradient[::-1])
    assert np.array_equal(forwards, backwards[::-1])


@pytest.mark.parametrize("sides", [(16, 40), (33, 25), (17,), (5, 6, 8)])
@pytest.mark.parametrize("channels", [1, 3, 5])
def test_natural_direction_whitens_along_colours_and_frequencies(sides, channels):
    """Against numpy's full Fourier transform: z T / |z|^0.75 along the axes of colour."""
    spectrum = spectrum_of_images(noise(6, *sides, channels).cumsum(axis=1))
    gradient = noise(2, *sides, channels) * 1e-3
    axes = tuple(range(1, len(sides) + 1))
    each = np.meshgrid(*(np.fft.fftfreq(side) for side in sides), indexing="ij")
    frequency = np.maximum(np.sqrt(sum(f**2 for f in each)), 1 / 12)
    wanted = np.stack(
        [
            np.exp(np.interp(np.log(frequency), np.log(spectrum.frequencies), np.log(axis)))
            for axis in spectrum.amplitudes.T
        ],
        axis=-1,
    )
    unit = gradient / np.sqrt((gradient**2).mean(axis=(*axes, -1), keepdims=True))
    z = np.fft.fftn(unit @ spectrum.axes, axes=axes)
    energy = np.abs(z) ** 2 + 0.03 * (np.abs(z) ** 2).sum(axis=-1, keepdims=True)
    energy += 0.01 * np.prod(sides)
    expected = np.fft.ifftn(z * wanted / energy**0.375, axes=axes).real @ spectrum.axes.T
    expected /= np.sqrt((expected**2).mean(axis=(*axes, -1), keepdims=True))
    found = recipes.natural_direction(tf.constant(gradient), spectrum, 12.0)
    np.testing.assert_allclose(found, expected, atol=5e-4)


def test_the_best_of_several_pictures_is_taken():
    """Each filter for itself; the first where one is no number, and where all are alike."""
    climbed = [np.float32([1, 2, np.nan, 5]), np.float32([3, 1, 7, 5])]
    candidates = [
        (tf.fill((4, 2, 2, 1), float(i)), tf.constant(each), tf.constant(each))
        for i, each in enumerate(climbed)
    ]
    pictures, scores, _ = recipes.best(*candidates)
    assert pictures.numpy()[:, 0, 0, 0].tolist() == [1, 0, 0, 0]
    np.testing.assert_array_equal(scores, [3, 2, np.nan, 5])


def test_shifts_stay_within_their_bound():
    """A fortieth of the side, at least one pixel; another seed shifts otherwise."""
    recipe = recipes.MODES["natural"]
    drawn = [recipe.shifts([seed, 0], 40, (160, 80)) for seed in (0, 1)]
    assert np.abs(drawn).max() == 4 and not np.array_equal(*drawn)
    assert np.abs(recipe.shifts([0, 0], 20, (12,))).max() == 1
    assert not recipes.MODES["smooth"].shifts([0, 0], 20, (160, 80)).any()

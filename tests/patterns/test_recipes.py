"""`recipes.py`: the directions, against numpy."""

import numpy as np
import pytest
import tensorflow as tf

from convviz_tb.patterns import recipes


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("mode", recipes.MODES)
@pytest.mark.parametrize("size", [1e-12, 1.0, 1e6])
def test_each_picture_has_a_scale_of_its_own(mode, size):
    """A direction has RMS 1 per picture, whatever the size of its and its neighbours' gradient."""
    gradient = noise(3, 9, 13, 3) * np.float32([1, 1000, size])[:, None, None, None]
    directions = recipes.MODES[mode].direction(tf.constant(gradient)).numpy()
    expected = [1, 1, size / (size + 1e-5) if mode == "notebook" else 1]
    found = np.sqrt((directions**2).mean(axis=(1, 2, 3)))
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("mode", recipes.MODES)
def test_no_gradient_is_no_direction(mode):
    """A filter that is dead everywhere leaves its picture alone, without NaN."""
    assert not recipes.MODES[mode].direction(tf.zeros((2, 8, 8, 3))).numpy().any()


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
    direction = recipes.MODES[mode].direction
    gradient = noise(8, 150, 150, 3)
    forwards, backwards = direction(tf.constant(gradient)), direction(tf.constant(gradient[::-1]))
    assert np.array_equal(forwards, backwards[::-1])

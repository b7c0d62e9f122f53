"""`methods.py`: the formulas alone, on tensors made by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from convviz_tb import grad_cam
from convviz_tb.heatmaps import methods
from support.references import METHODS, class_activation_map, pictures, small_net


def random_tensors(seed: int, shape=(3, 5, 7, 6)) -> tuple[np.ndarray, np.ndarray]:
    """Activations after a ReLU, with a silent channel, and gradients with zeros in them."""
    random = np.random.default_rng(seed)
    activations = np.maximum(random.normal(size=shape), 0).astype(np.float32)
    activations[..., 0] = 0
    gradients = random.normal(size=shape).astype(np.float32)
    gradients[random.random(shape) < 0.2] = 0
    return activations, gradients


def raw_map(method: str, activations: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """What a method makes of them, before the ReLU."""
    return (
        methods.METHODS[method].function(tf.constant(activations), tf.constant(gradients)).numpy()
    )


def test_every_method_has_a_reference():
    """A method that is added gets a formula to be compared with."""
    with_gradients = [name for name, each in methods.METHODS.items() if each.needs_gradients]
    assert with_gradients == METHODS


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e-8])
def test_formula(method, scale):
    """Each method is its paper's formula, for gradients of any size."""
    activations, gradients = random_tensors(0)
    gradients *= scale
    maps = np.maximum(raw_map(method, activations, gradients), 0)
    expected = [
        class_activation_map(method, a, g) for a, g in zip(activations, gradients, strict=True)
    ]
    assert np.abs(maps - expected).max() <= 1e-5 * np.max(expected)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("axes", [(9,), (4, 5, 3)])
def test_any_number_of_spatial_axes(method, axes):
    """Signals and volumes give the same numbers as the same positions in a row of a picture."""
    activations, gradients = random_tensors(1, (2, *axes, 6))
    maps = raw_map(method, activations, gradients)
    row = raw_map(method, *(each.reshape(2, 1, -1, 6) for each in (activations, gradients)))
    np.testing.assert_allclose(np.ravel(maps), np.ravel(row), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_nothing_in_nothing_out(method):
    """Without activations or without gradients a map is zero, not NaN."""
    activations, gradients = random_tensors(2)
    for a, g in ((activations, gradients * 0), (activations * 0, gradients)):
        assert not np.any(raw_map(method, a, g))


def test_the_least_gradients_do_not_vanish_in_grad_cam_plus_plus():
    """The square of a gradient of 1e-25 is 0 in float32; its map is not."""
    activations, gradients = random_tensors(3)
    assert np.any(raw_map("gradcam++", activations, gradients * np.float32(1e-25)))


def one_channel(activations, gradients):
    return activations[..., 2]


def one_channel_without_gradients(activations, picture, classes, score_of):
    return tf.stack([activations[..., 2] for _ in classes])


@pytest.mark.parametrize(
    "row",
    [
        methods.Method(one_channel),
        methods.Method(one_channel_without_gradients, needs_gradients=False),
    ],
)
def test_a_method_is_one_function_and_one_row(monkeypatch, row):
    """That is all it takes to have a new method, with gradients or without."""
    monkeypatch.setitem(methods.METHODS, "activation", row)
    model, images = small_net(), pictures(2)
    found = grad_cam(model, images, "two", method="activation")["two"].maps
    expected = keras.Model(model.inputs[0], model.get_layer("two").output)(images)[..., 2]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)

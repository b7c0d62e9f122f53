"""`gradients.py`: maps and scores against eager references on explicitly split models."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from convviz_tb import grad_cam
from convviz_tb.heatmaps.grid import as_picture
from support import references
from support.references import METHODS, class_activation_map, pictures, small_net

LAYERS = ["one", "two", "three"]


@pytest.fixture(scope="module")
def net():
    return small_net()


@pytest.mark.parametrize("count", [1, 8, 11])
def test_every_method_in_every_layer_equals_the_reference(net, count):
    """Batches of one, of eight, and more than one graph run takes; three layers in one pass."""
    images = pictures(count)
    classes = np.arange(count) % 4
    for method in METHODS:
        found = grad_cam(net, images, LAYERS, classes, method=method)
        for layer in LAYERS:
            a, g = references.activations_and_gradients(net, layer, images, classes)
            expected = [class_activation_map(method, *each) for each in zip(a, g, strict=True)]
            error = np.abs(found[layer].maps - expected).max(axis=(1, 2))
            assert (error <= 1e-5 * np.max(expected, axis=(1, 2))).all(), (method, layer, error)


def test_several_classes_are_several_maps_of_one_class(net):
    """Each of k classes has the map that it has when asked for alone."""
    images = pictures(3)
    together = grad_cam(net, images, "two", np.tile([2, 0, 3], (3, 1)))["two"].maps
    for k, class_ in enumerate([2, 0, 3]):
        alone = grad_cam(net, images, "two", class_)["two"].maps
        np.testing.assert_allclose(together[:, k], alone, rtol=1e-5, atol=1e-9)


def test_gradients_are_those_of_central_differences():
    """Equation 1 on a tiny net: nudging each position of a channel gives its weight."""
    model = small_net(side=10, hidden=6, seed=1)
    image = pictures(1, 10)
    to_layer, logits = references.split(model, "two")
    activations = np.float64(to_layer(image))
    _, height, width, channels = activations.shape
    weights, step = np.zeros(channels), 1e-2
    for at in np.ndindex(height, width, channels):
        nudge = np.zeros_like(activations)
        nudge[(0, *at)] = step
        rise = [np.float64(logits(np.float32(activations + s * nudge)))[0, 1] for s in (1, -1)]
        weights[at[-1]] += (rise[0] - rise[1]) / (2 * step) / (height * width)
    expected = np.maximum(activations[0] @ weights, 0)
    found = grad_cam(model, image, "two", 1)["two"].maps[0]
    assert expected.max() > 0
    assert np.abs(found - expected).max() <= 1e-3 * expected.max()


def test_hirescam_is_grad_cam_where_the_head_is_pooling_and_linear():
    """The gradient is then the same at all positions (Draelos and Carin 2020)."""
    model, images = small_net(hidden=0), pictures(8)
    plain = grad_cam(model, images, ["two", "three"], 1)
    high = grad_cam(model, images, ["two", "three"], 1, method="hirescam")
    largest = plain["three"].maps.max()
    assert largest > 0
    assert np.abs(plain["three"].maps - high["three"].maps).max() <= 1e-6 * largest
    assert np.abs(plain["two"].maps - high["two"].maps).max() > 1e-2 * plain["two"].maps.max()


def test_a_picture_does_not_see_its_neighbours(net):
    """The map of a picture is the same alone and among others."""
    images = pictures(8)
    for method in METHODS:
        together = grad_cam(net, images, "two", 2, method=method)["two"].maps
        alone = [grad_cam(net, images[i : i + 1], "two", 2, method=method) for i in range(8)]
        alone = np.concatenate([each["two"].maps for each in alone])
        assert np.abs(together - alone).max() <= 1e-5 * together.max()


def test_small_gradients_survive_float16():
    """Gradients below the least float16 still give a map under mixed precision."""
    keras.utils.set_random_seed(0)
    policy = keras.mixed_precision.Policy("mixed_float16")
    model = keras.Sequential(
        [
            keras.Input((64, 64, 3)),
            keras.layers.Conv2D(4, 3, activation="relu", dtype=policy, name="conv"),
            keras.layers.GlobalAveragePooling2D(dtype=policy),
            keras.layers.Dense(
                3, dtype=policy, kernel_initializer=keras.initializers.Constant(1e-4)
            ),
        ]
    )
    found = grad_cam(model, pictures(1, 64), "conv", 0)["conv"].maps
    activations = model.layers[0](pictures(1, 64))
    expected = 1e-4 / 62**2 * np.sum(np.float64(activations), axis=-1)
    assert 1e-4 / 62**2 < 2**-24  # the least float16
    assert np.abs(found - expected).max() <= 0.01 * expected.max()


def test_volumes_signals_and_tokens_become_pictures():
    """A volume gives its central slice, a signal a row, tokens of pictures their square grid."""
    picture, signal = np.zeros((2, 8, 8, 3)), np.zeros((2, 16, 3))
    volume = np.random.default_rng(0).random((2, 5, 4, 3), np.float32)
    assert np.array_equal(as_picture(tf.constant(volume), volume), volume[:, 2])
    tokens = np.arange(34, dtype=np.float32).reshape(2, 17)
    grid = tokens[:, 1:].reshape(2, 4, 4)
    assert np.array_equal(as_picture(tf.constant(tokens), picture), grid)
    assert np.array_equal(as_picture(tf.constant(tokens[:, 1:]), picture), grid)
    assert np.array_equal(as_picture(tf.constant(tokens[:, 1:]), signal), tokens[:, None, 1:])

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
    assert np.array_equal(as_picture(tf.constant(volume), volume[..., None]), volume[:, 2])
    bands = as_picture(tf.constant(volume), picture)  # of a picture with many bands
    np.testing.assert_allclose(bands, volume.mean(axis=-1), rtol=1e-6)
    tokens = np.arange(34, dtype=np.float32).reshape(2, 17)
    grid = tokens[:, 1:].reshape(2, 4, 4)
    assert np.array_equal(as_picture(tf.constant(tokens), picture), grid)
    assert np.array_equal(as_picture(tf.constant(tokens[:, 1:]), picture), grid)
    assert np.array_equal(as_picture(tf.constant(tokens[:, 1:]), signal), tokens[:, None, 1:])


def before_a_norm(dtype: str = "float32") -> keras.Model:
    """The norm divides each position by its length: gradient and activation are orthogonal."""
    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Conv2D(16, 3, name="last", dtype=dtype),
            keras.layers.UnitNormalization(axis=-1),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3),
        ]
    )


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_what_cancels_out_is_no_evidence_however_it_was_rounded(dtype):
    images = np.random.default_rng(0).random((4, 16, 16, 3), np.float32)
    assert not grad_cam(before_a_norm(dtype), images, method="hirescam")["last"].maps.any()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_weak_evidence_is_evidence(net, method, scale):
    """The floor is relative to what a map is a sum of: a weak score has its map."""
    images = pictures(2)
    scaled = keras.models.clone_model(net)
    scaled.set_weights(net.get_weights())
    head = scaled.layers[-1]
    head.set_weights([each * scale for each in head.get_weights()])
    plain = grad_cam(net, images, "two", 1, method=method)["two"].maps
    found = grad_cam(scaled, images, "two", 1, method=method)["two"].maps
    assert (plain.max(axis=(1, 2)) > 0).tolist() == (found.max(axis=(1, 2)) > 0).tolist()

"""`prune_channels.py`: a few channels of a convolution, without the others."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from convviz_tb.model import taps
from convviz_tb.model.prune_channels import prune_channels

LAYERS = keras.layers
WANTED = [3, 17]


def sliced(*layers: keras.layers.Layer):
    """The graph of the wanted channels, what it finds, and what the whole model does."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((24, 24, 4)), *layers])
    random = np.random.default_rng(0)
    model.set_weights([random.uniform(0.1, 1, each.shape) for each in model.get_weights()])

    def few(pictures):
        with taps.recording([model.layers[-1]]) as calls:
            model(pictures, training=False)
        return prune_channels(calls[-1][2], tf.constant(WANTED))

    graph = tf.function(few, autograph=False).get_concrete_function(tf.TensorSpec((2, 24, 24, 4)))
    pictures = tf.constant(random.normal(size=(2, 24, 24, 4)), tf.float32)
    return graph, graph(pictures), model(pictures).numpy()


def convolutions(graph) -> list[int]:
    """Number of channels of each convolution that the result depends on."""
    found, waiting = {}, [output.op for output in graph.outputs]
    while waiting:
        op = waiting.pop()
        if op.name not in found:
            found[op.name] = op
            waiting += [tensor.op for tensor in op.inputs]
    return [op.outputs[0].shape[-1] for op in found.values() if op.type == "Conv2D"]


@pytest.mark.parametrize(
    "layers",
    [
        [lambda: LAYERS.Conv2D(32, 3, strides=2, padding="same")],
        [lambda: LAYERS.Conv2D(32, 3, activation="elu")],
        [lambda: LAYERS.Conv2D(32, 1, use_bias=False), LAYERS.BatchNormalization, LAYERS.ReLU],
        [lambda: LAYERS.Conv2D(32, 3), LAYERS.BatchNormalization, lambda: LAYERS.ReLU(6)],
    ],
)
def test_only_the_wanted_channels_are_computed(layers):
    """Through bias, normalisation and activation, with the same numbers."""
    graph, found, whole = sliced(*(layer() for layer in layers))
    np.testing.assert_allclose(found, whole[..., WANTED], rtol=1e-4, atol=1e-5)
    assert convolutions(graph) == [2]


@pytest.mark.parametrize(
    "layer",
    [
        lambda: LAYERS.Conv2D(32, 3, groups=2),
        lambda: LAYERS.DepthwiseConv2D(3, depth_multiplier=8),
        lambda: LAYERS.Conv2DTranspose(32, 3),
        lambda: LAYERS.Conv2D(32, 3, activation=lambda x: keras.ops.softmax(x, axis=-1)),
    ],
)
def test_what_mixes_channels_or_is_no_such_convolution_is_left(layer):
    """None, so that the caller takes the channels from the whole."""
    _, found, _ = sliced(layer())
    assert found is None

"""Traced graphs are kept as long as they are right; activations are found in them."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from convviz_tb.model import graphs, tracing
from convviz_tb.model.inputs import Spec
from support import zoo


@pytest.mark.parametrize(
    ("axis", "behind"),
    [
        (-1, tf.identity),
        (-1, lambda x: tf.cast(tf.identity(x), tf.float64)),
        (1, tf.identity),
        (-1, lambda x: tf.transpose(x, [0, 2, 1])),
        (1, lambda x: tf.reshape(x, [-1, 12])),
    ],
)
def test_what_went_into_an_activation_has_the_shape_of_the_result(axis, behind):
    @tf.function
    def before(x):
        result = behind(tf.nn.softmax(x, axis=axis))
        return graphs.before_activation(result, frozenset({"Softmax"}))

    values = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    np.testing.assert_array_equal(before(values), behind(values))


def test_without_an_activation_nothing_went_into_it():
    graph = tf.function(lambda x: graphs.before_activation(x * 2.0, frozenset({"Relu"})) is None)
    assert graph(tf.zeros([2]))


def test_a_graph_is_traced_once_until_the_model_gets_other_variables():
    model, traces = zoo.linear_head(), []

    def function(x):
        traces.append(1)
        return model(x)

    spec = Spec((None, *zoo.RGB), "float32")
    first = tracing.traced(model, "key", function, spec)
    assert tracing.traced(model, "key", function, spec) is first
    model.add(keras.layers.Dense(2))
    assert tracing.traced(model, "key", function, spec) is not first
    assert len(traces) == 2

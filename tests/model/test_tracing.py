"""Traced graphs are kept as long as they are right; activations are found in them."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from convviz_tb import grad_cam
from convviz_tb.model import graph_cache, graphs, tracing
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


class Scaled(keras.Model):
    """Subclassed, with settings of its own that its `call` reads."""

    def __init__(self):
        super().__init__()
        self.last, self._scales = zoo.conv(name="last"), [2.0]
        self.pool, self.head = zoo.head(activation=None)

    def call(self, inputs):
        return self.head(self.pool(self.last(inputs))) * self._scales[0]


def scaled() -> keras.Model:
    model = Scaled()
    model(np.zeros((1, *zoo.RGB), "float32"))
    return model


def with_strides() -> keras.Model:
    model = zoo.linear_head()
    model.get_layer("last").strides = (1, 1)
    return model


def _activation(model):
    model.layers[-1].activation = keras.activations.softmax


def _added(model):
    model.add(keras.layers.Softmax())


def _strides(model):
    model.get_layer("last").strides = (2, 2)


def _setting(model):
    model._scales[0] = 3.0


CHANGES = {
    "activation": (zoo.linear_head, _activation),
    "layer added": (zoo.linear_head, _added),
    "strides": (with_strides, _strides),
    "setting of the user's": (scaled, _setting),
}


@pytest.mark.parametrize(("make", "change"), CHANGES.values(), ids=CHANGES)
def test_a_model_that_was_changed_is_shown_as_it_is_now(make, change):
    model = make()
    images = zoo.inputs_of(model, 2)
    old = grad_cam(model, images, "last")["last"]
    change(model)
    new = grad_cam(model, images, "last")["last"]
    fresh = make()
    change(fresh)
    fresh.set_weights(model.get_weights())
    wanted = grad_cam(fresh, images, "last")["last"]
    assert new.objective == wanted.objective
    np.testing.assert_allclose(new.scores, wanted.scores, rtol=1e-5)
    np.testing.assert_allclose(new.maps, wanted.maps, rtol=1e-4, atol=1e-6)
    changed = new.objective != old.objective or new.maps.shape != old.maps.shape
    assert changed or not np.allclose(new.scores, old.scores)


def test_training_and_predicting_change_nothing_that_graphs_depend_on():
    """A second look after them is not traced again."""
    model = zoo.stateful()
    model.compile("adam", "sparse_categorical_crossentropy")
    images = zoo.inputs_of(model, 4)
    before = graph_cache.structure(model)
    model.fit(images, np.zeros(4), verbose=0)
    model.predict(images, verbose=0)
    assert graph_cache.structure(model) == before
    model.compile("sgd", "sparse_categorical_crossentropy")
    assert graph_cache.structure(model) != before

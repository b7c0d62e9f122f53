"""What a layer does to anything but Keras' variables in its `call` is undone after each look."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from convviz_tb import filter_patterns, grad_cam
from support import zoo


class Plain(keras.layers.Layer):
    """Changes a `tf.Variable` and a generator of its own at every call, in one of many ways."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how
        self.seen = tf.Variable(1.0, trainable=False)
        self.generator = tf.random.Generator.from_seed(1)
        self.table = tf.lookup.experimental.MutableHashTable(tf.int64, tf.float32, 0.0)

    def call(self, x: Any) -> Any:
        return getattr(self, self.how)(x)

    def counts(self, x: Any) -> Any:
        self.seen.assign_add(1.0)
        return x * self.seen

    def counts_in_a_function(self, x: Any) -> Any:
        return tf.function(self.counts)(x)

    def counts_in_a_branch(self, x: Any) -> Any:
        return tf.cond(tf.reduce_sum(x) > -1e9, lambda: self.counts(x), lambda: x)

    def counts_in_a_loop(self, x: Any) -> Any:
        return tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, self.counts(x)), (0, x))[1]

    def draws(self, x: Any) -> Any:
        return x + self.generator.normal(tf.shape(x))

    def only_reads(self, x: Any) -> Any:
        return tf.function(lambda x: x * self.seen)(x) * self.seen

    def looks_up(self, x: Any) -> Any:
        return x + tf.reshape(self.table.lookup(tf.constant([1], tf.int64)), [1, 1, 1, 1])

    def writes_to_a_table(self, x: Any) -> Any:
        self.table.insert(tf.constant([1], tf.int64), tf.constant([1.0]))
        return x

    def state(self) -> list[Any]:
        return [float(self.seen), self.generator.state.numpy().tolist()]


def model_with(how: str) -> tuple[keras.Model, Plain]:
    plain = Plain(how)
    model = keras.Sequential(
        [keras.Input(zoo.RGB), plain, zoo.conv(name="last"), *zoo.head(activation=None)]
    )
    return model, plain


@pytest.mark.parametrize(
    "how",
    [
        "counts",
        "counts_in_a_function",
        "counts_in_a_branch",
        "counts_in_a_loop",
        "draws",
        "only_reads",
        "looks_up",
    ],
)
def test_a_look_leaves_what_is_not_keras_own_as_it_was(how):
    model, plain = model_with(how)
    before = plain.state()
    images = np.ones((2, *zoo.RGB), np.float32)
    first = [grad_cam(model, images, "last", classes=0)["last"].scores for _ in range(2)]
    filter_patterns(model, "last", 1, steps=2)
    assert plain.state() == before
    assert np.array_equal(*first), "a look depends on the looks before it"


def test_a_look_still_follows_what_training_changes():
    model, plain = model_with("counts")
    images = np.ones((1, *zoo.RGB), np.float32)
    before = grad_cam(model, images, "last", classes=0)["last"].scores
    plain.seen.assign(10.0)
    after = grad_cam(model, images, "last", classes=0)["last"].scores
    assert after == pytest.approx(before * 11 / 2, rel=1e-4)


def test_what_cannot_be_undone_is_refused_with_a_reason():
    model, plain = model_with("writes_to_a_table")
    with pytest.raises(ValueError, match="model: a layer writes to a lookup table"):
        grad_cam(model, np.ones((1, *zoo.RGB), np.float32), "last", classes=0)
    assert int(plain.table.size()) == 0

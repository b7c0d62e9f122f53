"""`precision.py`: convolutions in bfloat16 for one function, and nothing else."""

import numpy as np
import pytest
import tensorflow as tf

from convviz_tb.model import precision
from convviz_tb.model.inputs import Spec

SPEC = Spec((None, 16, 16, 8), "float32")


def pictures() -> tf.Tensor:
    return tf.constant(np.random.default_rng(0).random((2, 16, 16, 8)), tf.float32)


def convolution(kind: precision.Precision) -> np.ndarray:
    kernel = tf.constant(np.random.default_rng(1).normal(size=(3, 3, 8, 8)), tf.float32)

    def work(values: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"sum": tf.nn.conv2d(tf.nn.conv2d(values, kernel, 1, "SAME"), kernel, 1, "SAME")}

    call = precision.in_precision(work, kind, SPEC)
    return tf.function(call, autograph=False)(pictures())["sum"].numpy()


def test_convolutions_round_as_bfloat16_does():
    """Off by up to 2^-8 of the size of what is summed, and in float32 outside."""
    if precision.best() == "float32":
        pytest.skip("no gain by bfloat16 on this machine")
    exact, rounded = convolution("float32"), convolution("bfloat16")
    apart = np.abs(exact - rounded).max() / np.abs(exact).max()
    assert 2**-16 < apart < 2**-5 and rounded.dtype == np.float32


def test_no_global_option_is_left_behind():
    """What the user computes afterwards is what it would have been."""
    options = tf.config.optimizer.get_experimental_options()
    expected = convolution("float32")
    convolution("bfloat16")
    assert tf.config.optimizer.get_experimental_options() == options
    assert np.array_equal(convolution("float32"), expected)


def test_the_decision_is_made_once():
    """Pictures of one process are comparable: no probe is repeated."""
    assert precision.best() == precision.best()
    assert precision.best.cache_info().currsize == 1

"""Each row of a layer's kernel is what its filter, and no other, is made of."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from convviz_tb.model.kernels import kernel, kernel_cosine, kernel_drift, kernel_norm

few = settings(max_examples=40, deadline=None)
weights = hnp.arrays(
    np.float32,
    (3, 5),
    elements=st.floats(-8, 8, width=32).filter(lambda x: x == 0 or abs(x) > 1e-3),
)
scales = st.floats(0.1, 10)

layers = keras.layers
KINDS = {
    "convolution": (layers.Conv2D(6, 3), (8, 8, 4)),
    "grouped": (layers.Conv2D(6, 3, groups=2), (8, 8, 4)),
    "signal": (layers.Conv1D(6, 3), (8, 4)),
    "volume": (layers.Conv3D(6, 2), (4, 4, 4, 2)),
    "transposed": (layers.Conv2DTranspose(6, 3), (8, 8, 4)),
    "transposed signal": (layers.Conv1DTranspose(6, 3), (8, 4)),
    "depthwise": (layers.DepthwiseConv2D(3, depth_multiplier=2), (8, 8, 3)),
    "depthwise signal": (layers.DepthwiseConv1D(3, depth_multiplier=2), (8, 3)),
    "dense": (layers.Dense(6), (8, 8, 4)),
}


@pytest.mark.parametrize("layer, shape", KINDS.values(), ids=KINDS)
def test_a_filter_depends_on_its_row_alone(layer, shape):
    layer.build((None, *shape))
    picture = tf.constant(np.random.default_rng(0).normal(size=(2, *shape)), tf.float32)
    before = kernel(layer)
    for filter_ in range(6):
        with tf.GradientTape() as tape:
            answer = tf.reduce_sum(layer(picture)[..., filter_] ** 2)
        # The kernel that is written in place of the gradient is read back by rows.
        gradient = tape.gradient(answer, layer.kernel.value)
        was = layer.kernel.numpy()
        layer.kernel.assign(gradient)
        rows = kernel(layer)
        layer.kernel.assign(was)
        assert rows.shape == before.shape == (6, before.shape[1])
        assert np.flatnonzero(np.abs(rows).sum(axis=1)).tolist() == [filter_]


@pytest.mark.parametrize(
    "separable, plain, shape",
    [
        (
            layers.SeparableConv2D(5, 3, depth_multiplier=2, use_bias=False),
            layers.Conv2D(5, 3, use_bias=False),
            (8, 8, 4),
        ),
        (
            layers.SeparableConv1D(5, 3, depth_multiplier=2, use_bias=False),
            layers.Conv1D(5, 3, use_bias=False),
            (8, 4),
        ),
    ],
)
def test_a_separable_convolution_is_the_plain_one_that_it_amounts_to(separable, plain, shape):
    for layer in (separable, plain):
        layer.build((None, *shape))
    rows = kernel(separable)
    size = plain.kernel.shape
    plain.kernel.assign(rows.T.reshape(size))
    np.testing.assert_array_equal(kernel(plain), rows)
    picture = np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32)
    np.testing.assert_allclose(separable(picture), plain(picture), atol=1e-5)


@pytest.mark.parametrize("layer", [layers.ReLU(), layers.BatchNormalization(), layers.Add()])
def test_layers_without_a_kernel_have_none(layer):
    assert kernel(layer) is None


def test_kernel_numbers_of_a_right_angle():
    now, before = np.array([[0.0, 2.0]]), np.array([[1.0, 0.0]])
    assert kernel_drift(now, before)[0] == pytest.approx(np.sqrt(5))
    assert kernel_cosine(now, before)[0] == 0
    assert kernel_norm(now, before)[0] == 2


@few
@given(weights)
def test_equal_kernels_have_not_moved_at_all(kernel):
    assert (kernel_drift(kernel, kernel.copy()) == 0).all()
    assert (kernel_norm(kernel, kernel.copy()) == 1).all()


@few
@given(weights, scales)
def test_scaling_moves_the_norm_and_not_the_cosine(kernel, scale):
    alive = np.any(kernel, axis=1)
    scaled = kernel.astype(np.float64) * scale
    np.testing.assert_allclose(kernel_norm(scaled, kernel)[alive], scale)
    np.testing.assert_allclose(kernel_cosine(scaled, kernel)[alive], 1)
    np.testing.assert_allclose(kernel_drift(scaled, kernel)[alive], abs(scale - 1), atol=1e-12)


def test_a_kernel_that_was_zero_has_no_drift_to_speak_of():
    zero, some = np.zeros((1, 4)), np.ones((1, 4))
    assert np.isnan(kernel_drift(some, zero)[0])
    assert kernel_drift(zero, zero)[0] == 0
    assert kernel_drift(zero, some)[0] == 1
    assert np.isnan(kernel_cosine(zero, some)[0])

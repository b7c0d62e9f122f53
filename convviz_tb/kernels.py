"""A layer -> its weights, one row for each filter."""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
_TRANSPOSED = (
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
)
_DEPTHWISE = (keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D)
_SEPARABLE = (keras.layers.SeparableConv1D, keras.layers.SeparableConv2D)
_PLAIN = (
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
    keras.layers.Dense,
)


def kernel(layer: keras.layers.Layer) -> Array | None:
    """The weights of each filter, float32 `(filters, weights of one)`; without the bias.

    Of a separable convolution those of the plain convolution that it amounts to.

    Returns:
        None for a layer that has no kernel, or one of a kind that is not known here.
    """
    if isinstance(layer, _SEPARABLE):
        return _separable(_array(layer.depthwise_kernel), _array(layer.pointwise_kernel))
    if isinstance(layer, _DEPTHWISE):  # (*size, inputs, multiplier): filter i * multiplier + m
        weights = _array(layer.kernel)
        return weights.reshape(-1, weights.shape[-2] * weights.shape[-1]).T
    if isinstance(layer, _TRANSPOSED):  # (*size, filters, inputs)
        return _rows(_array(layer.kernel), -2)
    if isinstance(layer, _PLAIN):  # (*size, inputs, filters)
        return _rows(_array(layer.kernel), -1)
    return None


def _array(variable: Any) -> Array:
    return np.asarray(keras.ops.convert_to_numpy(variable), np.float32)


def _rows(weights: Array, axis: int) -> Array:
    filters = np.moveaxis(weights, axis, 0)
    return filters.reshape(len(filters), -1)


def _separable(depthwise: Array, pointwise: Array) -> Array:
    """From `(*size, inputs, multiplier)` and `(..., inputs * multiplier, filters)`."""
    inputs, multiplier = depthwise.shape[-2:]
    by_position = depthwise.reshape(-1, inputs, multiplier)
    by_input = pointwise.reshape(inputs, multiplier, -1)
    plain: Array = np.einsum("pim,imf->fpi", by_position, by_input)
    return plain.reshape(len(plain), -1)

"""Kernels: the weights of each filter of a layer, and how far they moved."""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.floating[Any]]
TRANSPOSED = (
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
)
DEPTHWISE = (keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D)
SEPARABLE = (keras.layers.SeparableConv1D, keras.layers.SeparableConv2D)
PLAIN = (keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)
CONVOLUTIONS = (*PLAIN, *TRANSPOSED, *DEPTHWISE, *SEPARABLE)


def has_kernel(layer: keras.layers.Layer) -> bool:
    """Whether it is of a kind whose kernel `kernel` gives."""
    return isinstance(layer, (*CONVOLUTIONS, keras.layers.Dense))


def kernel(layer: keras.layers.Layer) -> Array | None:
    """The weights of each filter, float32 `(filters, weights per filter)`, without the bias.

    A separable convolution gives the weights of the plain convolution that it is equal to.

    Returns:
        None for a layer that has no kernel, or one of a kind that is not known here.
    """
    if isinstance(layer, SEPARABLE):
        return _separable(_array(layer.depthwise_kernel), _array(layer.pointwise_kernel))
    if isinstance(layer, DEPTHWISE):  # (*size, inputs, multiplier): filter i * multiplier + m
        weights = _array(layer.kernel)
        return weights.reshape(-1, weights.shape[-2] * weights.shape[-1]).T
    if isinstance(layer, TRANSPOSED):  # (*size, filters, inputs)
        return _rows(_array(layer.kernel), -2)
    if isinstance(layer, (*PLAIN, keras.layers.Dense)):  # (*size, inputs, filters)
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


def kernel_drift(now: Floats, before: Floats) -> Floats:
    """How far each filter's weights have moved, by their length before: |w - w0| / |w0|.

    Args:
        now: weights `(filters, weights of one)`.
        before: the same of an earlier step.

    Returns:
        `(filters,)`, 0 or more; exactly 0 for weights that are equal bit by bit. NaN where all
        were zero before and are not any more.
    """
    return _ratio(_lengths(_float64(now) - _float64(before)), _lengths(before), of_nothing=0.0)


def kernel_cosine(now: Floats, before: Floats) -> Floats:
    """The cosine between a filter's weights now and before, -1..1: how far they turned, not grew.

    Args and returns as `kernel_drift`; NaN where all weights are zero.
    """
    products = (_float64(now) * _float64(before)).sum(axis=1)
    return _ratio(products, _lengths(now) * _lengths(before)).clip(-1, 1)


def kernel_norm(now: Floats, before: Floats) -> Floats:
    """The length of a filter's weights by that before, |w| / |w0|: how far they grew, not turned.

    Args and returns as `kernel_drift`; 1 for weights as long as before.
    """
    return _ratio(_lengths(now), _lengths(before), of_nothing=1.0)


def _float64(values: Array) -> Floats:
    return np.asarray(values, np.float64)


def _lengths(rows: Floats) -> Floats:
    lengths: Floats = np.linalg.norm(_float64(rows), axis=1)
    return lengths


def _ratio(above: Floats, below: Floats, of_nothing: float = np.nan) -> Floats:
    """`above / below`; `of_nothing` for 0 / 0, NaN for x / 0."""
    nothing = np.where(above == 0, of_nothing, np.nan)
    return np.divide(above, below, out=nothing, where=below > 0)

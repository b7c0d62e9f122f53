"""Pruning of channels: a few channels of a traced tensor, computed without the others.

The last convolution computes hundreds of channels of which an ascent needs one per picture. From
its output back to the convolution, through operations that treat each channel by itself, only the
wanted channels are computed again; TensorFlow drops the rest, forward and backward.
"""

from collections.abc import Callable
from typing import Any, Final

import tensorflow as tf

_ELEMENTWISE: Final[dict[str, Callable[..., Any]]] = {
    "Elu": tf.nn.elu,
    "Identity": tf.identity,
    "Relu": tf.nn.relu,
    "Relu6": tf.nn.relu6,
    "Selu": tf.nn.selu,
    "Sigmoid": tf.nn.sigmoid,
    "Softplus": tf.nn.softplus,
    "Softsign": tf.nn.softsign,
    "Tanh": tf.nn.tanh,
}
_PER_CHANNEL: Final[dict[str, Callable[..., Any]]] = {
    "Add": tf.add,
    "AddV2": tf.add,
    "BiasAdd": tf.add,
    "Mul": tf.multiply,
    "Sub": tf.subtract,
}


def prune_channels(tensor: Any, wanted: Any) -> Any | None:
    """The channels `wanted`, int `(k,)`, of `tensor` `(n, h, w, c)`: `(n, h, w, k)`.

    Through bias, batch normalisation and activation back to an ungrouped two-dimensional
    convolution; None where something else made the tensor.
    """
    op = tensor.op
    if op.type == "Conv2D":
        return _convolution(op, wanted)
    if op.type in _ELEMENTWISE:
        inner = prune_channels(op.inputs[0], wanted)
        return None if inner is None else _ELEMENTWISE[op.type](inner)
    if op.type in _PER_CHANNEL and _is_per_channel(op.inputs[1], tensor) and _is_nhwc(op):
        inner = prune_channels(op.inputs[0], wanted)
        if inner is None:
            return None
        return _PER_CHANNEL[op.type](inner, tf.gather(op.inputs[1], wanted, axis=-1))
    return None


def pick_channels(tensor: Any, wanted: Any) -> Any:
    """One channel of each row: `(n, *positions, c)` and int `(n,)` give `(n, *positions)`.

    `keras.ops.take_along_axis` gives the same, with many more operations in the graph.
    """
    return tf.gather(tensor, wanted, axis=-1, batch_dims=1)


def _is_per_channel(operand: Any, tensor: Any) -> bool:
    """Whether it holds one number per channel, along its last axis."""
    count = tensor.shape[-1]
    shapes = [[1] * axes + [count] for axes in range(tensor.shape.rank)]
    return count is not None and operand.shape.as_list() in shapes


def _is_nhwc(op: tf.Operation) -> bool:
    return bool(op.type != "BiasAdd" or op.get_attr("data_format") == b"NHWC")


def _convolution(op: tf.Operation, wanted: Any) -> Any | None:
    pictures, kernel = op.inputs
    if op.get_attr("data_format") != b"NHWC" or pictures.shape[-1] != kernel.shape[2]:
        return None  # channels first, or in groups
    padding = op.get_attr("padding").decode()
    return tf.nn.conv2d(
        pictures,
        tf.gather(kernel, wanted, axis=-1),
        strides=op.get_attr("strides"),
        padding=_explicit(op) if padding == "EXPLICIT" else padding,
        dilations=op.get_attr("dilations"),
    )


def _explicit(op: tf.Operation) -> list[list[int]]:
    paddings = op.get_attr("explicit_paddings")
    return [paddings[i : i + 2] for i in range(0, 8, 2)]

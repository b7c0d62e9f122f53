"""Effective receptive fields: the part of a receptive field that a position depends on in earnest.

Of a deep layer the receptive field covers the whole picture, and a crop of it tells nothing. What
its activation depends on falls off like a Gaussian (Luo et al. 2016, "Understanding the effective
receptive field in deep convolutional neural networks"), and is measured here as there: by the
gradients of the activation in the middle of the layer, on the user's pictures.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from convviz_tb.model.inputs import PictureInput, Spec
from convviz_tb.model.partial import record_up_to
from convviz_tb.model.receptive_field import ReceptiveField
from convviz_tb.model.taps import Tap
from convviz_tb.model.tracing import gradients_by, traced

Array = npt.NDArray[Any]

_HELD: Final = 0.9545  # of the gradient: two standard deviations of a Gaussian, as in the paper


def with_effective(
    model: keras.Model,
    taps: Sequence[Tap],
    fields: Sequence[ReceptiveField],
    picture: PictureInput,
    pictures: Array,
) -> list[ReceptiveField]:
    """The fields, those that cover the whole picture cut to what they depend on in earnest.

    Their `size` is then that of the smallest window around the middle of a position that holds 95 %
    of the absolute gradient along each axis, their `offset` is moved accordingly, and `whole` is
    the size of the receptive field.

    Args:
        model: a built Keras model; it is not changed.
        taps: the layers.
        fields: their receptive fields on these pictures.
        picture: the model's input, at the size of the pictures.
        pictures: a few, `(n, h, w, c)`, in the model's own input range.
    """
    wide = [i for i, field in enumerate(fields) if _covers(field)]
    if not wide:
        return list(fields)
    gradients = _gradients(model, [taps[i] for i in wide], picture, pictures)
    cut = list(fields)
    for i, gradient in zip(wide, gradients, strict=True):
        cut[i] = _cut(fields[i], np.abs(gradient).sum(axis=-1))
    return cut


def _covers(field: ReceptiveField) -> bool:
    """Whether a position sees the whole picture, and there are several of them."""
    sees_all = all(size >= side for size, side in zip(field.size, field.sides, strict=True))
    return sees_all and all(len(spans) > 1 for spans in field.spans)


def _gradients(
    model: keras.Model, taps: Sequence[Tap], picture: PictureInput, pictures: Array
) -> list[Array]:
    """Of each layer the gradients `(n, h, w, c)` of the activations of its middle position."""

    def run(given: Any) -> list[Any]:
        return gradients_by(given, middles)

    def middles(given: Any) -> list[Any]:
        return [_middle(each) for each in record_up_to(model, taps, picture.around(given))]

    key = ("effective fields", tuple(tap.path for tap in taps))
    graph = traced(model, key, run, Spec((None, *picture.shape), "float32"))
    results = graph(ops.cast(pictures, "float32"))
    return [np.nan_to_num(ops.convert_to_numpy(each), posinf=0, neginf=0) for each in results]


def _middle(activations: Any) -> Any:
    """The activations `(n, channels)` of the middle position, with random signs.

    Summed up as they are, those of many channels would cancel out.
    """
    for _ in range(len(activations.shape) - 2):
        activations = activations[:, ops.shape(activations)[1] // 2]
    signs = np.random.default_rng(0).choice([-1.0, 1.0], activations.shape[-1])
    return activations * ops.convert_to_tensor(signs, activations.dtype)


def _cut(field: ReceptiveField, weights: Array) -> ReceptiveField:
    """A field cut to where the weights `(n, *sides)` are, each picture counting the same."""
    axes = range(1, weights.ndim)
    total = weights.sum(axis=tuple(axes), keepdims=True)
    if not (total > 0).any():
        return field
    mean = (weights / np.where(total > 0, total, 1)).sum(axis=0)
    sizes, offsets = [], []
    for axis, (size, stride, offset, spans) in enumerate(
        zip(field.size, field.stride, field.offset, field.spans, strict=True)
    ):
        along = mean.sum(axis=tuple(other for other in range(mean.ndim) if other != axis))
        middle = offset + stride * (len(spans) // 2) + size / 2
        window = min(size, _window(along, middle))
        sizes.append(window)
        offsets.append(offset + (size - window) / 2)
    return replace(field, size=tuple(sizes), offset=tuple(offsets), whole=field.size)


def _window(weights: Array, middle: float) -> int:
    """Pixels of the smallest window around `middle` that holds most of the weights."""
    distance = np.abs(np.arange(len(weights)) + 0.5 - middle)
    nearest = np.argsort(distance, kind="stable")
    held = np.cumsum(weights[nearest]) / weights.sum()
    edge = distance[nearest[min(int((held < _HELD).sum()), len(weights) - 1)]]
    return max(1, int(np.ceil(2 * edge)))

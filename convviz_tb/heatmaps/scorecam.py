"""Score-CAM (Wang et al. 2020): channels weighted by the score of the picture that they mask.

No gradients, but one forward pass per channel and picture: on demand, not for every epoch.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from convviz_tb.heatmaps.grid import as_picture
from convviz_tb.heatmaps.options import GradCAM
from convviz_tb.heatmaps.targets import class_scores
from convviz_tb.model import taps
from convviz_tb.model.inputs import puts_channels_first, spec_of
from convviz_tb.model.taps import Tap

Array = npt.NDArray[Any]
_BATCH: Final = 16  # masked pictures per forward pass; bounds the memory


def check(model: keras.Model, images: Any) -> None:
    """Whether pictures that `model` takes can be masked.

    Raises:
        ValueError: the model takes something else than one input of pictures.
    """
    one_input = not isinstance(images, (dict, list, tuple)) and np.ndim(images) == 4
    if not one_input or puts_channels_first(model):
        raise ValueError('method: "scorecam" needs one input of pictures (n, h, w, c).')


def maps(
    model: keras.Model, watched: Sequence[Tap], classes: Array, options: GradCAM
) -> dict[str, Array]:
    """`maps:<path>` of each tap, float32 `(n, k, h, w)`, for the classes `(n, k)`.

    Args:
        model: a model that `check` has passed.
        watched: the taps to make maps of.
        classes: int `(n, k)`, which to explain of each picture.
        options: the pictures, and what scores them.
    """
    forward = _forward(model, watched, options)
    found: dict[str, list[Array]] = {tap.path: [] for tap in watched}
    for i, picture in enumerate(np.asarray(options.images, np.float32)):
        ask = forward if options.mask is None else functools.partial(forward, mask=options.mask[i])
        activations = ask(picture[None])
        for tap in watched:
            found[tap.path].append(_maps_of(ask, activations[tap.path][0], picture, classes[i]))
    return {f"maps:{path}": np.stack(each) for path, each in found.items()}


def _forward(
    model: keras.Model, watched: Sequence[Tap], options: GradCAM
) -> Callable[..., dict[str, Any]]:
    def run(pictures: Any, *masks: Any) -> dict[str, Any]:
        with taps.recording([tap.layer for tap in watched]) as calls:
            outputs = model(pictures, training=False)
        activations = taps.outputs_of(calls, watched)
        found = {
            tap.path: taps.channels_last(each, tap)
            for tap, each in zip(watched, activations, strict=True)
        }
        mask = masks[0] if masks else None
        return {
            "scores": class_scores(model, outputs, options.score, options.output, mask).scores,
            **found,
        }

    spec = spec_of(model, options.images)
    signature = [spec]
    if options.mask is not None:
        signature.append(tf.TensorSpec((None, *np.shape(options.mask)[1:]), tf.float32))
    key = ("scorecam", tuple(tap.path for tap in watched), options.score, options.output)
    graph = taps.traced(model, (*key, repr(signature)), run, *signature)

    def forward(pictures: Any, mask: Array | None = None) -> Any:
        pictures = tf.cast(pictures, spec.dtype)
        if mask is None:
            return graph(pictures)
        return graph(pictures, tf.repeat(tf.cast(mask[None], tf.float32), len(pictures), axis=0))

    return forward


def _maps_of(ask: Callable[..., Any], activations: Any, picture: Array, classes: Array) -> Array:
    """The maps `(k, h, w)` of one picture, by algorithm 1 of the paper.

    Its baseline score (equation 6) is the same for all channels: the softmax cancels it.
    """
    last = activations.shape.rank - 1
    channels = tf.transpose(activations, [last, *range(last)])
    grown = tf.image.resize(as_picture(channels, picture[None])[..., None], picture.shape[:2])
    masks = _unit(grown)
    scores = [
        ask(picture * masks[start : start + _BATCH])["scores"]
        for start in range(0, len(masks), _BATCH)
    ]
    weights = tf.nn.softmax(tf.gather(tf.concat(scores, axis=0), classes, axis=1), axis=0)
    weighted = tf.einsum("c...,ck->k...", channels, weights)
    return np.asarray(as_picture(tf.nn.relu(weighted), picture[None]))


def _unit(masks: Any) -> Any:
    """Each mask stretched to 0..1 (equation 8); a flat one becomes 0."""
    lowest = tf.reduce_min(masks, axis=[1, 2], keepdims=True)
    span = tf.reduce_max(masks, axis=[1, 2], keepdims=True) - lowest
    return tf.math.divide_no_nan(masks - lowest, span)

"""Maps of the methods that need no gradients: forward passes of pictures, one after the other."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from convviz_tb.heatmaps.grid import as_picture
from convviz_tb.heatmaps.methods import METHODS
from convviz_tb.heatmaps.options import GradCAM
from convviz_tb.heatmaps.targets import class_scores
from convviz_tb.model import taps
from convviz_tb.model.inputs import puts_channels_first, spec_of
from convviz_tb.model.taps import Tap

Array = npt.NDArray[Any]


def check(model: keras.Model, options: GradCAM) -> None:
    """Checks that pictures which `model` takes can be altered and scored again.

    Raises:
        ValueError: the model takes something else than one input of pictures.
    """
    images = options.images
    one_input = not isinstance(images, (dict, list, tuple)) and np.ndim(images) == 4
    if not one_input or puts_channels_first(model):
        raise ValueError(f'method: "{options.method}" needs one input of pictures (n, h, w, c).')


def maps(
    model: keras.Model, watched: Sequence[Tap], options: GradCAM, classes: Array
) -> dict[str, Array]:
    """`maps:<path>` of each tap, float32 `(n, k, h, w)`, for the classes `(n, k)`.

    Args:
        model: a model that `check` has passed.
        watched: the taps to make maps of.
        options: the pictures, what scores them, and the method.
        classes: int `(n, k)`, which to explain of each picture.
    """
    forward = _forward(model, watched, options)
    found: dict[str, list[Array]] = {tap.path: [] for tap in watched}
    for i, picture in enumerate(np.asarray(options.images, np.float32)):
        mask = None if options.mask is None else options.mask[i]

        def score_of(pictures: Any, mask: Array | None = mask) -> Any:
            return forward(pictures, mask)["scores"]

        activations = forward(picture[None], mask)
        for tap in watched:
            made = METHODS[options.method].function(
                activations[tap.path][0], picture, classes[i], score_of
            )
            found[tap.path].append(np.asarray(as_picture(tf.nn.relu(made), picture[None])))
    return {f"maps:{path}": np.stack(each) for path, each in found.items()}


def _forward(
    model: keras.Model, watched: Sequence[Tap], options: GradCAM
) -> Callable[[Any, Array | None], dict[str, Any]]:
    """The scores of pictures, and their activations by layer path; with a mask for all of them."""

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
    key = ("forward", tuple(tap.path for tap in watched), options.score, options.output)
    graph = taps.traced(model, (*key, repr(signature)), run, *signature)

    def forward(pictures: Any, mask: Array | None) -> Any:
        pictures = tf.cast(pictures, spec.dtype)
        if mask is None:
            return graph(pictures)
        return graph(pictures, tf.repeat(tf.cast(mask[None], tf.float32), len(pictures), axis=0))

    return forward

"""Score-CAM (Wang et al. 2020): channels weighted by the score of the picture that they mask.

No gradients, but one forward pass per channel and picture: on demand, not for every epoch.
"""

from collections.abc import Sequence
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from convviz_tb import taps
from convviz_tb.gradients import as_picture
from convviz_tb.inputs import puts_channels_first, spec_of
from convviz_tb.taps import Tap
from convviz_tb.targets import Score, class_scores

Array = npt.NDArray[Any]
_BATCH: Final = 16  # masked pictures per forward pass; bounds the memory


def maps(
    model: keras.Model,
    watched: Sequence[Tap],
    classes: Array,
    images: Any,
    score: Score,
    output: str | int | None,
) -> dict[str, Array]:
    """`maps:<path>` of each tap, float32 `(n, k, h, w)`, for the classes `(n, k)`.

    Raises:
        ValueError: the model takes something else than one input of pictures.
    """
    if not isinstance(images, np.ndarray) or images.ndim != 4 or puts_channels_first(model):
        raise ValueError('method: "scorecam" needs one input of pictures (n, h, w, c).')
    forward = _forward(model, watched, images, score, output)
    of_pictures = [
        [_maps_of(forward, tap, images[i].astype(np.float32), classes[i]) for tap in watched]
        for i in range(len(images))
    ]
    return {
        f"maps:{tap.path}": np.stack([picture[j] for picture in of_pictures])
        for j, tap in enumerate(watched)
    }


def _forward(
    model: keras.Model, watched: Sequence[Tap], images: Any, score: Score, output: str | int | None
) -> Any:
    def run(pictures: Any) -> dict[str, Any]:
        with taps.recording([tap.layer for tap in watched]) as calls:
            outputs = model(pictures, training=False)
        activations = taps.outputs_of(calls, watched)
        found = {
            tap.path: taps.channels_last(each, tap)
            for tap, each in zip(watched, activations, strict=True)
        }
        return {"scores": class_scores(outputs, score, output, None).scores, **found}

    spec = spec_of(model, images)
    key = ("scorecam", tuple(tap.path for tap in watched), score, output, repr(spec))
    graph = taps.traced(model, key, run, spec)
    return lambda pictures: graph(tf.cast(pictures, spec.dtype))


def _maps_of(forward: Any, tap: Tap, picture: Array, classes: Array) -> Array:
    """The maps `(k, h, w)` of one picture: equations 2 to 4 of the paper."""
    activations = forward(picture[None])[tap.path]
    masks = tf.transpose(_unit(tf.image.resize(activations, picture.shape[:2]))[0], [2, 0, 1])
    scores = [
        forward(picture * masks[start : start + _BATCH, ..., None])["scores"]
        for start in range(0, tap.filters, _BATCH)
    ]
    baseline = forward(np.zeros_like(picture)[None])["scores"]
    weights = tf.nn.softmax(tf.gather(tf.concat(scores, 0) - baseline, classes, axis=1), axis=0)
    weighted = tf.einsum("nhwc,ck->khw", activations, weights)
    return np.asarray(as_picture(tf.nn.relu(weighted), picture[None]))


def _unit(maps: Any) -> Any:
    """Each channel stretched to 0..1; a flat one stays 0."""
    lowest = tf.reduce_min(maps, axis=[1, 2], keepdims=True)
    span = tf.reduce_max(maps, axis=[1, 2], keepdims=True) - lowest
    return tf.math.divide_no_nan(maps - lowest, span)

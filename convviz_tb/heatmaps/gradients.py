"""Model -> activations, gradients and class scores of a batch, in one traced graph."""

from collections.abc import Sequence
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf

from convviz_tb.heatmaps.grid import as_picture
from convviz_tb.heatmaps.methods import METHODS
from convviz_tb.heatmaps.targets import Score, class_scores
from convviz_tb.model import taps
from convviz_tb.model.taps import Tap

# Keeps float16 gradients from vanishing; a power of 2, so exact in float32.
_SCALE: Final = 1024.0
_TOP: Final = 5  # channels


def maps_and_scores(
    model: keras.Model,
    watched: Sequence[Tap],
    method: str,
    score: Score,
    output: str | int | None,
    images: Any,
    classes: Any,
    mask: Any | None = None,
) -> dict[str, Any]:
    """What `heatmaps.py` runs for each batch; to be traced.

    Args:
        model: the model.
        watched: the taps to make maps of.
        method: one of `METHODS`.
        score: see `targets.py`.
        output: see `targets.py`.
        images: what the model takes.
        classes: int32 `(n, k)`; -1 stands for the best, second best, ... predicted class.
        mask: float `(n, h, w)`, where a segmentation output counts.

    Returns:
        `maps:<path>` `(n, k, h, w)`, `channels:<path>` and `weights:<path>` `(n, k, 5)` for each
        tap, `scores`, `classes` and `probabilities` `(n, k)`, `predicted` `(n,)`, `all_scores`
        `(n, classes)`, `objective` (a string).

    Raises:
        ValueError: more classes are asked for than there are, or a tap has no say in the score.
    """
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        with taps.recording([tap.layer for tap in watched], watch=tape.watch) as calls:
            outputs = model(images, training=False)
        activations = taps.outputs_of(calls, watched)
        found = class_scores(model, outputs, score, output, mask)
        if classes.shape[1] > found.classes:
            raise ValueError(
                f"classes: {classes.shape[1]} for each image; the model has {found.classes}."
            )
        ranked = tf.math.top_k(found.scores, k=classes.shape[1]).indices
        classes = tf.where(classes < 0, ranked, classes)
        scores = tf.gather(found.scores, classes, axis=1, batch_dims=1)
        # Pictures do not mix, so one backward pass per class serves them all.
        objectives = [tf.reduce_sum(column) * _SCALE for column in tf.unstack(scores, axis=1)]
    gradients = [tape.gradient(objective, activations) for objective in objectives]
    unknown = tf.fill(tf.shape(found.scores), np.float32(np.nan))
    probabilities = unknown if found.probabilities is None else found.probabilities
    results = {
        "scores": scores,
        "classes": classes,
        "probabilities": tf.gather(probabilities, classes, axis=1, batch_dims=1),
        "predicted": ranked[:, 0],
        "all_scores": found.scores,
        "objective": tf.constant(found.objective),
    }
    for i, tap in enumerate(watched):
        parts = [_of_class(tap, activations[i], each[i], method, images) for each in gradients]
        for j, name in enumerate(("maps", "channels", "weights")):
            results[f"{name}:{tap.path}"] = tf.stack([part[j] for part in parts], axis=1)
    return results


def _of_class(
    tap: Tap, activations: Any, gradients: Any, method: str, images: Any
) -> tuple[Any, Any, Any]:
    """Of one layer and class the map `(n, h, w)`, and the top channels with their weights."""
    if gradients is None:
        raise ValueError(f"layers: the score does not depend on {tap.path!r}; name another layer.")
    activations = taps.channels_last(activations, tap)
    gradients = taps.channels_last(gradients, tap) / _SCALE
    raw = METHODS[method](activations, gradients)
    return as_picture(tf.nn.relu(raw), images), *_top_channels(activations, gradients)


def _top_channels(activations: Any, gradients: Any) -> tuple[Any, Any]:
    """The channels that say most, for or against, and the share of all that is said, -1..1.

    A channel says its Grad-CAM weight (Selvaraju et al. 2017, equation 1) times its mean activation
    over the positions; shares are of the sum of the absolute values.
    """
    positions = list(range(1, activations.shape.rank - 1))
    said = tf.reduce_mean(gradients, positions) * tf.reduce_mean(activations, positions)
    parts = tf.math.divide_no_nan(said, tf.reduce_sum(tf.abs(said), axis=-1, keepdims=True))
    channels = tf.math.top_k(tf.abs(parts), k=min(_TOP, activations.shape[-1])).indices
    return channels, tf.gather(parts, channels, axis=-1, batch_dims=1)

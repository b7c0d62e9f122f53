"""Model -> activations, gradients and class scores of a batch, in one traced graph."""

from collections.abc import Sequence
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf

from convviz_tb import taps
from convviz_tb.methods import METHODS
from convviz_tb.taps import Tap
from convviz_tb.targets import Score, class_scores

# Keeps float16 gradients from vanishing; a power of 2, so exact in float32.
_SCALE: Final = 1024.0


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
        `maps:<path>` `(n, k, h, w)` for each tap, `scores`, `classes` and `probabilities`
        `(n, k)`, `predicted` `(n,)`, `all_scores` `(n, classes)`, `objective` (a string).

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
        of_classes = [_map(tap, activations[i], each[i], method, images) for each in gradients]
        results[f"maps:{tap.path}"] = tf.stack(of_classes, axis=1)
    return results


def _map(tap: Tap, activations: Any, gradients: Any, method: str, images: Any) -> Any:
    """The map of one layer and class as `(n, h, w)`."""
    if gradients is None:
        raise ValueError(f"layers: the score does not depend on {tap.path!r}; name another layer.")
    gradients = taps.channels_last(gradients, tap) / _SCALE
    raw = METHODS[method](taps.channels_last(activations, tap), gradients)
    return as_picture(tf.nn.relu(raw), images)


def as_picture(maps: Any, images: Any) -> Any:
    """Maps `(n, *positions)` as `(n, h, w)`.

    Volumes give their central slice. Tokens of a picture give their square grid, a leading class
    token left out; other single axes give one row.
    """
    if maps.shape.rank == 4:
        return maps[:, tf.shape(maps)[1] // 2]
    if maps.shape.rank == 3:
        return maps
    tokens = maps.shape[1] or 0
    of_pictures = max(len(image.shape) for image in tf.nest.flatten(images)) == 4
    for extra in (0, 1):
        side = round((tokens - extra) ** 0.5)
        if of_pictures and side > 1 and side * side == tokens - extra:
            return tf.reshape(maps[:, extra:], [-1, side, side])
    return maps[:, None, :]

"""Maps of the methods that need gradients, with the class scores of a batch: one traced graph."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import keras
import numpy as np
from keras import ops

from convviz_tb.heatmaps.grid import as_picture
from convviz_tb.heatmaps.methods import METHODS
from convviz_tb.heatmaps.options import GradCAM
from convviz_tb.heatmaps.targets import OBJECTIVES, PREDICTED, ClassScores, class_scores
from convviz_tb.model import Tap, record_gradients

_TOP: Final = 5  # channels
#: Relative errors of a gradient: some hundred roundings of float32, one of a half.
_ROUNDING: Final = 1e-5
_ROUNDING_OF_HALVES: Final = {"float16": 1e-3, "bfloat16": 8e-3}


def maps_and_scores(
    model: keras.Model,
    watched: Sequence[Tap],
    options: GradCAM,
    filters: Mapping[str, Any],
    images: Any,
    classes: Any,
    mask: Any | None = None,
) -> dict[str, Any]:
    """What `compute.py` runs for each batch; to be traced.

    Args:
        model: the model.
        watched: the taps to make maps of.
        options: the method, and what is scored.
        filters: the indices `(f,)` of those whose activations are wanted too, by path.
        images: what the model takes.
        classes: int32 `(n, k)`, see `class_query`.
        mask: float32 `(n, h, w)`, where a segmentation output counts.

    Returns:
        `maps:<path>` `(n, k, h, w)`, `channels:<path>` and `weights:<path>` `(n, k, 5)` for each
        tap, where the method needs gradients; `scores`, `classes` and `probabilities` `(n, k)`,
        `predicted` `(n,)`, `all_scores` `(n, classes)`, `objective`, an index into `OBJECTIVES`;
        `features:<path>` `(n, f, h, w)`, where filters were named.

    Raises:
        ValueError: more classes are asked for than there are, or the score does not depend on a
            tap.
    """

    def explain(outputs: Any) -> tuple[Any, dict[str, Any]]:
        explained = class_scores(model, outputs, options.score, options.output, mask)
        results = _scores(explained, classes)
        return results["scores"], results

    results: dict[str, Any]
    activations, gradients, results = record_gradients(model, watched, images, explain)
    for tap, each in zip(watched, activations, strict=True):
        if tap.path in filters:
            results[f"features:{tap.path}"] = _features(each, filters[tap.path], images)
    if not METHODS[options.method].needs_gradients:
        return results
    for i, tap in enumerate(watched):
        of_layer = (options.method, images, _rounding_of(tap))
        parts = [_of_class(activations[i], each[i], *of_layer) for each in gradients]
        for j, name in enumerate(("maps", "channels", "weights")):
            results[f"{name}:{tap.path}"] = ops.stack([part[j] for part in parts], axis=1)
    return results


def _features(activations: Any, filters: Any, images: Any) -> Any:
    """Some channels `(n, *positions, c)` as maps `(n, f, h, w)`."""
    return ops.stack([as_picture(activations[..., int(each)], images) for each in filters], axis=1)


def _scores(explained: ClassScores, classes: Any) -> dict[str, Any]:
    """Everything but maps: of the classes asked for, and of all."""
    if classes.shape[1] > explained.classes:
        raise ValueError(
            f"classes: {classes.shape[1]} for each image; the model has {explained.classes}."
        )
    _, ranked = ops.top_k(explained.scores, k=classes.shape[1])
    classes = ops.where(classes == PREDICTED, ranked, classes)
    known = ops.maximum(classes, 0)
    probabilities = explained.probabilities
    if probabilities is None:
        probabilities = ops.full_like(explained.scores, np.nan)
    return {
        "scores": ops.take_along_axis(explained.scores, known, axis=1),
        "classes": classes,
        "probabilities": ops.take_along_axis(probabilities, known, axis=1),
        "predicted": ranked[:, 0],
        "all_scores": explained.scores,
        "objective": ops.convert_to_tensor(OBJECTIVES.index(explained.objective), "int32"),
    }


def _rounding_of(tap: Tap) -> float:
    """Rounding errors of a layer's numbers, relative to them."""
    return _ROUNDING_OF_HALVES.get(tap.compute_dtype, _ROUNDING)


def _of_class(
    activations: Any, gradients: Any, method: str, images: Any, rounding: float
) -> tuple[Any, Any, Any]:
    """Of one layer and class the map `(n, h, w)`, and the top channels with their weights."""
    raw = ops.relu(METHODS[method].function(activations, gradients))
    if METHODS[method].is_sum:
        raw = _without_noise(raw, activations, gradients, rounding)
    return as_picture(raw, images), *_top_channels(activations, gradients)


def _without_noise(raw: Any, activations: Any, gradients: Any, rounding: float) -> Any:
    """Maps, zero where they do not exceed the rounding errors of what they are sums of.

    Where gradients and activations cancel out exactly, as before a layer that divides by their
    size, what is left is noise; stretched over its own maximum it would look like evidence.
    """
    sizes = ops.abs(gradients)
    positions = list(range(1, len(sizes.shape) - 1))
    sizes = ops.maximum(sizes, ops.mean(sizes, positions, keepdims=True))
    summed = ops.sum(sizes * ops.abs(activations), axis=-1)
    floor = rounding * ops.max(summed, positions, keepdims=True)
    return ops.where(ops.max(raw, positions, keepdims=True) > floor, raw, 0.0)


def _top_channels(activations: Any, gradients: Any) -> tuple[Any, Any]:
    """The channels that contribute most, for or against, and their share of the whole, -1..1.

    The contribution of a channel is its Grad-CAM weight (Selvaraju et al. 2017, equation 1) times
    its mean activation over the positions; the whole is the sum of the absolute values.
    """
    positions = list(range(1, len(activations.shape) - 1))
    contributions = ops.mean(gradients, positions) * ops.mean(activations, positions)
    whole = ops.sum(ops.abs(contributions), axis=-1, keepdims=True)
    shares = ops.divide_no_nan(contributions, whole)
    _, channels = ops.top_k(ops.abs(shares), k=min(_TOP, activations.shape[-1]))
    return channels, ops.take_along_axis(shares, channels, axis=-1)

"""Use of filters: which of a layer's matter for the user's pictures, to choose those to show."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import tree

from convviz_tb.examples import PictureSet, mean_responses
from convviz_tb.heatmaps import GradCAM, compute_heatmaps
from convviz_tb.model import Tap

Array = npt.NDArray[Any]

_logger = logging.getLogger("convviz_tb")

_PICTURES: Final = 256  # that are asked what excites filters
_EXPLAINED: Final = 64  # of these, whose predicted classes are explained


def most_used(
    model: keras.Model,
    taps: Sequence[Tap],
    count: int,
    pictures: PictureSet,
    heatmaps: GradCAM | None,
) -> dict[str, Array]:
    """The filters of each layer that matter most for the pictures: by layer path, ascending.

    Half of what counts is a filter's share of the layer's responses, half its share of the evidence
    for the predicted classes (`use`).

    Args:
        model: a built Keras model; it is not changed.
        taps: the layers.
        count: how many filters of each.
        pictures: the pictures.
        heatmaps: how classes are scored, if that is known.

    Raises:
        ValueError: the pictures do not fit the model, or a layer cannot be read.
    """
    responses = mean_responses(model, taps, pictures, _PICTURES)
    evidence = _evidence(model, taps, pictures, heatmaps)
    chosen = {}
    for tap in taps:
        most = use(responses[tap.path], evidence.get(tap.path))
        order = np.argsort(-most, kind="stable")[:count]
        chosen[tap.path] = np.sort(order).astype(np.int32)
    return chosen


def use(responses: Array, evidence: Array | None) -> Array:
    """The use of each filter of a layer, 0..1; the sum over the layer is 1 at most.

    Args:
        responses: the largest response in each picture, what is above 0 of it, averaged over the
            pictures: `(filters,)`.
        evidence: the mean share of each filter in the evidence for the predicted class; None where
            the model has no classes.
    """
    shares = _shares(responses)
    return shares if evidence is None else (shares + _shares(evidence)) / 2


def fitting(fixed: Mapping[str, Array], tap: Tap, count: int) -> Array | None:
    """The filters chosen at the baseline of the run, if they can be those of this layer."""
    filters = fixed.get(tap.path)
    if filters is None or filters.ndim != 1 or not np.issubdtype(filters.dtype, np.integer):
        return None
    is_choice = len(filters) == min(count, tap.filters) and bool((np.diff(filters) > 0).all())
    is_inside = is_choice and 0 <= filters[0] <= filters[-1] < tap.filters
    return filters.astype(np.int32) if is_inside else None


def _shares(values: Array) -> Array:
    total = values.sum()
    return values / total if total > 0 else np.zeros(len(values))


def _evidence(
    model: keras.Model, taps: Sequence[Tap], pictures: PictureSet, heatmaps: GradCAM | None
) -> dict[str, Array]:
    """Mean share in the evidence, of the channels that contribute most to a Grad-CAM heatmap."""
    located = [tap for tap in taps if len(tap.shape) > 1]
    if not located:
        return {}
    try:
        some = [batch.inputs for batch in pictures.batches(_EXPLAINED)]
        inputs = tree.map_structure(lambda *parts: np.concatenate(parts), *some)
        options = GradCAM(inputs, output=heatmaps.output if heatmaps else None)
        maps = compute_heatmaps(model, located, options)
    except Exception as error:  # a model without classes, or a layer behind which there are none
        _logger.info("filters: chosen by their responses alone: %s", error)
        return {}
    return {path: _summed(each.channels, each.weights, taps, path) for path, each in maps.items()}


def _summed(channels: Any, weights: Any, taps: Sequence[Tap], path: str) -> Array:
    (tap,) = (tap for tap in taps if tap.path == path)
    evidence = np.zeros(tap.filters)
    np.add.at(evidence, channels.reshape(-1), np.nan_to_num(np.abs(weights)).reshape(-1))
    return evidence / len(channels)

"""Use of filters: which of a layer's matter for the user's pictures, to choose those to show."""

import itertools
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import tree

from convviz_tb.examples import PictureSet, strongest_responses
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

    Half of them are those that the pictures excite most, half those that carry most of the evidence
    for the predicted classes.

    Args:
        model: a built Keras model; it is not changed.
        taps: the layers.
        count: how many filters of each.
        pictures: the pictures.
        heatmaps: how classes are scored, if that is known.

    Raises:
        ValueError: the pictures do not fit the model, or a layer cannot be read.
    """
    responses = strongest_responses(model, taps, pictures, _PICTURES)
    evidence = _evidence(model, taps, pictures, heatmaps)
    chosen = {}
    for tap in taps:
        chosen[tap.path] = by_use(responses[tap.path], evidence.get(tap.path), count)
    return chosen


def by_use(responses: Array, evidence: Array | None, count: int) -> Array:
    """The filters of most use: int32 indices `(count,)`, ascending; fewer where a layer has fewer.

    In turn the next one by the responses and the next one by the evidence, as far as there is any.

    Args:
        responses: how strongly the pictures excite each filter, `(filters,)`.
        evidence: the mean share of each filter in the evidence for the predicted class; None where
            the model has no classes.
        count: how many.
    """
    rankings = [np.argsort(-responses, kind="stable")]
    if evidence is not None:
        order = np.argsort(-evidence, kind="stable")
        rankings.append(order[evidence[order] > 0])
    turns = itertools.zip_longest(*(ranking.tolist() for ranking in rankings))
    in_turn = dict.fromkeys(each for turn in turns for each in turn if each is not None)
    return np.sort(np.array(list(in_turn)[:count], np.int32))


def fitting(fixed: Mapping[str, Array], tap: Tap, count: int) -> Array | None:
    """The filters chosen at the baseline of the run, if they can be those of this layer."""
    filters = fixed.get(tap.path)
    if filters is None or filters.ndim != 1 or not np.issubdtype(filters.dtype, np.integer):
        return None
    is_choice = len(filters) == min(count, tap.filters) and bool((np.diff(filters) > 0).all())
    is_inside = is_choice and 0 <= filters[0] <= filters[-1] < tap.filters
    return filters.astype(np.int32) if is_inside else None


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

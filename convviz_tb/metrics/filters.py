"""Metrics of filters: drift of weights, patterns and responses; dead, always on, most similar."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from convviz_tb import images
from convviz_tb.metrics import drift
from convviz_tb.metrics.baseline import State
from convviz_tb.metrics.columns import Columns
from convviz_tb.metrics.responses import Answers
from convviz_tb.model import kernels
from convviz_tb.model.taps import Tap
from convviz_tb.patterns.compute import Patterns

Array = npt.NDArray[Any]


def filter_state(
    tap: Tap,
    patterns: Patterns,
    filters: Array,
    channels: Sequence[int] | None,
) -> State:
    """What later steps are compared with: textures of the patterns, weights of the filters.

    Args:
        tap: the layer.
        patterns: those of its filters.
        filters: indices `(n,)` or directions `(n, channels)`.
        channels: those of the patterns that are shown.
    """
    state = {"filters": filters, "texture": textures(patterns, channels)}
    rows = kernels.kernel(tap.layer)
    if rows is not None and len(rows) == tap.filters:
        state["kernel"] = of_filters(rows, filters)
    return state


def textures(patterns: Patterns, channels: Sequence[int] | None) -> Array:
    """Textures of patterns as they are shown, see `drift.textures`."""
    return drift.textures(images.pattern_tiles(patterns.images, channels))


def response_state(responses: Answers, filters: Array) -> Array:
    """What later steps compare responses with."""
    return drift.unit_answers(of_filters(responses.sampled, filters))


def of_filters(rows: Array, filters: Array) -> Array:
    """The rows of some filters, or their mixtures for directions `(n, channels)`."""
    return rows[filters] if filters.ndim == 1 else filters @ rows


def noise_floor(patterns: Patterns, now: State, channels: Sequence[int] | None) -> Array:
    """Median drift between patterns of the first few filters from two seeds: below is noise."""
    few = now["texture"][: len(patterns.images)]
    return np.asarray(np.median(drift.pattern_drift(textures(patterns, channels), few)))


def drift_columns(now: State, before: State, suffix: str = "") -> Columns:
    """How far filters moved between two states, as far as both know."""
    columns: Columns = {}
    if "kernel" in now:
        pair = (now["kernel"], before["kernel"])
        columns["kernel_drift" + suffix] = kernels.kernel_drift(*pair)
        if not suffix:
            columns["kernel_cosine"] = kernels.kernel_cosine(*pair)
            columns["kernel_norm"] = kernels.kernel_norm(*pair)
    columns["pattern_drift" + suffix] = drift.pattern_drift(now["texture"], before["texture"])
    both = "answers" in now and "answers" in before
    if not suffix and both and np.array_equal(now["probes"], before["probes"]):
        columns["function_drift"] = drift.function_drift(now["answers"], before["answers"])
    return columns


def activity_columns(responses: Answers, patterns: Patterns, count: int) -> Columns:
    """Which filters are dead or always on, on so many probe images; and the reason in words."""
    silent = (responses.active == 0) & (responses.smallest == 0) & (responses.largest == 0)
    constant = (responses.smallest == responses.largest) & ~silent
    dead = silent & (patterns.scores <= 0)
    stuck = (responses.active == 1) if responses.rectified else constant
    reasons = [
        _reason(bool(dead[i]), bool(stuck[i]), bool(constant[i]), responses.largest[i], count)
        for i in range(len(dead))
    ]
    return {
        "active": responses.active,
        "response": responses.largest,
        "gradient": patterns.gradients,
        "dead": dead,
        "stuck": stuck,
        "reason": np.array(reasons, object),
    }


def _reason(dead: bool, stuck: bool, constant: bool, response: float, count: int) -> str | None:
    everywhere = f"at every position of {'all ' if count > 1 else ''}{count} probe images"
    if count == 1:
        everywhere = "at every position of the one probe image"
    if dead:
        return f"Silent {everywhere}, and the ascent found no picture that it answers to."
    if stuck and constant:
        return f"Gives the same answer, {response:.3g}, {everywhere}."
    if stuck:
        return f"On {everywhere}: its ReLU never cuts there, it only passes on a weighted sum."
    return None


def similarity_columns(now: State, responses: Answers) -> Columns:
    """The most similar filter of the layer for each filter, by their responses."""
    filters, layer = now["filters"], drift.unit_answers(responses.sampled)
    own = filters if filters.ndim == 1 else None
    twins, similarity = drift.twins(now["answers"], layer, own)
    indices = np.array([None if twin < 0 else int(twin) for twin in twins], object)
    return {"twin": indices, "twin_similarity": similarity}

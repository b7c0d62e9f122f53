"""Metrics of filters: drift of weights, patterns and responses; dead, always on, most similar."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Look:
    """A way to compare pictures of filters.

    Attributes:
        state: what of the pictures is kept to compare later ones with.
        drift: how unlike two states are, `(n,)`; of the filters that both have, in order.
    """

    state: Callable[[Patterns], State]
    drift: Callable[[State, State], Array]


def by_texture(channels: Sequence[int] | None) -> Look:
    """By the textures of patterns as they are shown, `channels` of them; see `drift.textures`."""

    def state(patterns: Patterns) -> State:
        return {"texture": drift.textures(images.pattern_tiles(patterns.images, channels))}

    return Look(state, lambda now, before: _drift_of(now["texture"], before["texture"]))


def by_response(respond: Callable[[Array], Array]) -> Look:
    """By how all filters of the layer, as it is now, respond to both pictures.

    Pictures of two seeds are alike to the layer, those of two filters are not.
    """
    known: dict[int, Array] = {}  # of one picture of each filter, which two states may share

    def rows(state: State) -> Array:
        levels = state["levels"]
        if id(levels) not in known:
            known[id(levels)] = drift.units(respond(levels))
        return known[id(levels)]

    def apart(now: State, before: State) -> Array:
        return _drift_of(rows(now), rows(before))

    return Look(lambda patterns: {"levels": patterns.levels}, apart)


def _drift_of(now: Array, before: Array) -> Array:
    count = min(len(now), len(before))
    return drift.pattern_drift(now[:count], before[:count])


def filter_state(tap: Tap, filters: Array) -> State:
    """What later steps are compared with, beside the pictures: the weights of the filters.

    Args:
        tap: the layer.
        filters: indices `(n,)` or directions `(n, channels)`.
    """
    state: State = {"filters": filters}
    rows = kernels.kernel(tap.layer)
    if rows is not None and len(rows) == tap.filters:
        state["kernel"] = of_filters(rows, filters)
    return state


def response_state(responses: Answers, filters: Array) -> Array:
    """What later steps compare responses with."""
    return drift.unit_answers(of_filters(responses.sampled, filters))


def of_filters(rows: Array, filters: Array) -> Array:
    """The rows of some filters, or their mixtures for directions `(n, channels)`."""
    return rows[filters] if filters.ndim == 1 else filters @ rows


def drift_columns(now: State, before: State, suffix: str = "") -> Columns:
    """How far filters moved between two states, as far as both know."""
    columns: Columns = {}
    if "kernel" in now:
        pair = (now["kernel"], before["kernel"])
        columns["kernel_drift" + suffix] = kernels.kernel_drift(*pair)
        if not suffix:
            columns["kernel_cosine"] = kernels.kernel_cosine(*pair)
            columns["kernel_norm"] = kernels.kernel_norm(*pair)
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

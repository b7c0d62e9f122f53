"""Metrics of filters: drift of weights, patterns and responses; dead, always on, most similar."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from convviz_tb import images
from convviz_tb.examples import LayerExamples
from convviz_tb.metrics import drift
from convviz_tb.metrics.baseline import State
from convviz_tb.metrics.columns import Columns
from convviz_tb.metrics.probes import Probes
from convviz_tb.metrics.responses import Responses
from convviz_tb.metrics.selectivity import class_selectivity
from convviz_tb.model import Tap, kernels
from convviz_tb.patterns import Patterns

Array = npt.NDArray[Any]

#: Responses, and images that they are of, below which a correlation between filters is chance.
ENOUGH: Final = 32
ENOUGH_IMAGES: Final = 4


def filter_state(tap: Tap, filters: Array, pictures: State) -> State:
    """What later steps are compared with: the patterns, and the weights of the filters.

    Args:
        tap: the layer.
        filters: indices `(n,)` or directions `(n, channels)`.
        pictures: what is kept of the patterns, from `picture_state`.
    """
    state = {"filters": filters} | pictures
    rows = tap.kernel
    if rows is not None:
        state["kernel"] = of_filters(rows, filters)
    return state


def picture_state(patterns: Patterns, tiles: images.Bytes, by_response: bool) -> State:
    """What patterns of later steps are compared with.

    Args:
        patterns: the patterns.
        tiles: the same as they are shown.
        by_response: whether by how their layer responds to them, instead of by their texture.
    """
    return {"levels": patterns.levels} if by_response else {"texture": drift.textures(tiles)}


def picture_rows(state: State, respond: Callable[[Array], Array]) -> Array:
    """A unit row for each pattern; the angle between two tells how unlike the patterns are.

    Args:
        state: what is kept of the patterns.
        respond: how all filters of the layer, as it is now, respond to pictures in grey levels.
    """
    return state["texture"] if "texture" in state else drift.units(respond(state["levels"]))


def name_column(tap: Tap, filters: Array, class_names: Sequence[str]) -> Columns:
    """The classes that filters stand for; none where the layer is not that of the classes."""
    positions = tap.shape[:-1]
    is_of_classes = tap.is_output and tap.filters == len(class_names) and not set(positions) - {1}
    if not is_of_classes or filters.ndim == 2:
        return {}
    return {"name": np.array([str(class_names[int(filter_)]) for filter_ in filters], object)}


def response_state(responses: Responses, filters: Array) -> Array:
    """What later steps compare responses with."""
    return drift.unit_responses(of_filters(responses.sampled, filters))


def of_filters(rows: Array, filters: Array) -> Array:
    """The rows of some filters, or their mixtures for directions `(n, channels)`."""
    return rows[filters] if filters.ndim == 1 else filters @ rows


def noise_floor(rows: Array, reseeded: Array) -> Array:
    """Median drift between patterns of the first few filters from two seeds: below is noise."""
    return np.asarray(np.median(drift.pattern_drift(reseeded, rows[: len(reseeded)])))


def drift_columns(now: State, before: State, suffix: str = "") -> Columns:
    """How far filters moved between two states, as far as both know."""
    columns: Columns = {}
    if "kernel" in now:
        pair = (now["kernel"], before["kernel"])
        columns["kernel_drift" + suffix] = kernels.kernel_drift(*pair)
        if not suffix:
            columns["kernel_cosine"] = kernels.kernel_cosine(*pair)
            columns["kernel_norm"] = kernels.kernel_norm(*pair)
    both = "answers" in now and "answers" in before and now["answers"].shape[1] >= ENOUGH
    if not suffix and both and np.array_equal(now["probes"], before["probes"]):
        columns["function_drift"] = drift.function_drift(now["answers"], before["answers"])
    return columns


def variation_column(responses: Responses, probes: Probes) -> Columns:
    """How much filters differ between the probe images; unknown where these are all the same."""
    if not probes.differ:
        return {}
    return {"variation": drift.variation(responses.sampled, len(probes))}


def selectivity_column(examples: LayerExamples | None) -> Columns:
    """Class selectivity; unknown without examples, or labels of them."""
    selectivity = None if examples is None else class_selectivity(examples.class_means)
    return {} if selectivity is None else {"selectivity": selectivity}


def activity_columns(responses: Responses, patterns: Patterns, count: int) -> Columns:
    """Which filters are dead or always on, on so many probe images; and the reason in words.

    Args:
        responses: of the filters.
        patterns: their patterns.
        count: how many probe images there are.
    """
    silent = (responses.active == 0) & (responses.smallest == 0) & (responses.largest == 0)
    constant = (responses.smallest == responses.largest) & ~silent
    dead = silent & patterns.dead
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
        return f"Silent {everywhere}, and no ascent from several starts wakes it."
    if stuck and constant:
        return f"Gives the same response, {response:.3g}, {everywhere}."
    if stuck:
        return f"On {everywhere}: its ReLU never cuts there, it only passes on a weighted sum."
    return None


def similarity_columns(now: State, responses: Responses, count: int) -> Columns:
    """The most similar filter of the layer for each filter, by their responses.

    Absent where so few images and positions would make similar ones of strangers.
    """
    if count < ENOUGH_IMAGES or responses.sampled.shape[1] < ENOUGH:
        return {}
    filters, layer = now["filters"], drift.unit_responses(responses.sampled)
    own = filters if filters.ndim == 1 else None
    similar, similarity = drift.most_similar(now["answers"], layer, own)
    indices = np.array([None if index < 0 else int(index) for index in similar], object)
    return {"twin": indices, "twin_similarity": similarity}

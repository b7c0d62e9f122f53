"""Claims on single filters: one responds to something else, two became alike."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from convviz_tb.metrics.claims.series import Array, Filters, Finding
from convviz_tb.metrics.claims.story import Story, since
from convviz_tb.metrics.claims.words import about

_OTHER: Final = 0.5  # function drift of a filter that does something else now
_ALIKE: Final = 0.98  # correlation
_ENOUGH: Final = 8  # probe images: on fewer single filters differ by chance
_ACTIVE: Final = 0.05  # of the positions: what a filter does at fewer is chance


def other_responses(story: Story) -> Iterator[Finding]:
    """Single filters that do something else now, where their layer as a whole does not.

    Not of filters that are silent, or the same everywhere, at either end.
    """
    found = []
    for layer in story.filters:
        drifts = layer.table("function_drift")
        if not len(drifts) or np.isnan(drifts[-1]).all() or layer.probes < _ENOUGH:
            continue
        median = np.nanmedian(drifts[-1])
        candidates = np.where(_responds(layer), drifts[-1], np.nan)
        if np.isnan(candidates).all():
            continue
        column = int(np.nanargmax(candidates))
        largest = candidates[column]
        known = ~np.isnan(drifts[:, column])
        step = since(story.steps, drifts[:, column] > _OTHER, known)
        if step is None or step == story.steps[known][0] or largest < 3 * median:
            continue
        which = layer.filters[column]
        named = layer.names[column] or f"Filter {which}"
        text = f"{named} of {layer.layer} responds to something else since epoch {step}: "
        text += "its responses correlate with those of the baseline by "
        text += f"{1 - largest:.2f}."
        found.append((-largest, about(text, "patterns", layer.layer, step, which)))
    yield from (finding for _, finding in sorted(found, key=lambda each: each[0]))


def _responds(layer: Filters) -> Array:
    """Filters that respond at enough positions at both ends, and not the same everywhere."""
    active, stuck = layer.table("active"), layer.table("stuck")
    known = (~np.isnan(active)).any(axis=1)
    ends = [int(known.argmax()), -1]
    excluded = (active[ends] < _ACTIVE) | (stuck[ends] == 1)
    return np.asarray(~excluded.any(axis=0))


def became_alike(story: Story) -> Iterator[Finding]:
    """Pairs of filters that came to respond alike; the most similar pair of each layer."""
    for layer in story.filters:
        similarity, twins = layer.table("twin_similarity"), layer.table("twin")
        if not len(similarity) or not layer.has("twin") or layer.probes < _ENOUGH:
            continue
        enough = ~(layer.table("active")[-1] < _ACTIVE)
        order = np.argsort(-np.nan_to_num(similarity[-1], nan=-1))
        for column in order.tolist():
            if not similarity[-1, column] > _ALIKE or not enough[column]:
                continue
            step = _since_pair(story, layer, column, int(twins[-1, column]))
            if step is not None:
                one, other = sorted((layer.filters[column], int(twins[-1, column])))
                pair = _pair(layer, one, other)
                text = f"{pair} of {layer.layer} became alike at epoch {step}: "
                text += f"their responses correlate by {similarity[-1, column]:.2f}."
                yield about(text, "patterns", layer.layer, step, layer.filters[column])
                break


def _pair(layer: Filters, one: int, other: int) -> str:
    names = dict(zip(layer.filters, layer.names, strict=True))
    if names.get(one) and names.get(other):
        return f"{names[one]} and {names[other]}"
    return f"Filters {one} and {other}"


def _since_pair(story: Story, layer: Filters, column: int, other: int) -> int | None:
    """Since when these two are alike; None where that cannot be told.

    Of a filter only the most similar one is known: where it was another one, of similarity above
    the limit, these two may have been alike as well.
    """
    similarity, twins = layer.table("twin_similarity"), layer.table("twin")
    ways = [(column, other)]
    if other in layer.filters:
        ways.append((layer.filters.index(other), layer.filters[column]))
    holds = np.any([(similarity[:, i] > _ALIKE) & (twins[:, i] == j) for i, j in ways], axis=0)
    apart = np.any([similarity[:, i] <= _ALIKE for i, _ in ways], axis=0)
    known = ~np.isnan(similarity[:, column])
    step = since(story.steps, holds, known)
    before = np.flatnonzero(known & (story.steps < (step or 0)))
    return step if len(before) and apart[before[-1]] else None

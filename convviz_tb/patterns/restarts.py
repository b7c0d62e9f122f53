"""Restarts of ascents that faint noise leads nowhere: of silent filters, and of plateaus."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from convviz_tb.model import Tap
from convviz_tb.patterns.ascent import Patterns, ascend, noise
from convviz_tb.patterns.graph import calmed
from convviz_tb.patterns.options import FilterPatterns
from convviz_tb.patterns.size import frame_of
from convviz_tb.patterns.waking import Woken, wake

Array = npt.NDArray[Any]


def from_seed(model: keras.Model, tap: Tap, options: FilterPatterns, filters: Array) -> Patterns:
    """Patterns of some filters of one layer as `filter_patterns` makes them, from noise."""
    patterns = from_noise(model, tap, options, filters)
    return with_silent_woken(model, tap, options, filters, patterns)


def from_noise(
    model: keras.Model,
    tap: Tap,
    options: FilterPatterns,
    filters: Array,
    steps: int | None = None,
) -> Patterns:
    """Patterns from faint noise; from strong clouds where a filter is on a plateau there.

    What such a filter sees is silent on faint noise, so that nothing in the picture matters to it.
    Where nothing does in clouds either, the pattern is plain mid-gray.

    Args:
        model: the model.
        tap: the layer.
        options: as those of `ascend`.
        filters: as those of `ascend`.
        steps: as those of `ascend`.
    """
    patterns = ascend(model, tap, options, filters, steps=steps)
    flat = np.flatnonzero(patterns.on_plateau)
    if options.recipe.literal or not len(flat):
        return patterns
    shape = frame_of(model, tap, options).picture.shape
    clouds = calmed(model, tap, options, noise(shape, tap, options, filters)[flat])
    others = ascend(model, tap, options, filters[flat], clouds, steps=steps, nth=0)
    better = others.scores > patterns.scores[flat]
    patterns = patterns.replaced(flat[better], others.only(better))
    for pictures in (patterns.images, patterns.padded):
        pictures[flat[~better]] = np.mean(options.input_range)
    return patterns


def with_silent_woken(
    model: keras.Model,
    tap: Tap,
    options: FilterPatterns,
    filters: Array,
    patterns: Patterns,
    attempt: Callable[[Array], Woken] | None = None,
) -> Patterns:
    """Patterns in which those of silent filters start from a picture that they respond to.

    A filter for which no such picture is found is dead, its pattern plain mid-gray.

    Args:
        model: the model.
        tap: the layer.
        options: as those of `ascend`.
        filters: as those of `ascend`.
        patterns: what that made of them.
        attempt: tries to wake some of the filters, by their positions; by default a whole attempt.
    """
    silent = np.flatnonzero(patterns.dead)
    if not len(silent):
        return patterns
    woken = attempt(silent) if attempt else wake(model, tap, options, filters[silent])
    if options.recipe.literal:
        dead = patterns.dead.copy()
        dead[silent] = ~woken.awake
        return replace(patterns, dead=dead)
    awake, found = silent[woken.awake], woken.pictures[woken.awake]
    if len(awake):
        patterns = patterns.replaced(
            awake, _resumed_from(model, tap, options, filters[awake], found)
        )
    for pictures in (patterns.images, patterns.padded):
        pictures[patterns.dead] = np.mean(options.input_range)
    return patterns


def _resumed_from(
    model: keras.Model, tap: Tap, options: FilterPatterns, filters: Array, found: Array
) -> Patterns:
    """Patterns from pictures that the filters respond to; these, where it ends in silence again."""
    patterns = ascend(model, tap, options, filters, calmed(model, tap, options, found), nth=0)
    patterns = patterns.clipped()
    silent = patterns.dead
    if silent.any():
        loud = ascend(model, tap, options, filters[silent], found[silent], nth=0).clipped()
        patterns = patterns.replaced(np.flatnonzero(silent), loud)
    silent = patterns.dead
    for pictures, of_found in (
        (patterns.images, frame_of(model, tap, options).cut(found)),
        (patterns.padded, found),
    ):
        pictures[silent] = of_found[silent]
    return replace(patterns, dead=np.zeros(len(filters), bool))

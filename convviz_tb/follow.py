"""One layer's filter patterns over the steps: what is computed anew, and what is kept."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from convviz_tb.options import FilterPatterns
from convviz_tb.patterns import Patterns, filter_patterns
from convviz_tb.taps import Tap

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Followed:
    """The patterns of a layer as they stand at a step.

    Attributes:
        patterns: one picture for each filter that was asked for.
        computed: int `(n,)`, the step at which each picture was computed.
        ascent_steps: steps of ascent taken at this step.
        refreshed: whether they started from the seed, not from the pictures before.
    """

    patterns: Patterns
    computed: Array
    ascent_steps: int
    refreshed: bool


def follow(model: keras.Model, tap: Tap, options: FilterPatterns, step: int) -> Followed:
    """The patterns of `tap` at a step."""
    found = filter_patterns(
        model,
        tap,
        options.filters,
        size=options.size,
        steps=options.steps,
        step_size=options.step_size,
        seed=options.seed,
        mode=options.mode,
        value_range=options.value_range,
        objective=options.objective,
        border=options.border,
        before_activation=options.before_activation,
    )
    computed = np.full(len(found.filters), step)
    return Followed(found, computed, options.ascent_steps, refreshed=True)

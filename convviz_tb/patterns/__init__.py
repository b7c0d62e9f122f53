"""Feature visualisation: filter patterns by activation maximisation."""

from convviz_tb.patterns.compute import (
    Patterns,
    ascend,
    batch_size,
    choose_filters,
    evenly_spread,
    filter_patterns,
    from_seed,
    layer_responses,
    pattern_taps,
)
from convviz_tb.patterns.options import FilterPatterns
from convviz_tb.patterns.size import frame_of
from convviz_tb.patterns.tracking import PatternTracker, TrackedPatterns

__all__ = [
    "FilterPatterns",
    "PatternTracker",
    "Patterns",
    "TrackedPatterns",
    "ascend",
    "batch_size",
    "choose_filters",
    "evenly_spread",
    "filter_patterns",
    "frame_of",
    "from_seed",
    "layer_responses",
    "pattern_taps",
]

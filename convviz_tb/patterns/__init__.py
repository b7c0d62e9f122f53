"""Feature visualisation: filter patterns by activation maximisation."""

from convviz_tb.patterns.compute import (
    Patterns,
    ascend,
    batch_size,
    evenly_spread,
    filter_patterns,
    layer_responses,
    pattern_taps,
)
from convviz_tb.patterns.compute import choose_filters as pattern_filters
from convviz_tb.patterns.options import FilterPatterns
from convviz_tb.patterns.tracking import PatternTracker, TrackedPatterns

__all__ = [
    "FilterPatterns",
    "PatternTracker",
    "Patterns",
    "TrackedPatterns",
    "ascend",
    "batch_size",
    "evenly_spread",
    "filter_patterns",
    "layer_responses",
    "pattern_filters",
    "pattern_taps",
]

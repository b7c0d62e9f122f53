"""Feature visualisation: filter patterns by activation maximisation."""

from convviz_tb.patterns.ascent import Patterns, ascend, batch_size, layer_responses
from convviz_tb.patterns.compute import (
    choose_filters,
    evenly_spread,
    filter_patterns,
    pattern_taps,
)
from convviz_tb.patterns.options import FilterPatterns
from convviz_tb.patterns.restarts import from_seed
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

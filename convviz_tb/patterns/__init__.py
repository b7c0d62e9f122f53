"""Feature visualisation: filter patterns by activation maximisation."""

from convviz_tb.patterns.compute import (
    Patterns,
    ascend,
    batch_size,
    choose_filters,
    evenly_spread,
    filter_patterns,
    layer_responses,
    pattern_taps,
)
from convviz_tb.patterns.options import FilterPatterns
from convviz_tb.patterns.size import frame_of
from convviz_tb.patterns.tracking import PatternTracker, TrackedPatterns
from convviz_tb.patterns.waking import Waking

__all__ = [
    "FilterPatterns",
    "PatternTracker",
    "Patterns",
    "TrackedPatterns",
    "Waking",
    "ascend",
    "batch_size",
    "choose_filters",
    "evenly_spread",
    "filter_patterns",
    "frame_of",
    "layer_responses",
    "pattern_taps",
]

"""Examples: the parts of the user's own pictures that excite each filter most."""

from convviz_tb.examples.class_means import ClassMeans
from convviz_tb.examples.compute import (
    LayerExamples,
    Search,
    StepExamples,
    Watched,
    compute_examples,
    prepare,
    strongest_responses,
)
from convviz_tb.examples.options import Examples
from convviz_tb.examples.pictures import PictureSet

__all__ = [
    "ClassMeans",
    "Examples",
    "LayerExamples",
    "PictureSet",
    "Search",
    "StepExamples",
    "Watched",
    "compute_examples",
    "prepare",
    "strongest_responses",
]

"""Class-activation maps: where in a picture a layer finds evidence for a class."""

from convviz_tb.heatmaps import deserving, regions
from convviz_tb.heatmaps.compute import (
    Heatmaps,
    compute_heatmaps,
    cost_of,
    grad_cam,
    heatmap_taps,
    picture_sides,
    prepare,
)
from convviz_tb.heatmaps.deserving import Chosen, Confusion
from convviz_tb.heatmaps.options import GradCAM
from convviz_tb.heatmaps.tiles import MapTiles, tiles_of

__all__ = [
    "Chosen",
    "Confusion",
    "GradCAM",
    "Heatmaps",
    "MapTiles",
    "compute_heatmaps",
    "cost_of",
    "deserving",
    "grad_cam",
    "heatmap_taps",
    "picture_sides",
    "prepare",
    "regions",
    "tiles_of",
]

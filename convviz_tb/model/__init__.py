"""Reads a Keras model without touching it: layers, inputs, weights, traced graphs.

What is TensorFlow's own lives here, behind the names below; all else in the package is written with
`keras.ops`, `keras.tree` or NumPy.
"""

from convviz_tb.model import kernels
from convviz_tb.model.fourier import scale_spectrum
from convviz_tb.model.graphs import before_activation
from convviz_tb.model.inputs import (
    PictureInput,
    Spec,
    build,
    check_channels,
    check_pictures,
    check_shown,
    has_fixed_size,
    picture_input,
    puts_channels_first,
    spec_of,
)
from convviz_tb.model.partial import record_up_to, takes
from convviz_tb.model.precision import Precision, best_precision, has_gpu, in_precision
from convviz_tb.model.prune_channels import pick_channels, prune_channels
from convviz_tb.model.receptive_field import ReceptiveField, receptive_field, receptive_fields
from convviz_tb.model.replicas import count_replicas, split
from convviz_tb.model.select import convolutions, last_convolution, select_taps
from convviz_tb.model.taps import Layer, Layers, Tap, survey
from convviz_tb.model.tracing import Graph, gradient, record, record_gradients, traced
from convviz_tb.model.weights import Fingerprints, check_finite, fingerprint

__all__ = [
    "Fingerprints",
    "Graph",
    "Layer",
    "Layers",
    "PictureInput",
    "Precision",
    "ReceptiveField",
    "Spec",
    "Tap",
    "before_activation",
    "best_precision",
    "build",
    "check_channels",
    "check_finite",
    "check_pictures",
    "check_shown",
    "convolutions",
    "count_replicas",
    "fingerprint",
    "gradient",
    "has_fixed_size",
    "has_gpu",
    "in_precision",
    "kernels",
    "last_convolution",
    "pick_channels",
    "picture_input",
    "prune_channels",
    "puts_channels_first",
    "receptive_field",
    "receptive_fields",
    "record",
    "record_gradients",
    "record_up_to",
    "scale_spectrum",
    "select_taps",
    "spec_of",
    "split",
    "survey",
    "takes",
    "traced",
]

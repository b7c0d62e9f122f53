"""Reads a Keras model without touching it: layers, inputs, weights, traced graphs.

What is TensorFlow's own lives here, behind the names below; all else in the package is written with
`keras.ops`, `keras.tree` or NumPy.
"""

from convviz_tb.model import kernels
from convviz_tb.model.cores import use_cores
from convviz_tb.model.data import MOST, described, take
from convviz_tb.model.effective_field import with_effective
from convviz_tb.model.field_of_view import (
    Layout,
    View,
    layout_of,
    part_kept,
    shown,
    view_of,
    within,
)
from convviz_tb.model.fourier import scale_spectrum
from convviz_tb.model.graphs import before_activation
from convviz_tb.model.inputs import (
    PictureInput,
    Spec,
    as_input,
    build,
    check_channels,
    check_pictures,
    check_shown,
    has_fixed_size,
    output_index,
    picture_input,
    pictures_among,
    preprocessed,
    puts_channels_first,
    spec_of,
)
from convviz_tb.model.optimizer import is_trained, learning_rate
from convviz_tb.model.partial import record_up_to, takes
from convviz_tb.model.precision import Precision, best_precision, has_gpu, in_precision
from convviz_tb.model.prune_channels import pick_channels, prune_channels
from convviz_tb.model.receptive_field import ReceptiveField, receptive_field, receptive_fields
from convviz_tb.model.replicas import count_replicas, split
from convviz_tb.model.saved import OF_MODEL, Builder, built, is_saved_model, load_saved
from convviz_tb.model.select import convolutions, last_map, select_taps
from convviz_tb.model.supported import ModelError, cause, check_backend, check_library
from convviz_tb.model.taps import Layer, Layers, Tap, survey
from convviz_tb.model.tracing import Graph, gradient, record, record_gradients, traced
from convviz_tb.model.weights import Fingerprints, brief_fingerprint, fingerprint, not_finite

__all__ = [
    "MOST",
    "OF_MODEL",
    "Builder",
    "Fingerprints",
    "Graph",
    "Layer",
    "Layers",
    "Layout",
    "ModelError",
    "PictureInput",
    "Precision",
    "ReceptiveField",
    "Spec",
    "Tap",
    "View",
    "as_input",
    "before_activation",
    "best_precision",
    "brief_fingerprint",
    "build",
    "built",
    "cause",
    "check_backend",
    "check_channels",
    "check_library",
    "check_pictures",
    "check_shown",
    "convolutions",
    "count_replicas",
    "described",
    "fingerprint",
    "gradient",
    "has_fixed_size",
    "has_gpu",
    "in_precision",
    "is_saved_model",
    "is_trained",
    "kernels",
    "last_map",
    "layout_of",
    "learning_rate",
    "load_saved",
    "not_finite",
    "output_index",
    "part_kept",
    "pick_channels",
    "picture_input",
    "pictures_among",
    "preprocessed",
    "prune_channels",
    "puts_channels_first",
    "receptive_field",
    "receptive_fields",
    "record",
    "record_gradients",
    "record_up_to",
    "scale_spectrum",
    "select_taps",
    "shown",
    "spec_of",
    "split",
    "survey",
    "take",
    "takes",
    "traced",
    "use_cores",
    "view_of",
    "with_effective",
    "within",
]

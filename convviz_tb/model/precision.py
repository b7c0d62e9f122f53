"""Precision: the convolutions of one traced function in bfloat16, where the hardware gains by it.

TensorFlow's own graph rewriter does it (`auto_mixed_precision_onednn_bfloat16`), asked for in the
call of one function only: neither the model, its policy nor any global option is touched.
"""

import functools
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import keras
import tensorflow as tf

from convviz_tb.model.graphs import is_resource, tensor_spec, trace
from convviz_tb.model.inputs import Spec
from convviz_tb.model.kernels import DEPTHWISE, SEPARABLE
from convviz_tb.model.stateless import changed

Precision = Literal["float32", "bfloat16"]

_GAIN: Final = 1.25  # how many times as fast bfloat16 must be to be worth its rounding
_ROUNDS: Final = 5
_PROBE: Final = (4, 48, 48, 64)  # pictures, height, width, channels
#: Not inlined into the graph that calls it: the rewriting ends at its arguments and results.
_APART: Final = {"_noinline": True}


def in_precision(function: Callable[..., Any], precision: Precision, *specs: Spec) -> Any:
    """`function`, to be called while a graph is traced, with its convolutions in a precision.

    Args:
        function: takes and returns float32 and integer tensors, and does not nest its results.
        precision: what its convolutions and matrix products compute in.
        specs: its arguments.
    """
    if precision == "float32":
        return function
    concrete = tf.function(
        function, autograph=False, experimental_attributes=_APART
    ).get_concrete_function(*map(tensor_spec, specs))
    results = tf.nest.flatten(concrete.structured_outputs)
    written = {id(handle) for handle in changed(concrete.graph)}

    def call(*arguments: Any) -> Any:
        inputs = [*arguments, *concrete.captured_inputs]
        read_only = [
            i for i, given in enumerate(inputs) if is_resource(given) and id(given) not in written
        ]
        concrete.add_to_graph()
        outputs = (
            tf.compat.v1.get_default_graph()
            .create_op(
                "StatefulPartitionedCall",
                inputs,
                [result.dtype for result in results],
                attrs=_attributes(inputs, results, concrete.name, read_only),
            )
            .outputs
        )
        for tensor, result in zip(outputs, results, strict=True):
            tensor.set_shape(result.shape)
        return tf.nest.pack_sequence_as(concrete.structured_outputs, outputs)

    return call


def _attributes(
    inputs: Sequence[Any], results: Sequence[Any], name: bytes, read_only: Sequence[int]
) -> dict[str, Any]:
    """Attributes of the operation that calls a function, rewritten; they are no public API."""
    value = tf.compat.v1.AttrValue
    given, taken = (
        value.ListValue(type=[each.dtype.as_datatype_enum for each in tensors])
        for tensors in (inputs, results)
    )
    return {
        "Tin": value(list=given),
        "Tout": value(list=taken),
        "f": value(func=tf.compat.v1.NameAttrList(name=name)),
        "config_proto": value(s=_rewriter()),
        # TensorFlow would find these itself: it takes other variables to be written to.
        "_read_only_resource_inputs": value(list=value.ListValue(i=read_only)),
    }


def best_precision(model: keras.Model) -> Precision:
    """What the convolutions of a model compute in fastest.

    Depthwise convolutions have slow kernels in bfloat16, and models with them are slower in it.
    """
    layers = model._flatten_layers(include_self=False)
    has_depthwise = any(isinstance(layer, (*DEPTHWISE, *SEPARABLE)) for layer in layers)
    return "float32" if has_depthwise else best()


def has_gpu() -> bool:
    """Whether there is a GPU to compute on."""
    return bool(tf.config.list_logical_devices("GPU"))


@functools.cache
def best() -> Precision:
    """The faster precision on this machine: decided by a timed probe, once per process.

    On a GPU always float32: its convolutions run in TensorFloat-32 anyway.
    """
    if has_gpu():
        return "float32"
    try:
        return "bfloat16" if _gain() > _GAIN else "float32"
    except (tf.errors.OpError, AttributeError, TypeError, ValueError):  # another TensorFlow
        return "float32"


def _gain() -> float:
    """How many times as fast a convolution, forward and backward, is in bfloat16."""
    kernel = tf.ones((3, 3, _PROBE[-1], _PROBE[-1]))

    def work(pictures: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pictures)
            output = tf.nn.relu(tf.nn.conv2d(pictures, kernel, 1, "SAME"))
            output = tf.nn.conv2d(output, kernel, 1, "SAME")
        return tape.gradient(output, pictures)

    spec = Spec(_PROBE, "float32")
    pictures = tf.ones(_PROBE)
    graphs: list[Callable[[Any], Any]] = []
    for precision in ("float32", "bfloat16"):
        graphs.append(trace(in_precision(work, precision, spec), spec))
    seconds: list[list[float]] = [[], []]
    for _ in range(1 + _ROUNDS):
        for graph, taken in zip(graphs, seconds, strict=True):
            # Of the processor: on the clock, a busy machine would decide by chance.
            started = time.process_time()
            graph(pictures)
            taken.append(time.process_time() - started)
    full, reduced = (min(taken[1:]) for taken in seconds)  # the first ones set up
    return full / reduced


@functools.cache
def _rewriter() -> bytes:
    config = tf.compat.v1.ConfigProto(allow_soft_placement=True)
    options = config.graph_options.rewrite_options
    options.auto_mixed_precision_onednn_bfloat16 = type(options).ON
    return bytes(config.SerializeToString())

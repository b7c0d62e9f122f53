"""TensorFlow's graphs: tracing one, and reading in it what a tensor was made of."""

import functools
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from convviz_tb.model.inputs import Spec

Array = npt.NDArray[Any]

_READS: Final = ("ReadVariableOp", "ResourceGather", "ResourceGatherNd")
_SHAPING: Final = ("Identity", "Cast", "Reshape", "Squeeze", "Transpose")
_BYTES: Final = "convviz_bytes_per_row"  # a collection of the outermost graph


def trace(function: Callable[..., Any], *specs: Any) -> Any:
    """The graph of `function`, a `ConcreteFunction`.

    Args:
        function: takes and returns structures of tensors.
        specs: a structure of `Spec` for each argument.
    """
    wanted = keras.tree.map_structure(tensor_spec, specs)
    return tf.function(function, autograph=False).get_concrete_function(*wanted)


def tensor_spec(spec: Spec) -> tf.TensorSpec:
    """`spec` in TensorFlow's terms."""
    return tf.TensorSpec(spec.shape, spec.dtype)


def spec_of_tensor(tensor: Any) -> Spec:
    """Shape and type of a tensor whose rank is known."""
    return Spec(tuple(tensor.shape), tensor.dtype.name)


def is_float(value: Any) -> bool:
    """Whether `value` is a tensor of floats."""
    return isinstance(value, tf.Tensor) and value.dtype.is_floating


def has_channels(value: Any, least_rank: int) -> bool:
    """Whether `value` is a tensor of floats with a known number of channels, of such a rank."""
    rank = value.shape.rank or 0 if is_float(value) else 0
    return rank >= least_rank and (rank > 2 or bool(value.shape[-1]))


def is_readable(value: Any) -> bool:
    """Whether `value` is a tensor of the graph that is being traced.

    It is not where a layer runs inside a `tf.function` or a loop of its own.
    """
    return getattr(value, "graph", None) is tf.compat.v1.get_default_graph()


@dataclass(frozen=True, eq=False)
class Variable:
    """A variable that a traced graph reads, whoever made it.

    Attributes:
        handle: TensorFlow's resource.
        dtype: type of what it holds.
    """

    handle: Any
    dtype: Any

    def value(self) -> Array:
        """What it holds now."""
        value: Array = tf.raw_ops.ReadVariableOp(resource=self.handle, dtype=self.dtype).numpy()
        return value


def variables_behind() -> Callable[[Any], tuple[Variable, ...] | None]:
    """Tells which variables a tensor of the graph that is being traced depends on, if known."""
    graph = tf.compat.v1.get_default_graph()
    handles = [(handle, inside.op) for handle, inside in graph.captures if is_resource(handle)]
    bits = {inside: 1 << i for i, (_, inside) in enumerate(handles)}
    types: dict[Any, list[Any]] = {}
    behind: dict[Any, int] = {}  # the handles behind each operation, one bit each
    for op in graph.get_operations():  # in an order in which each comes after its inputs
        inputs = [*(tensor.op for tensor in op.inputs), *op.control_inputs]
        known = (behind.get(each, -1) for each in inputs)  # -1: all of them
        behind[op] = functools.reduce(operator.or_, known, bits.get(op, 0))
        for tensor in op.inputs:
            if tensor.op in bits:
                reads = op.type in _READS
                types.setdefault(tensor.op, []).append(op.get_attr("dtype") if reads else None)
    variables = {
        inside: Variable(handle, types[inside][0])
        for handle, inside in handles
        if inside in types and None not in types[inside]
    }

    def of_tensor(tensor: Any) -> tuple[Variable, ...] | None:
        needed = [inside for _, inside in handles if behind[tensor.op] & bits[inside]]
        if not all(inside in variables for inside in needed):
            return None  # an operation unknown here may read anything, or write
        return tuple(variables[inside] for inside in needed)

    return of_tensor


def is_resource(tensor: Any) -> bool:
    """Whether `tensor` is the handle of a variable, a table or the like."""
    return bool(tensor.dtype == tf.resource)


def before_activation(tensor: Any, activations: frozenset[str]) -> Any | None:
    """What went into the activation that made `tensor`, in its shape; None if there was none.

    Looks through the traced graph, so it finds an activation however it was written:
    an argument, a layer, or a function call in a subclassed model.

    Args:
        tensor: a tensor of the graph that is being traced.
        activations: which activations count, by TensorFlow's names: "Relu", "Softmax".
    """
    behind = []
    while tensor.op.type in _SHAPING:
        behind.append(tensor.op)
        tensor = tensor.op.inputs[0]
    if tensor.op.type not in activations:
        return None
    return functools.reduce(_repeat, reversed(behind), tensor.op.inputs[0])


def _repeat(tensor: Any, op: tf.Operation) -> Any:
    """Gives `tensor` the shape that `op` gave the activation's result."""
    if op.type == "Transpose":
        return tf.transpose(tensor, op.inputs[1])
    if op.type in ("Reshape", "Squeeze"):
        return tf.ensure_shape(tf.reshape(tensor, tf.shape(op.outputs[0])), op.outputs[0].shape)
    return tensor


def static_value(tensor: Any) -> Array | None:
    """What a tensor of a graph holds, if it is the same whatever the graph is given."""
    value: Array | None = tf.get_static_value(tensor)
    return value


def called(op: tf.Operation) -> Any | None:
    """The graph of the function that `op` calls; None where it cannot be read."""
    try:
        return op.graph._get_function(op.get_attr("f").name).graph  # no public name for it
    except (AttributeError, ValueError):
        return None


def note_bytes_per_row() -> None:
    """Notes how much memory the graph that is being traced takes for one row of a batch so far.

    All that its operations put out counts; no more is held at a time.
    """
    graph = tf.compat.v1.get_default_graph()
    *_, outermost = _outwards(graph)
    outputs = [output for op in graph.get_operations() for output in op.outputs]
    outermost.add_to_collection(_BYTES, sum(map(_bytes_of_row, outputs)))


def noted_bytes_per_row(graph: Any) -> int:
    """The most that was noted while `graph` was traced, in it or in a function inside; else 0."""
    return max(graph.get_collection(_BYTES), default=0)


def _outwards(graph: Any) -> Iterator[Any]:
    """`graph`, that of the function around it, and so on."""
    while hasattr(graph, "outer_graph"):
        yield graph
        graph = graph.outer_graph


def _bytes_of_row(tensor: Any) -> int:
    """0 for a tensor that has no rows."""
    if (tensor.shape.rank or 0) < 2 or tensor.shape[0] is not None:
        return 0
    return int(tensor.dtype.size * np.prod([side or 1 for side in tensor.shape[1:]]))

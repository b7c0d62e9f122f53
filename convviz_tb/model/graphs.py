"""TensorFlow's graphs: tracing one, and reading in it what a tensor was made of."""

import functools
import operator
from collections.abc import Callable, Container, Iterator, Sequence
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
#: What a channel of the result is made of the same channel of one tensor by.
_BY_CHANNEL: Final = {
    *_SHAPING,
    *("Relu", "Relu6", "Elu", "Selu", "LeakyRelu", "Softplus", "Sigmoid", "Tanh", "Erf", "Exp"),
    *("FusedBatchNormV3", "BiasAdd", "AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum"),
    *("MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D", "Pad", "PadV2", "ExpandDims", "IdentityN"),
}
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


def operations() -> Sequence[Any]:
    """The operations of the graph being traced, in an order in which each is behind its inputs."""
    found: Sequence[Any] = tf.compat.v1.get_default_graph().get_operations()
    return found


class Flow:
    """How values flow from the inputs of a model to its outputs, in the graph being traced.

    Paths are counted: a tensor that all of them pass is one that nothing gets around.

    Args:
        inputs: the inputs.
        outputs: the outputs.
    """

    def __init__(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        self._outputs = [output.op for output in outputs]
        every = operations()
        self._from = [_paths_from(tensor.op, every) for tensor in inputs]
        self._to = [_paths_to(op, every) for op in self._outputs]

    def inputs_of(self, tensor: Any) -> tuple[int, ...]:
        """Indices of the inputs that a tensor depends on."""
        return tuple(i for i, paths in enumerate(self._from) if paths.get(tensor.op))

    def outputs_of(self, tensor: Any) -> frozenset[int]:
        """Indices of the outputs that depend on it."""
        return frozenset(i for i, paths in enumerate(self._to) if paths.get(tensor.op))

    def passed_by_all(self, tensor: Any) -> frozenset[int]:
        """Indices of the outputs that depend on its inputs through it alone."""
        sources = [self._from[i] for i in self.inputs_of(tensor)]
        to_it = sum(paths[tensor.op] for paths in sources)
        return frozenset(
            i
            for i in self.outputs_of(tensor)
            if to_it * self._to[i][tensor.op]
            == sum(paths.get(self._outputs[i], 0) for paths in sources)
        )


#: What depends on the shape of a tensor only.
OF_SHAPE: Final = frozenset({"Shape", "ShapeN", "Rank", "Size", "ZerosLike", "OnesLike"})


def _paths_from(source: Any, every: Sequence[Any]) -> dict[Any, int]:
    """How many paths lead from an operation to each other one; none where it is absent."""
    paths = {source: 1}
    for op in every:
        if op is not source and op.type not in OF_SHAPE:
            if count := sum(paths.get(tensor.op, 0) for tensor in op.inputs):
                paths[op] = count
    return paths


def _paths_to(target: Any, every: Sequence[Any]) -> dict[Any, int]:
    """How many paths lead from each operation to one of them."""
    paths = {target: 1}
    for op in reversed(every):
        if op in paths and op.type not in OF_SHAPE:
            for tensor in op.inputs:
                paths[tensor.op] = paths.get(tensor.op, 0) + paths[op]
    return paths


def behind_outputs(outputs: Sequence[Any]) -> set[int]:
    """Ids of the outputs, and of what went into the activations and resizings that made them."""
    found = set()
    for tensor in outputs:
        found.add(id(tensor))
        while tensor.op.type in (*_SHAPING, *_ACTIVATIONS, *_RESIZING):
            tensor = tensor.op.inputs[0]
            found.add(id(tensor))
    return found


_ACTIVATIONS: Final = ("Softmax", "LogSoftmax", "Sigmoid", "Tanh", "Relu")
_RESIZING: Final = ("ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic")


def passed_on(wanted: Container[int]) -> Callable[[Any], Any | None]:
    """Tells which one of some tensors another passes on, channel by channel; None for none.

    As behind a normalisation, a ReLU or a pooling layer; not where two of them have been mixed.

    Args:
        wanted: the `id` of each tensor of the graph that is being traced that counts.
    """
    graph = tf.compat.v1.get_default_graph()
    captured = {inside.op for _, inside in graph.captures}
    data: set[Any] = set()  # the operations that depend on the inputs
    for op in graph.get_operations():
        is_input = op.type == "Placeholder" and op not in captured
        if is_input or any(tensor.op in data for tensor in op.inputs):
            data.add(op)

    def of_tensor(tensor: Any) -> Any | None:
        found, waiting, seen = {}, [tensor], set()
        while waiting:
            tensor = waiting.pop()
            if id(tensor) in wanted:
                found[id(tensor)] = tensor
            elif tensor.op.type not in _BY_CHANNEL:
                return None
            else:
                before = [each for each in tensor.op.inputs if each.op in data and is_float(each)]
                waiting += [each for each in before if id(each) not in seen]
                seen |= {id(each) for each in before}
        return next(iter(found.values())) if len(found) == 1 else None

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
    return next(iter(functions(op, "f")), None)


def functions(op: tf.Operation, *attributes: str) -> list[Any]:
    """The graphs of the functions that attributes of an operation name, as far as they can be read.

    Branches of a condition, say.
    """
    found = []
    for name in attributes:
        try:
            function = op.get_attr(name).name
            found.append(op.graph._get_function(function).graph)  # no public name for it
        except (AttributeError, ValueError):
            continue
    return found


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

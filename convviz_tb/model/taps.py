"""Model -> the layers to watch and their outputs, for any kind of Keras model.

A *tap* is one call of one layer. Its output is read by patching the layer's `call`
on the instance while a `tf.function` traces `model(x, training=False)`: no sub-model
is built, so nested, shared and subclassed models work like flat ones, and the graph
keeps only what the result needs.
"""

import contextlib
import functools
import operator
import weakref
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import keras
import tensorflow as tf

from convviz_tb.model.stateless import without_effects

DEPTHWISE = (
    keras.layers.DepthwiseConv1D,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv1D,
    keras.layers.SeparableConv2D,
)
CONVOLUTIONS = (
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
    *DEPTHWISE,
)


@dataclass(frozen=True, eq=False)
class Tap:
    """One call of one layer.

    Attributes:
        order: position in the order of execution.
        path: name within the model, `"vgg16/block5_conv3"`; with `:0`, `:1`, ... behind
            it where the same path is called more than once.
        layer: the layer itself.
        call: which of the layer's calls, from 0.
        shape: output shape without the batch axis, channels last.
        channels_first: whether the layer puts its channels before the positions.
        is_output: whether the model gives this very tensor away.
        variables: handles and types of the variables that the output depends on; None where that
            cannot be told.
    """

    order: int
    path: str
    layer: keras.layers.Layer
    call: int
    shape: tuple[int | None, ...]
    channels_first: bool
    is_output: bool
    variables: tuple[tuple[Any, Any], ...] | None = field(default=None, repr=False)

    @property
    def class_name(self) -> str:
        return type(self.layer).__name__

    @property
    def filters(self) -> int:
        return int(self.shape[-1] or 0)

    @property
    def is_convolution(self) -> bool:
        """Whether it is a convolution over more than one position."""
        return isinstance(self.layer, CONVOLUTIONS) and self.shape[:-1] != (1,) * (
            len(self.shape) - 1
        )


#: Names, slash paths or layer objects; one of them or several.
Layer: TypeAlias = "str | keras.layers.Layer"
Layers: TypeAlias = "Layer | Sequence[Layer]"


@dataclass(frozen=True, eq=False)
class _Call:
    """A call of a layer, as seen while the model was traced."""

    layer: keras.layers.Layer
    index: int
    shape: tf.TensorShape
    is_output: bool
    variables: tuple[tuple[Any, Any], ...] | None


def survey(model: keras.Model, spec: Any, units: bool = False) -> list[Tap]:
    """Every tap of `model` that has positions and channels, in the order of execution.

    Args:
        model: a built Keras model.
        spec: structure of tensor specs to trace it with, see `inputs.py`.
        units: whether taps that have channels only count, too, such as those of dense layers.
    """
    paths = {id(layer): (path, layer) for path, layer in _walk(model)}
    layers = [layer for _, layer in paths.values()]
    found: list[_Call] = []

    def trace(inputs: Any) -> None:
        with recording(layers) as calls:
            outputs = [id(output) for output in tf.nest.flatten(model(inputs, training=False))]
        variables = _variables_behind(tf.compat.v1.get_default_graph())
        # TensorFlow traces once more where the first time made a variable, as Keras' own source of
        # random numbers is at its first use: the last time counts.
        found[:] = (
            _Call(layer, index, output.shape, id(output) in outputs, variables(output.op))
            for layer, index, output in calls
            if _is_map(output, 2 if units else 3) and _is_here(output)
        )

    tf.function(trace, autograph=False).get_concrete_function(spec)  # kept by nobody
    return _name_taps(found, {key: path for key, (path, _) in paths.items()})


def _variables_behind(graph: Any) -> Callable[[Any], tuple[tuple[Any, Any], ...] | None]:
    """For an operation of a traced graph: the variables that its result depends on, if known."""
    handles = [(handle, inside.op) for handle, inside in graph.captures if _is_resource(handle)]
    bits = {inside: 1 << i for i, (_, inside) in enumerate(handles)}
    types: dict[Any, list[Any]] = {}
    behind: dict[Any, int] = {}  # the handles behind each operation, one bit each
    for op in graph.get_operations():  # in an order in which each comes after its inputs
        inputs = [*(tensor.op for tensor in op.inputs), *op.control_inputs]
        found = (behind.get(each, -1) for each in inputs)  # -1: all of them
        behind[op] = functools.reduce(operator.or_, found, bits.get(op, 0))
        for tensor in op.inputs:
            if tensor.op in bits:
                reads = op.type in _READS
                types.setdefault(tensor.op, []).append(op.get_attr("dtype") if reads else None)

    def variables(op: Any) -> tuple[tuple[Any, Any], ...] | None:
        needed = [
            (handle, types[inside]) for handle, inside in handles if behind[op] & bits[inside]
        ]
        if any(None in read_as for _, read_as in needed):
            return None  # something we do not know may read anything, or write
        return tuple((handle, read_as[0]) for handle, read_as in needed)

    return variables


_READS: Final = ("ReadVariableOp", "ResourceGather", "ResourceGatherNd")


def _is_resource(tensor: Any) -> bool:
    return bool(tensor.dtype == tf.resource)


def _is_float(output: Any) -> bool:
    return isinstance(output, tf.Tensor) and output.dtype.is_floating


def _is_map(output: Any, least_rank: int) -> bool:
    return _is_float(output) and (output.shape.rank or 0) >= least_rank and output.shape[-1]


def _is_here(output: Any) -> bool:
    """Whether it can be read: a layer may run inside a tf.function or a loop of its own."""
    return getattr(output, "graph", None) is tf.compat.v1.get_default_graph()


def _name_taps(found: Sequence[_Call], paths: dict[int, str]) -> list[Tap]:
    names = [paths[id(call.layer)] for call in found]
    seen: dict[str, int] = {}
    taps, channels_first = [], keras.config.image_data_format() == "channels_first"
    for order, (name, call) in enumerate(zip(names, found, strict=True)):
        nth = seen[name] = seen.get(name, -1) + 1
        channels_first = _channels_first(call.layer, default=channels_first)
        sizes = call.shape.as_list()[1:]
        taps.append(
            Tap(
                order=order,
                path=f"{name}:{nth}" if names.count(name) > 1 else name,
                layer=call.layer,
                call=call.index,
                shape=tuple(sizes[1:] + sizes[:1] if channels_first else sizes),
                channels_first=channels_first,
                is_output=call.is_output,
                variables=call.variables,
            )
        )
    return taps


def _channels_first(layer: keras.layers.Layer, default: bool) -> bool:
    """A layer without a say of its own keeps the order of the layer before it."""
    data_format = getattr(layer, "data_format", None)
    return default if data_format is None else data_format == "channels_first"


def _walk(
    container: keras.layers.Layer, prefix: str = ""
) -> Iterator[tuple[str, keras.layers.Layer]]:
    # No public name lists the layers inside a layer that is not a model.
    for layer in container._flatten_layers(include_self=False, recursive=False):
        path = prefix + layer.name
        yield path, layer
        yield from _walk(layer, path + "/")


@contextlib.contextmanager
def recording(
    layers: Iterable[keras.layers.Layer], watch: Callable[[Any], object] = lambda output: None
) -> Iterator[list[tuple[keras.layers.Layer, int, Any]]]:
    """Collects `(layer, call, output)` of each call of `layers` while a model is traced.

    `watch` sees each output at once, before later layers use it. What layers would do to the model
    beside that (draw from a seed generator, count, add a loss) is left out of the graph.
    """
    calls: list[tuple[keras.layers.Layer, int, Any]] = []
    counts: dict[int, int] = {}

    def patched(layer: keras.layers.Layer, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            output = original(*args, **kwargs)
            counts[id(layer)] = counts.get(id(layer), -1) + 1
            calls.append((layer, counts[id(layer)], output))
            if _is_float(output):
                watch(output)
            return output

        return call

    with keras.StatelessScope(), contextlib.ExitStack() as restore:
        for layer in {id(layer): layer for layer in layers}.values():
            # Through __dict__, past Keras' attribute tracking: nothing of it may stay.
            restore.callback(_restore, layer, layer.__dict__.get("call"))
            layer.__dict__["call"] = patched(layer, layer.call)
        yield calls


def _restore(layer: keras.layers.Layer, call: Callable[..., Any] | None) -> None:
    if call is None:
        del layer.__dict__["call"]
    else:
        layer.__dict__["call"] = call


def outputs_of(
    calls: Iterable[tuple[keras.layers.Layer, int, Any]], taps: Sequence[Tap]
) -> list[Any]:
    """The recorded output of each tap, in the order of `taps`.

    Raises:
        ValueError: a tap's layer ran inside a graph of its own, out of reach.
    """
    by_call = {(id(layer), call): output for layer, call, output in calls}
    outputs = [by_call.get((id(tap.layer), tap.call)) for tap in taps]
    for tap, output in zip(taps, outputs, strict=True):
        if output is None or not _is_here(output):
            raise ValueError(
                f"layers: {tap.path!r} is not part of the model any more, or runs inside a "
                "tf.function or loop of its own, where its output cannot be read. "
                "Name another layer."
            )
    return outputs


def channels_last(output: Any, tap: Tap) -> Any:
    """`output` in float32 with its channels on the last axis."""
    output = tf.cast(output, tf.float32)
    if not tap.channels_first:
        return output
    rank = output.shape.rank
    return tf.transpose(output, [0, *range(2, rank), 1])


_SHAPING: Final = ("Identity", "Cast", "Reshape", "Squeeze", "Transpose")


def before_activation(tensor: Any, activations: frozenset[str]) -> Any | None:
    """What went into the activation that made `tensor`, in its shape; None if there was none.

    Looks through the traced graph, so it finds an activation however it was written:
    an argument, a layer, or a function call in a subclassed model.
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


_graphs: "weakref.WeakKeyDictionary[keras.Model, dict[Hashable, Any]]" = weakref.WeakKeyDictionary()


def traced(model: keras.Model, key: Hashable, function: Callable[..., Any], *spec: Any) -> Any:
    """The graph of `function`, traced once per model and `key`.

    The graph reads the model's variables where they are, so it stays right while they
    train; it is traced anew when the model has got other variables.
    """
    graphs = _graphs.setdefault(model, {})
    key = (key, tuple(id(variable) for variable in model.variables))
    if key not in graphs:
        traced = tf.function(function, autograph=False).get_concrete_function(*spec)
        graphs[key] = without_effects(traced)
    return graphs[key]

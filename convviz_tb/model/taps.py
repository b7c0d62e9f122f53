"""Taps: the calls of layers in a model of any kind, and the recording of their outputs.

The operations of a functional model count as layers: `x + y` is one there, without weights.

A *tap* is one call of one layer. Its output is read by patching the layer's `call`
on the instance while `model(x, training=False)` is traced: no sub-model
is built, so nested, shared and subclassed models work like flat ones, and the graph
keeps only what the result needs.
"""

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import keras

from convviz_tb.model import graphs, kernels
from convviz_tb.model.geometry import Front, Geometry, Sight
from convviz_tb.model.graph_cache import forget_outdated
from convviz_tb.model.stateless import without_effects
from convviz_tb.model.supported import calling


@dataclass(frozen=True, eq=False)
class Tap:
    """One call of one layer.

    Attributes:
        order: position in the order of execution.
        path: name within the model, `"vgg16/block5_conv3"`; with `:0`, `:1`, ... behind
            it where the same path is called more than once.
        layer: the layer itself, or the operation.
        call: which of the layer's calls, from 0.
        shape: output shape without the batch axis, channels last.
        channels_first: whether the layer puts its channels before the positions.
        is_output: whether its output is an output of the model, or becomes one by an activation
            or a resizing alone.
        inputs: indices of the model's flat inputs that the output depends on.
        outputs: indices of the model's flat outputs that depend on it.
        sole_path_to: of these, those that depend on the same inputs through it alone.
        sight: where its output lies, as far as the graph tells.
        fronts: what became of the inputs where the first convolutions take them.
        variables: the variables that the output depends on; None where that is not known.
        feeder: of a layer without a kernel, the one whose filters it passes on, if there is one.
        within: the model that the layer is in.
    """

    order: int
    path: str
    layer: keras.Operation
    call: int
    shape: tuple[int | None, ...]
    channels_first: bool
    is_output: bool
    inputs: tuple[int, ...] = (0,)
    outputs: frozenset[int] = frozenset({0})
    sole_path_to: frozenset[int] = frozenset({0})
    sight: Sight | None = field(default=None, repr=False)
    fronts: "Fronts | None" = field(default=None, repr=False)
    variables: tuple[graphs.Variable, ...] | None = field(default=None, repr=False)
    feeder: keras.layers.Layer | None = field(default=None, repr=False)
    within: keras.layers.Layer | None = field(default=None, repr=False)

    @property
    def kernel(self) -> kernels.Array | None:
        """The weights of each filter, also of a layer that passes them on, as a ReLU does."""
        rows = kernels.kernel(self.feeder or self.layer)
        return rows if rows is not None and len(rows) == self.filters else None

    @property
    def is_trainable(self) -> bool:
        """Whether its filters were not frozen."""
        return bool(getattr(self.feeder or self.layer, "trainable", self._default("trainable")))

    @property
    def compute_dtype(self) -> str:
        """What it computes in."""
        return str(getattr(self.layer, "compute_dtype", self._default("compute_dtype")))

    def _default(self, name: str) -> Any:
        """What an operation has of the model that it is in."""
        return getattr(self.within, name, None)

    @property
    def class_name(self) -> str:
        return type(self.layer).__name__

    @property
    def filters(self) -> int:
        return int(self.shape[-1] or 0)

    @property
    def is_convolution(self) -> bool:
        """Whether it is a convolution over more than one position."""
        return isinstance(self.layer, kernels.CONVOLUTIONS) and self.shape[:-1] != (1,) * (
            len(self.shape) - 1
        )


@dataclass(frozen=True, eq=False)
class Fronts:
    """What goes into the first convolutions or poolings of a model.

    Attributes:
        function: maps what the model takes to them, one after the other; it changes nothing.
        ends: what is known of each.
    """

    function: Callable[[Any], Sequence[Any]]
    ends: Sequence[Front]


#: Names, slash paths or layer objects; one of them or several.
Layer: TypeAlias = "str | keras.layers.Layer"
Layers: TypeAlias = "Layer | Sequence[Layer]"


@dataclass(frozen=True, eq=False)
class _Call:
    """A call of a layer, as seen while the model was traced."""

    layer: keras.Operation
    index: int
    shape: tuple[int | None, ...]
    flow: dict[str, Any]


def survey(model: keras.Model, spec: Any, units: bool = False) -> list[Tap]:
    """Every tap of `model` that has positions and channels, in the order of execution.

    Graphs of it that are kept from before it was changed are dropped, see `graph_cache.py`.

    Args:
        model: a built Keras model.
        spec: structure of `Spec` to trace it with, see `inputs.py`.
        units: whether taps without positions, such as those of dense layers, count as well.
    """
    forget_outdated(model)
    found = {id(each): (path, each, within) for path, each, within in _walk(model)}
    layers = [layer for _, layer, _ in found.values()]
    seen: list[_Call] = []
    fronts: list[Front] = []

    def find(inputs: Any) -> list[Any]:
        with recording(layers) as calls, calling(model):
            outputs = keras.tree.flatten(model(inputs, training=False))
        geometry = Geometry(keras.tree.flatten(inputs))
        made_by = {id(output): layer for layer, _, output in calls if kernels.has_kernel(layer)}
        flow_of = _flow(keras.tree.flatten(inputs), outputs, geometry, made_by)
        # TensorFlow traces once more where the first time made a variable, as Keras' own source of
        # random numbers is at its first use: the last time counts.
        seen[:] = (
            _Call(layer, index, tuple(output.shape), flow_of(output))
            for layer, index, output in calls
            if graphs.has_channels(output, least_rank=2 if units else 3)
            and graphs.is_readable(output)
        )
        fronts[:] = geometry.fronts
        return [front.window.tensor for front in fronts]

    function = without_effects(graphs.trace(find, spec))
    known = {key: (path, within) for key, (path, _, within) in found.items()}
    return _name_taps(seen, known, Fronts(function, fronts))


def _flow(
    inputs: Sequence[Any],
    outputs: Sequence[Any],
    geometry: Geometry,
    made_by: Mapping[int, keras.layers.Layer],
) -> Callable[[Any], dict[str, Any]]:
    """Tells what a tensor of the graph being traced has to do with its inputs and outputs."""
    outputs = [output for output in outputs if graphs.is_readable(output)]
    flow, variables = graphs.Flow(inputs, outputs), graphs.variables_behind()
    last, passed_on = graphs.behind_outputs(outputs), graphs.passed_on(made_by)
    return lambda tensor: {
        "is_output": id(tensor) in last,
        "inputs": flow.inputs_of(tensor),
        "outputs": flow.outputs_of(tensor),
        "sole_path_to": flow.passed_by_all(tensor),
        "sight": geometry.of(tensor),
        "variables": variables(tensor),
        "feeder": made_by.get(id(passed_on(tensor))),
    }


def _name_taps(
    calls: Sequence[_Call], known: Mapping[int, tuple[str, keras.layers.Layer]], fronts: Fronts
) -> list[Tap]:
    names = [known[id(call.layer)][0] for call in calls]
    seen: dict[str, int] = {}
    taps, channels_first = [], keras.config.image_data_format() == "channels_first"
    for order, (name, call) in enumerate(zip(names, calls, strict=True)):
        nth = seen[name] = seen.get(name, -1) + 1
        channels_first = _channels_first(call.layer, default=channels_first)
        sizes = call.shape[1:]
        taps.append(
            Tap(
                order=order,
                path=f"{name}:{nth}" if names.count(name) > 1 else name,
                layer=call.layer,
                call=call.index,
                shape=(*sizes[1:], sizes[0]) if channels_first else sizes,
                channels_first=channels_first,
                fronts=fronts,
                within=known[id(call.layer)][1],
                **call.flow,
            )
        )
    return taps


def _channels_first(layer: keras.Operation, default: bool) -> bool:
    """A layer without a `data_format` has the order of the layer before it."""
    data_format = getattr(layer, "data_format", None)
    return default if data_format is None else data_format == "channels_first"


def _walk(
    container: keras.layers.Layer, prefix: str = ""
) -> Iterator[tuple[str, keras.Operation, keras.layers.Layer]]:
    """The layers of a model by path, at any depth, and its operations, each with what it is in."""
    # No public name lists the layers inside a layer that is not a model.
    for layer in container._flatten_layers(include_self=False, recursive=False):
        path = prefix + layer.name
        yield path, layer, container
        yield from _walk(layer, path + "/")
    for name, operation in _operations(container):
        yield prefix + name, operation, container


def _operations(container: keras.layers.Layer) -> Iterator[tuple[str, keras.Operation]]:
    """The operations of a functional model that are no layers: `op_add_0` is its first addition.

    Keras' own names of them count all that were ever made in a process.
    """
    counts: dict[str, int] = {}
    for operation in getattr(container, "operations", ()):
        if not isinstance(operation, keras.layers.Layer):
            kind = type(operation).__name__.lower()
            counts[kind] = counts.get(kind, -1) + 1
            yield f"op_{kind}_{counts[kind]}", operation


@contextlib.contextmanager
def recording(
    layers: Iterable[keras.Operation],
    watch: Callable[[keras.Operation, int, Any], object] = lambda *call: None,
) -> Iterator[list[tuple[keras.Operation, int, Any]]]:
    """Collects `(layer, call, output)` of each call of `layers` while a model is traced.

    `watch` gets each of them at once, before later layers use the output. Side effects of layers
    (drawing from a seed generator, counting, adding a loss) are left out of the graph.
    """
    calls: list[tuple[keras.Operation, int, Any]] = []
    counts: dict[int, int] = {}

    def patched(layer: keras.Operation, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            output = original(*args, **kwargs)
            counts[id(layer)] = counts.get(id(layer), -1) + 1
            calls.append((layer, counts[id(layer)], output))
            watch(*calls[-1])
            return output

        return call

    with keras.StatelessScope(), contextlib.ExitStack() as restore:
        for layer in {id(layer): layer for layer in layers}.values():
            # Through __dict__, past Keras' attribute tracking: nothing of it may stay.
            restore.callback(_restore, layer, layer.__dict__.get("call"))
            layer.__dict__["call"] = patched(layer, layer.call)
        yield calls


def _restore(layer: keras.Operation, call: Callable[..., Any] | None) -> None:
    if call is None:
        del layer.__dict__["call"]
    else:
        layer.__dict__["call"] = call


def outputs_of(calls: Iterable[tuple[keras.Operation, int, Any]], taps: Sequence[Tap]) -> list[Any]:
    """The recorded output of each tap, in the order of `taps`.

    Raises:
        ValueError: a tap's layer ran inside a graph of its own, out of reach.
    """
    by_call = {(id(layer), call): output for layer, call, output in calls}
    outputs = [by_call.get((id(tap.layer), tap.call)) for tap in taps]
    for tap, output in zip(taps, outputs, strict=True):
        if output is None or not graphs.is_readable(output):
            raise ValueError(
                f"layers: {tap.path!r} is not part of the model any more, or runs inside a "
                "tf.function or loop of its own, where its output cannot be read. "
                "Name another layer."
            )
    return outputs


def channels_last(output: Any, tap: Tap) -> Any:
    """`output` in float32 with its channels on the last axis."""
    output = keras.ops.cast(output, "float32")
    if not tap.channels_first:
        return output
    return keras.ops.transpose(output, [0, *range(2, len(output.shape)), 1])

"""Model -> the layers to watch and their outputs, for any kind of Keras model.

A *tap* is one call of one layer. Its output is read by patching the layer's `call`
on the instance while a `tf.function` traces `model(x, training=False)`: no sub-model
is built, so nested, shared and subclassed models work like flat ones, and the graph
keeps only what the result needs.
"""

import contextlib
import difflib
import functools
import weakref
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras
import tensorflow as tf

CONVOLUTIONS = (
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
    keras.layers.DepthwiseConv1D,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv1D,
    keras.layers.SeparableConv2D,
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
    """

    order: int
    path: str
    layer: keras.layers.Layer
    call: int
    shape: tuple[int | None, ...]
    channels_first: bool

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


#: Names, slash paths, layer objects or taps; one of them or several.
Layer: TypeAlias = "str | keras.layers.Layer | Tap"
Layers: TypeAlias = "Layer | Sequence[Layer]"


def survey(model: keras.Model, spec: Any) -> list[Tap]:
    """Every tap of `model` that has positions and channels, in the order of execution.

    Args:
        model: a built Keras model.
        spec: structure of tensor specs to trace it with, see `inputs.py`.
    """
    paths = {id(layer): (path, layer) for path, layer in _walk(model)}
    layers = [layer for _, layer in paths.values()]

    def trace(inputs: Any) -> list[tuple[keras.layers.Layer, int, tf.TensorShape]]:
        with recording(layers) as calls:
            model(inputs, training=False)
        return [(layer, index, output.shape) for layer, index, output in calls if _is_map(output)]

    found = _trace_only(trace, spec)
    return _name_taps(found, {key: path for key, (path, _) in paths.items()})


def _trace_only(trace: Callable[[Any], Any], spec: Any) -> Any:
    """Runs `trace` on symbolic tensors, keeping what it returns but not its graph."""
    kept = []

    def run(inputs: Any) -> None:
        kept.append(trace(inputs))

    tf.function(run, autograph=False).get_concrete_function(spec)
    return kept[-1]


def _is_float(output: Any) -> bool:
    return isinstance(output, tf.Tensor) and output.dtype.is_floating


def _is_map(output: Any) -> bool:
    return _is_float(output) and (output.shape.rank or 0) >= 3


def _name_taps(found: Iterable[Any], paths: dict[int, str]) -> list[Tap]:
    found = list(found)
    names = [paths[id(layer)] for layer, _, _ in found]
    seen: dict[str, int] = {}
    taps, channels_first = [], keras.config.image_data_format() == "channels_first"
    for order, (name, (layer, call, shape)) in enumerate(zip(names, found, strict=True)):
        nth = seen[name] = seen.get(name, -1) + 1
        channels_first = _channels_first(layer, default=channels_first)
        sizes = shape.as_list()[1:]
        taps.append(
            Tap(
                order=order,
                path=f"{name}:{nth}" if names.count(name) > 1 else name,
                layer=layer,
                call=call,
                shape=tuple(sizes[1:] + sizes[:1] if channels_first else sizes),
                channels_first=channels_first,
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


def choose(taps: Sequence[Tap], layers: Layers) -> list[Tap]:
    """The taps that `layers` names, in network order.

    Args:
        taps: all taps of the model, from `survey`.
        layers: a name, a path, a layer object, or several of them. A name may leave out
            the front of the path as long as one tap fits.

    Raises:
        ValueError: a name fits no tap or several; the message lists the nearest.
    """
    wanted = [layers] if isinstance(layers, (str, keras.layers.Layer, Tap)) else list(layers)
    if not wanted:
        raise ValueError('layers: received an empty list. Name at least one layer, or "auto".')
    chosen = {_resolve(taps, layer).path for layer in wanted}
    return [tap for tap in taps if tap.path in chosen]


def _resolve(taps: Sequence[Tap], layer: Layer) -> Tap:
    if isinstance(layer, Tap):
        layer = layer.path
    if isinstance(layer, keras.layers.Layer):
        fits = [tap for tap in taps if tap.layer is layer]
        name = layer.name
    elif isinstance(layer, str):
        name = layer
        fits = [tap for tap in taps if tap.path == name]
        fits = fits or [tap for tap in taps if ("/" + tap.path).endswith("/" + name)]
        fits = fits or [tap for tap in taps if _without_call(tap.path).endswith("/" + name)]
    else:
        raise ValueError(
            f"layers: received {layer!r}. "
            "Give names, paths such as 'vgg16/block5_conv3', or layer objects."
        )
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise ValueError(
            f"layers: {name!r} fits several layers: {_listed(fits)}. Name one by its path."
        )
    raise ValueError(
        f"layers: no layer {name!r} with feature maps in this model. "
        f"Nearest: {_listed(_nearest(taps, name))}."
    )


def _without_call(path: str) -> str:
    return "/" + path.rpartition(":")[0] if ":" in path else ""


def _nearest(taps: Sequence[Tap], name: str) -> list[Tap]:
    by_tail = {tap.path.rpartition("/")[2]: tap for tap in taps}
    by_path = {tap.path: tap for tap in taps}
    close = difflib.get_close_matches(name, by_path, n=4, cutoff=0.5)
    close_tails = difflib.get_close_matches(name.rpartition("/")[2], by_tail, n=4, cutoff=0.5)
    found = [by_path[path] for path in close] + [by_tail[tail] for tail in close_tails]
    return list(dict.fromkeys(found))[:4] or [tap for tap in taps if tap.is_convolution][-4:]


def _listed(taps: Iterable[Tap]) -> str:
    return ", ".join(repr(tap.path) for tap in taps)


def convolutions(taps: Sequence[Tap]) -> list[Tap]:
    """The convolutions among `taps`.

    Raises:
        ValueError: there is none.
    """
    found = [tap for tap in taps if tap.is_convolution]
    if not found:
        raise ValueError(
            'layers: "auto" found no convolution in this model. '
            f"Layers with feature maps: {_listed(taps) or 'none'}."
        )
    return found


@contextlib.contextmanager
def recording(
    layers: Iterable[keras.layers.Layer], watch: Callable[[Any], object] = lambda output: None
) -> Iterator[list[tuple[keras.layers.Layer, int, Any]]]:
    """Collects `(layer, call, output)` of each call of `layers` while a model is traced.

    `watch` sees each output at once, before later layers use it.
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

    with contextlib.ExitStack() as restore:
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
    here = tf.compat.v1.get_default_graph()
    for tap, output in zip(taps, outputs, strict=True):
        if output is None or getattr(output, "graph", here) is not here:
            raise ValueError(
                f"layers: {tap.path!r} runs inside a tf.function or loop of its own, "
                "where its output cannot be read. Name a layer outside of it."
            )
    return outputs


def channels_last(output: Any, tap: Tap) -> Any:
    """`output` in float32 with its channels on the last axis."""
    output = tf.cast(output, tf.float32)
    if not tap.channels_first:
        return output
    rank = output.shape.rank
    return tf.transpose(output, [0, *range(2, rank), 1])


def before_activation(tensor: Any, activations: frozenset[str]) -> Any | None:
    """The tensor that went into the activation that made `tensor`; None if there was none.

    Looks through the traced graph, so it finds an activation however it was written:
    an argument, a layer, or a function call in a subclassed model.
    """
    while tensor.op.type in ("Identity", "Cast", "Reshape", "Squeeze"):
        tensor = tensor.op.inputs[0]
    return tensor.op.inputs[0] if tensor.op.type in activations else None


_graphs: "weakref.WeakKeyDictionary[keras.Model, dict[Hashable, Any]]" = weakref.WeakKeyDictionary()


def traced(model: keras.Model, key: Hashable, function: Callable[..., Any], *spec: Any) -> Any:
    """The graph of `function`, traced once per model and `key`.

    The graph reads the model's variables where they are, so it stays right while they
    train; it is traced anew when the model has got other variables.
    """
    graphs = _graphs.setdefault(model, {})
    key = (key, tuple(id(variable) for variable in model.variables))
    if key not in graphs:
        graphs[key] = tf.function(function, autograph=False).get_concrete_function(*spec)
    return graphs[key]

"""Cache of traced graphs: kept for each model, until what a graph holds fixed has changed.

Weights are not fixed, a graph reads them where they are. Fixed are the layers and their settings:
an activation, a stride, a flag that a `call` of the user's own reads.
"""

import weakref
from collections.abc import Hashable, Iterator
from typing import Any, Final

import keras
import numpy as np

_PLAIN: Final = (bool, int, float, complex, str, bytes, type(None))
_DEEPEST: Final = 4
_MOST_BYTES: Final = 2**16  # of an array; a larger one counts by what object it is

_kept: "weakref.WeakKeyDictionary[keras.Model, tuple[Hashable, dict[Hashable, Any]]]"
_kept = weakref.WeakKeyDictionary()


def graphs_of(model: keras.Model) -> dict[Hashable, Any]:
    """The graphs that are kept for a model, by their keys; to be added to."""
    if model not in _kept:
        _kept[model] = (structure(model), {})
    return _kept[model][1]


def forget_outdated(model: keras.Model) -> None:
    """Drops the graphs of a model that has been changed since they were traced."""
    if model in _kept and _kept[model][0] != structure(model):
        del _kept[model]


def structure(model: keras.Model) -> Hashable:
    """Equal for a model whose traced graphs are still right.

    Its layers with their settings, and what it was compiled with: Keras itself traces anew then.
    """
    compiled = (id(getattr(model, "optimizer", None)), id(getattr(model, "_compile_loss", None)))
    layers = tuple(map(_of_layer, [model, *model._flatten_layers(include_self=False)]))
    return (compiled, layers)


def _of_layer(layer: keras.layers.Layer) -> Hashable:
    policy = getattr(layer, "dtype_policy", None)
    return (id(layer), getattr(policy, "name", None), tuple(_settings(layer)))


def _settings(layer: keras.layers.Layer) -> Iterator[tuple[str, Hashable]]:
    """What its class or its user has set on a layer, as far as it can be compared.

    Private names only of the user's own classes: those of Keras' are its book-keeping.
    """
    is_own = not type(layer).__module__.startswith(("keras.", "tensorflow."))
    for name, value in sorted(vars(layer).items()):
        is_private = name.startswith("_") and (not is_own or name.startswith(_BOOKS))
        if name not in _KERAS_OWN and not is_private and not name.startswith("stop_"):
            yield name, _comparable(value)


def _comparable(value: Any, depth: int = 0) -> Hashable:
    if isinstance(value, _PLAIN):
        return (type(value).__name__, value)
    if isinstance(value, (np.ndarray, np.generic)):
        is_small = value.nbytes <= _MOST_BYTES and value.dtype.kind != "O"
        return (value.shape, value.tobytes()) if is_small else id(value)
    if isinstance(value, (list, tuple)) and depth < _DEEPEST:
        return tuple(_comparable(each, depth + 1) for each in value)
    if isinstance(value, dict) and depth < _DEEPEST:
        return tuple((repr(key), _comparable(each, depth + 1)) for key, each in value.items())
    return id(value) if callable(value) else type(value).__qualname__


_BOOKS: Final = ("_self_", "_compile", "_eval_", "_tracker", "_callbacks")


def _own_names() -> frozenset[str]:
    """Attributes that every layer and model has."""
    functions = (f"{name}_function" for name in ("train", "test", "predict", "make_train"))
    bare = (keras.layers.Layer(), keras.Sequential(), keras.Model())
    return frozenset(("history", "_in_pipeline_execution", "call", *functions)).union(
        *map(vars, bare)
    )


_KERAS_OWN: Final = _own_names()

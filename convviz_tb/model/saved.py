"""Saved models: the file of a model, or of its weights -> a Keras model with these weights."""

import importlib
import os
import re
import sys
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import keras

#: Makes the model that weights belong to: a function, or where it is, as `module:function`.
Builder: TypeAlias = str | Callable[[], keras.Model]

#: How the name of a file with a whole model ends, and of one with weights alone.
OF_MODEL: Final = (".keras", ".h5", ".hdf5")
OF_WEIGHTS: Final = ".weights.h5"
_ENDPOINTS: Final = ("serve", "serving_default")


def load_saved(
    path: str, builder: Builder | None = None, like: keras.Model | None = None
) -> keras.Model:
    """The model in a file, uncompiled.

    Args:
        path: a `.keras` or `.h5` file, a `.weights.h5` file, or the folder of a SavedModel.
        builder: makes the model that the weights are loaded into.
        like: a model of an earlier file. If it has the same architecture it gets the weights and
            is returned: what was traced of it is used again.

    Raises:
        ValueError: the file is not there or cannot be read, or is no model.
    """
    if path.endswith(OF_WEIGHTS) and builder is None:
        raise ValueError(f"builder: {path!r} holds weights only; name what makes the model.")
    try:
        if is_saved_model(path):
            loaded = _from_saved_model(path)
        elif builder is not None:
            return _with_weights(path, like or built(builder))
        else:
            loaded = keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras, h5py and zipfile raise whatever a broken file makes of them
        told = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ValueError(f"checkpoints: {path!r} cannot be loaded: {told}") from error
    if like is None or _architecture(like) != _architecture(loaded):
        return loaded
    return _updated(like, loaded)


def is_saved_model(path: str) -> bool:
    """Whether a path is the folder of a SavedModel."""
    return os.path.isfile(os.path.join(path, "saved_model.pb"))


def built(builder: Builder) -> keras.Model:
    """The model that a builder makes.

    Raises:
        ValueError: there is no such function, or what it returns is no Keras model.
    """
    model = (_imported(builder) if isinstance(builder, str) else builder)()
    if not isinstance(model, keras.Model):
        raise ValueError(f"builder: received {type(model).__name__} from it; a built Keras model.")
    return model


def _imported(name: str) -> Callable[[], Any]:
    module, _, function = name.partition(":")
    if not re.fullmatch(r"[\w.]+:[\w.]+", name):
        raise ValueError(f"builder: received {name!r}; as in 'my_package.models:build'.")
    if os.getcwd() not in sys.path:  # a console script does not look where it was called
        sys.path.insert(0, os.getcwd())
    try:
        found: Any = importlib.import_module(module)
        for part in function.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"builder: {name!r} cannot be imported: {error}") from error
    if not callable(found):
        raise ValueError(f"builder: {name!r} is no function.")
    return found  # type: ignore[no-any-return]


def _with_weights(path: str, model: keras.Model) -> keras.Model:
    model.load_weights(path)
    return model


def _from_saved_model(path: str) -> keras.Model:
    """A SavedModel as a model of one layer: of what is in it, Keras knows nothing."""
    for endpoint in _ENDPOINTS:
        try:
            layer = keras.layers.TFSMLayer(path, call_endpoint=endpoint, name="saved_model")
            break
        except ValueError as error:
            missing = error
    else:
        raise missing
    function = layer.call_endpoint_fn
    signature = getattr(function, "structured_input_signature", None)
    if signature is None:
        signature = function.concrete_functions[0].structured_input_signature
    specs = keras.tree.flatten(signature)
    inputs = [keras.Input(spec.shape[1:], dtype=spec.dtype.name) for spec in specs]
    outputs = keras.tree.flatten(layer(inputs[0] if len(inputs) == 1 else inputs))
    return keras.Model(inputs, outputs)


def _architecture(model: keras.Model) -> str:
    """What two models share whose weights fit each other; layers may be frozen or not.

    A SavedModel names its own folder.
    """
    try:
        config = re.sub(r'"(trainable|filepath)": ("[^"]*"|true|false)', "", model.to_json())
    except Exception:  # a subclass that cannot say what it is
        config = type(model).__qualname__
    return config + repr([(weight.path, tuple(weight.shape)) for weight in model.weights])


def _updated(model: keras.Model, loaded: keras.Model) -> keras.Model:
    """`model` with the weights of another, and the same layers frozen."""
    model.set_weights(loaded.get_weights())
    pairs = zip(model._flatten_layers(), loaded._flatten_layers(), strict=True)
    for own, other in pairs:  # containers come before their layers, and set those too
        own.trainable = other.trainable
    return model

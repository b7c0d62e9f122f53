"""Partial runs of a model: only as far as one of its layers, on pictures of any size.

What comes behind the layer need not fit: the run ends where the layer has put out its result. What
a model says about the size of its input does not count; a layer that depends on it raises.
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from convviz_tb.model import graphs
from convviz_tb.model.inputs import PictureInput, Spec
from convviz_tb.model.taps import Tap, channels_last, outputs_of, recording


class _Reached(BaseException):
    """Ends a run; no `except Exception` of a layer's or of Keras' own may stop it."""


def record_up_to(model: keras.Model, taps: Sequence[Tap], inputs: Any) -> list[Any]:
    """Runs a model while it is traced, as far as the last of some layers, and records these.

    Args:
        model: a built Keras model; it is not changed.
        taps: the layers.
        inputs: what the model takes; pictures may be of another size.

    Returns:
        The activations of each tap: float32, channels last.

    Raises:
        ValueError: a layer ran inside a graph of its own, out of reach; or a layer before it
            cannot take pictures of this size (other errors are possible then).
    """
    missing = {(id(tap.layer), tap.call) for tap in taps}

    def stop_when_complete(layer: keras.layers.Layer, call: int, _: Any) -> None:
        missing.discard((id(layer), call))
        if not missing:
            raise _Reached

    layers = [tap.layer for tap in taps]
    with _any_size(model), recording(layers, watch=stop_when_complete) as calls:
        with contextlib.suppress(_Reached):
            model(inputs, training=False)
    recorded = zip(outputs_of(calls, taps), taps, strict=True)
    return [channels_last(output, tap) for output, tap in recorded]


def takes(model: keras.Model, tap: Tap, picture: PictureInput) -> bool:
    """Whether the layers up to `tap` take pictures of this size."""

    def run(pictures: Any) -> Any:
        return record_up_to(model, [tap], picture.around(pictures))

    try:
        graphs.trace(run, Spec((None, *picture.shape), "float32"))
    except Exception:  # a layer's own, of any kind
        return False
    return True


@contextlib.contextmanager
def _any_size(model: keras.Model) -> Iterator[None]:
    """Inside, no model checks whether its input has the size that it was built for."""
    layers = [model, *model._flatten_layers(include_self=False)]
    models = [layer for layer in layers if isinstance(layer, keras.Model)]
    with contextlib.ExitStack() as restore:
        for each in {id(each): each for each in models}.values():
            each.__dict__["_assert_input_compatibility"] = lambda *_: None
            restore.callback(each.__dict__.pop, "_assert_input_compatibility")
        yield

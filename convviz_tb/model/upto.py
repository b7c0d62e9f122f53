"""A model run as far as one of its layers, on pictures of a size that is not its own.

What comes behind the layer need not fit: the run ends where the layer has put out its result. What
a model says about its input's size is not asked; a layer that depends on it raises as it would.
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from convviz_tb.model import taps
from convviz_tb.model.taps import Tap


class _Reached(BaseException):
    """Ends a run; no `except Exception` of a layer's or of Keras' own may stop it."""


def outputs(model: keras.Model, inputs: Any, wanted: Sequence[Tap]) -> list[Any]:
    """The outputs of `wanted` while a model is traced; nothing behind the last one is.

    Raises:
        ValueError: a tap's layer ran inside a graph of its own, out of reach; or a layer before it
            cannot take pictures of this size (other errors are possible then).
    """
    left = len(wanted)
    calls: list[Any] = []
    keys = {(id(tap.layer), tap.call) for tap in wanted}

    def watch(output: Any) -> None:
        nonlocal left
        layer, call = calls_now[-1][:2]
        left -= (id(layer), call) in keys
        if not left:
            raise _Reached

    with _any_size(model), contextlib.suppress(_Reached):
        with taps.recording([tap.layer for tap in wanted], watch) as calls_now:
            calls = calls_now
            model(inputs, training=False)
    return taps.outputs_of(calls, wanted)


@contextlib.contextmanager
def _any_size(model: keras.Model) -> Iterator[None]:
    """Inside, no model checks whether its input has the size that it was built for."""
    models = [model, *model._flatten_layers(include_self=False)]
    models = [each for each in models if isinstance(each, keras.Model)]
    with contextlib.ExitStack() as restore:
        for each in {id(each): each for each in models}.values():
            each.__dict__["_assert_input_compatibility"] = lambda *_: None
            restore.callback(each.__dict__.pop, "_assert_input_compatibility")
        yield

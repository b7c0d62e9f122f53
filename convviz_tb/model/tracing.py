"""Traced functions of a model: kept per model, with layer outputs and gradients inside."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import keras
import tensorflow as tf

from convviz_tb.model import graphs
from convviz_tb.model.graph_cache import graphs_of
from convviz_tb.model.stateless import without_effects
from convviz_tb.model.supported import calling
from convviz_tb.model.taps import Tap, channels_last, outputs_of, recording

# Keeps float16 gradients from vanishing; a power of 2, so exact in float32.
_SCALE: Final = 1024.0


@dataclass(frozen=True, eq=False)
class Graph:
    """A traced function: called with tensors, it returns a structure of tensors.

    Attributes:
        function: what TensorFlow runs.
        results: the structure that it returns, of `Spec`.
        bytes_per_row: memory that its gradients take for one row of a batch; 0 without gradients.
    """

    function: Any
    results: Any
    bytes_per_row: int

    def __call__(self, *arguments: Any) -> Any:
        return self.function(*arguments)


def traced(model: keras.Model, key: Hashable, function: Callable[..., Any], *specs: Any) -> Graph:
    """The graph of `function`, traced once per model, key and specs.

    The graph reads the model's variables where they are, so it stays right while they
    train; it is traced again when the model has got other variables, and when `survey` has found
    it changed. It changes no variable.

    Args:
        model: the model that `function` computes with.
        key: whatever else `function` depends on.
        function: takes and returns structures of tensors.
        specs: a structure of `Spec` for each argument.

    Raises:
        ValueError: a layer writes to something that cannot be put back.
    """
    known = graphs_of(model)
    key = (key, repr(specs), tuple(id(variable) for variable in model.variables))
    if key not in known:
        concrete = graphs.trace(function, *specs)
        results = keras.tree.map_structure(graphs.spec_of_tensor, concrete.structured_outputs)
        held = graphs.noted_bytes_per_row(concrete.graph)
        known[key] = Graph(without_effects(concrete), results, held)
    graph: Graph = known[key]
    return graph


def record(model: keras.Model, taps: Sequence[Tap], inputs: Any) -> tuple[Any, list[Any]]:
    """Calls a model while it is traced, and records the outputs of some layers.

    Args:
        model: a built Keras model; it is not changed.
        taps: the layers.
        inputs: what the model takes.

    Returns:
        The outputs of the model, and the activations of each tap: float32, channels last.

    Raises:
        ValueError: a layer cannot be read.
    """
    with recording([tap.layer for tap in taps]) as calls, calling(model):
        outputs = model(inputs, training=False)
    recorded = zip(outputs_of(calls, taps), taps, strict=True)
    return outputs, [channels_last(each, tap) for each, tap in recorded]


def record_gradients(
    model: keras.Model,
    taps: Sequence[Tap],
    inputs: Any,
    explain: Callable[[Any], tuple[Any, Any]],
) -> tuple[list[Any], list[list[Any]], Any]:
    """Calls a model while it is traced, and takes gradients of scores by some layers' outputs.

    Rows of a batch must not mix: one backward pass per score serves them all.

    Args:
        model: a built Keras model; it is not changed.
        taps: the layers.
        inputs: what the model takes.
        explain: maps the outputs of the model to scores `(n, k)`, and to whatever else is wanted.

    Returns:
        The activations of each tap, float32, channels last; for each of the k scores the gradients
        by the activations of each tap, of the same shapes; what else `explain` returned.

    Raises:
        ValueError: a layer cannot be read, or the scores do not depend on it.
    """
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:

        def watch(_: Any, __: int, output: Any) -> None:
            if graphs.is_float(output):
                tape.watch(output)

        with recording([tap.layer for tap in taps], watch) as calls, calling(model):
            outputs = model(inputs, training=False)
        activations = outputs_of(calls, taps)
        scores, more = explain(outputs)
        scaled = [tf.reduce_sum(column) * _SCALE for column in tf.unstack(scores, axis=1)]
    gradients = [tape.gradient(each, activations) for each in scaled]
    return (
        [channels_last(each, tap) for each, tap in zip(activations, taps, strict=True)],
        [
            [_unscaled(gradient, tap) for gradient, tap in zip(each, taps, strict=True)]
            for each in gradients
        ],
        more,
    )


def gradients_by(given: Any, function: Callable[[Any], Sequence[Any]]) -> list[Any]:
    """The gradients by a tensor of each tensor that `function` makes of it; zero where it has none.

    To be called while a graph is traced.
    """
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(given)
        results = function(given)
    zero = tf.UnconnectedGradients.ZERO
    return [tape.gradient(each, given, unconnected_gradients=zero) for each in results]


def _unscaled(gradient: Any, tap: Tap) -> Any:
    if gradient is None:
        raise ValueError(f"layers: the score does not depend on {tap.path!r}; name another layer.")
    return channels_last(gradient, tap) / _SCALE


def gradient(function: Callable[[Any], Any], values: Any) -> Any:
    """The gradient of the sum of `function(values)` by `values`, while a graph is traced.

    Args:
        function: maps float32 `(n, ...)` to `(n,)`; layers may compute in float16 inside.
        values: where to take the gradient.
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        scaled = function(values) * _SCALE
    raw = tape.gradient(scaled, values)
    if raw is None:
        raise ValueError("layers: a layer does not depend on the pictures; name another one.")
    result = raw / _SCALE
    graphs.note_bytes_per_row()
    return result

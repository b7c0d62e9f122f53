"""Stateless calls: variables that a traced function has written are restored after each call.

Keras' own variables are safe anyway: models are traced in a `StatelessScope`. What else a layer
assigns in its `call` (a plain `tf.Variable`, a random generator) is restored here.
"""

from collections.abc import Callable
from typing import Any, Final

import tensorflow as tf

_WRITING: Final = (
    "Assign",
    "ResourceScatter",
    "ResourceStridedSliceAssign",
    "Rng",
    "Stateful",
    "LookupTableInsert",
    "LookupTableImport",
    "LookupTableRemove",
)


def without_effects(function: Any) -> Callable[..., Any]:
    """`function`, a `ConcreteFunction`, as one that changes no variable.

    Raises:
        ValueError: it writes to something that cannot be restored, such as a table.
    """
    handles = changed(function.graph)
    if not all(map(_is_variable, handles)):
        raise ValueError(
            "model: a layer writes to a lookup table in its `call`, also where training=False; "
            "computing patterns or heatmaps would change it. Write only where `training` is true."
        )
    if not handles:
        return function  # type: ignore[no-any-return]

    def restoring(*arguments: Any) -> Any:
        before = [
            tf.raw_ops.ReadVariableOp(resource=handle, dtype=_dtype(handle)) for handle in handles
        ]
        try:
            return function(*arguments)
        finally:
            for handle, value in zip(handles, before, strict=True):
                tf.raw_ops.AssignVariableOp(resource=handle, value=value)

    return restoring


def changed(graph: tf.Graph) -> list[Any]:
    """Handles of what lies outside of `graph` and is written to inside."""
    outside = {id(inside): handle for handle, inside in graph.captures}
    written = {
        id(tensor): outside[id(tensor)]
        for op in graph.get_operations()
        for position, tensor in enumerate(op.inputs)
        if id(tensor) in outside and _writes(op, position, outside[id(tensor)])
    }
    return list(written.values())


def _writes(op: tf.Operation, position: int, handle: Any) -> bool:
    """Whether `op` may change the resource `handle` that it takes at `position`."""
    if handle.dtype != tf.resource:
        return False
    try:  # a function, a branch or a loop says what it only reads
        return position not in op.get_attr("_read_only_resource_inputs") and _is_variable(handle)
    except ValueError:
        return str(op.type).startswith(_WRITING)


def _is_variable(handle: Any) -> bool:
    return _known(handle) is not None


def _dtype(handle: Any) -> tf.DType:
    return tf.as_dtype(_known(handle).shape_and_type[0].dtype)


def _known(handle: Any) -> Any:
    """What TensorFlow knows of the variable behind a handle; None where there is none."""
    data = getattr(handle, "_handle_data", None)
    return data if data is not None and data.is_set and data.shape_and_type else None

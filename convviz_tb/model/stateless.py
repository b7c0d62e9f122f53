"""A traced graph -> one that leaves every variable as it was.

Keras' own variables are safe before: models are traced in a `StatelessScope`. What else a layer
assigns in its `call` (a plain `tf.Variable`, a random generator) is put back after each run.
"""

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


def without_effects(graph: Any) -> Any:
    """`graph`, a traced function, as one that changes nothing.

    Raises:
        ValueError: it writes to something that cannot be put back, such as a table.
    """
    handles = changed(graph.graph)
    tables = [handle for handle in handles if not _is_variable(handle)]
    if tables:
        raise ValueError(
            "model: a layer writes to a lookup table in its `call`, also where training=False; "
            "looking at the model would change it. Write only where `training` is true."
        )
    return _Restoring(graph, handles) if handles else graph


class _Restoring:
    """Calls a traced function and puts back what that changed.

    Args:
        graph: the function.
        handles: of the variables to put back.
    """

    def __init__(self, graph: Any, handles: list[Any]) -> None:
        self._graph = graph
        self._handles = handles
        self.structured_outputs = graph.structured_outputs
        self.outputs = graph.outputs

    def __call__(self, *arguments: Any) -> Any:
        before = [
            tf.raw_ops.ReadVariableOp(resource=handle, dtype=_dtype(handle))
            for handle in self._handles
        ]
        try:
            return self._graph(*arguments)
        finally:
            for handle, value in zip(self._handles, before, strict=True):
                tf.raw_ops.AssignVariableOp(resource=handle, value=value)


def changed(graph: tf.Graph) -> list[Any]:
    """Handles of what lies outside of `graph` and is written to inside."""
    outside = {id(inside): handle for handle, inside in graph.captures}
    found = {
        id(tensor): outside[id(tensor)]
        for op in graph.get_operations()
        for position, tensor in enumerate(op.inputs)
        if id(tensor) in outside and _writes(op, position, outside[id(tensor)])
    }
    return list(found.values())


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

"""Replicas: a batch split over the devices of a `MirroredStrategy`."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf


def count_replicas(model: keras.Model) -> int:
    """How many devices compute for `model`: the replicas of a `MirroredStrategy`, else one.

    Other strategies span machines, and those that do not log would have to take part.
    """
    strategy = model.distribute_strategy
    is_mirrored = isinstance(strategy, tf.distribute.MirroredStrategy)
    return int(strategy.num_replicas_in_sync) if is_mirrored else 1


def split(model: keras.Model, function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, to be traced, with the rows of its arguments split evenly over all devices.

    Each replica reads its own copy of the weights; nothing is exchanged between them.
    A last part that is not full repeats the last row, so that all parts are of one size.

    Args:
        model: the model that `function` computes with.
        function: its arguments and results are structures of tensors whose first axis is that of
            the pictures; what has no axes is the same for all.
    """
    replicas = count_replicas(model)
    if replicas == 1:
        return function

    def run(*arguments: Any) -> Any:
        rows = next(tf.shape(each)[0] for each in tf.nest.flatten(arguments) if each.shape.rank)
        size = (rows + replicas - 1) // replicas

        def of_replica() -> Any:
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            mine = tf.minimum(replica * size + tf.range(size), rows - 1)
            part = tf.nest.map_structure(
                lambda each: tf.gather(each, mine) if each.shape.rank else each, arguments
            )
            return function(*part)

        parts = model.distribute_strategy.run(of_replica)
        return tf.nest.map_structure(
            lambda *each: tf.concat(each, axis=0)[:rows] if each[0].shape.rank else each[0],
            *_by_replica(model, parts),
        )

    return run


def _by_replica(model: keras.Model, parts: Any) -> list[Any]:
    """The structure that each replica returned, out of a structure of values per replica."""
    local = model.distribute_strategy.experimental_local_results
    flat = [local(value) for value in tf.nest.flatten(parts)]
    return [
        tf.nest.pack_sequence_as(parts, [values[replica] for values in flat])
        for replica in range(count_replicas(model))
    ]

"""How many threads TensorFlow computes with, in a process that shares a machine with others."""

import contextlib

import tensorflow as tf


def use_cores(count: int) -> None:
    """Computes with so many threads; without effect once TensorFlow has computed in this process.

    Args:
        count: threads of an operation, and operations at a time, at least 1.
    """
    with contextlib.suppress(RuntimeError):  # too late
        tf.config.threading.set_intra_op_parallelism_threads(count)
        tf.config.threading.set_inter_op_parallelism_threads(count)

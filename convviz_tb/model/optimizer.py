"""Optimizer: the learning rate that a model trains with at the moment."""

import math
from typing import Any

import keras


def learning_rate(model: keras.Model) -> float | None:
    """The learning rate now, that of a schedule too; None where there is none, or more than one."""
    optimizer: Any = getattr(model, "optimizer", None)
    try:
        rate = float(keras.ops.convert_to_numpy(optimizer.learning_rate))
    except (AttributeError, TypeError, ValueError):  # of the user's own, or a model not compiled
        return None
    return float(f"{rate:.6g}") if math.isfinite(rate) else None

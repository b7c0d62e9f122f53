"""Optimizer: the learning rate of the moment, and whether it has trained."""

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


def is_trained(model: keras.Model) -> bool:
    """Whether its optimizer has made a step, in this process or before the model was saved."""
    iterations = getattr(getattr(model, "optimizer", None), "iterations", None)
    return iterations is not None and int(keras.ops.convert_to_numpy(iterations)) > 0

"""Class-activation methods: activations, mostly with gradients, -> a map.

A method with gradients is one small function of two float32 tensors, both
`(n, *positions, channels)`: the activations A and the gradients g = d y / d A of the score y. It
returns `(n, *positions)`, before the ReLU that all methods end with. One without is a function of
one picture, see `scorecam.py`. To add a method, write such a function and give it a row of
`METHODS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from keras import ops

from convviz_tb.heatmaps.scorecam import scorecam


@dataclass(frozen=True)
class Method:
    """A row of the table.

    Attributes:
        function: with gradients `(activations, gradients) -> maps` of a batch, traced; without
            `(activations, picture, classes, score_of) -> maps` of one picture.
        needs_gradients: whether it takes gradients. Without, it takes one forward pass per
            channel and picture.
        is_sum: whether the map is a sum over channels of gradients times activations, which may
            cancel out up to rounding.
    """

    function: Callable[..., Any]
    needs_gradients: bool = True
    is_sum: bool = True


def _over_positions(reduce: Callable[..., Any], values: Any) -> Any:
    return reduce(values, axis=list(range(1, len(values.shape) - 1)), keepdims=True)


def gradcam(activations: Any, gradients: Any) -> Any:
    """Selvaraju et al. 2017, equations 1 and 2: channels weighted by their mean gradient."""
    weights = _over_positions(ops.mean, gradients)
    return ops.sum(weights * activations, axis=-1)


def gradcam_plus_plus(activations: Any, gradients: Any) -> Any:
    """Chattopadhay et al. 2018, equation 19: weights of their own for the positive gradients.

    For y = exp(score), as they take it; the factor exp(score) that all weights of a picture
    share is left out. Both sides of their fraction are divided by g^2, which would underflow.
    Made for activations that are not negative.
    """
    total = _over_positions(ops.sum, activations)
    weighted = ops.divide_no_nan(ops.relu(gradients), 2.0 + gradients * total)
    weights = _over_positions(ops.sum, weighted)
    return ops.sum(weights * activations, axis=-1)


def hirescam(activations: Any, gradients: Any) -> Any:
    """Draelos and Carin 2020: gradient times activation, position by position."""
    return ops.sum(gradients * activations, axis=-1)


def layercam(activations: Any, gradients: Any) -> Any:
    """Jiang et al. 2021: positive part of the gradient times activation, position by position."""
    return ops.sum(ops.relu(gradients) * activations, axis=-1)


def xgradcam(activations: Any, gradients: Any) -> Any:
    """Fu et al. 2020: gradients averaged with the activations as weights.

    Made for activations that are not negative; a channel without any counts nothing.
    """
    total = _over_positions(ops.sum, activations)
    weights = ops.divide_no_nan(_over_positions(ops.sum, gradients * activations), total)
    return ops.sum(weights * activations, axis=-1)


METHODS: Final[dict[str, Method]] = {
    "gradcam": Method(gradcam),
    "gradcam++": Method(gradcam_plus_plus, is_sum=False),
    "hirescam": Method(hirescam),
    "layercam": Method(layercam),
    "xgradcam": Method(xgradcam),
    "scorecam": Method(scorecam, needs_gradients=False, is_sum=False),
}

"""Objective of the ascent: a layer's output -> the number that each picture maximises."""

from typing import Any, Final

import keras
from keras import ops

from convviz_tb.model import Tap, before_activation, pick_channels, prune_channels
from convviz_tb.patterns.options import FilterPatterns

#: Activations that are zero or nearly so below zero: where a leak helps.
_RECTIFIERS: Final = frozenset({"Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Softplus"})
_OTHERS: Final = frozenset({"Sigmoid", "Tanh", "Softsign"})


def objectives(output: Any, filters: Any, tap: Tap, options: FilterPatterns) -> tuple[Any, Any]:
    """The score of each picture, and what its ascent maximises; both float32 `(n,)`.

    Args:
        output: activations of the tap for n pictures, float32 `(n, *positions, channels)`.
        filters: which filter of each picture, int `(n,)`, or its direction, float `(n, channels)`.
        tap: the tap.
        options: the recipe, which positions count, and whether before or after the activation
            function.

    Raises:
        ValueError: `border` leaves nothing, or the input of the activation cannot be found.
    """
    if not options.are_directions:
        few = prune_channels(output, filters)
        if few is not None:
            output, filters = few, ops.arange(0, ops.shape(filters)[0], dtype="int32")
    if options.before_activation:
        score = _response(_before(output, tap), filters, tap, options)
        return score, score
    score = _response(output, filters, tap, options)
    before = before_activation(output, _RECTIFIERS)
    leak = options.recipe.leak
    if before is None or not leak:
        return score, score
    negative = ops.minimum(ops.cast(before, "float32"), 0)
    return score, score + leak * _response(negative, filters, tap, options)


def _before(output: Any, tap: Tap) -> Any:
    """What went into the layer's activation function; its output, where it has none."""
    before = before_activation(output, _RECTIFIERS | _OTHERS)
    activation = getattr(tap.layer, "activation", None)
    if before is None and activation not in (None, keras.activations.linear):
        raise ValueError(
            f"before_activation: cannot see what goes into {activation.__name__!r} of "
            f"{tap.path!r}; name a layer before it."
        )
    return output if before is None else ops.cast(before, "float32")


def _response(channels: Any, filters: Any, tap: Tap, options: FilterPatterns) -> Any:
    """Mean activation of one filter or direction per picture over the positions, `(n,)`."""
    if options.are_directions:
        of_filter = ops.einsum("n...c,nc->n...", channels, filters)
    else:
        of_filter = pick_channels(channels, filters)
    sides = tap.shape[:-1]
    if options.objective == "neuron":
        centre = (slice(None), *((side or 0) // 2 for side in sides))
        return of_filter[centre]
    if options.border:
        if min(side or 0 for side in sides) <= 2 * options.border:
            raise ValueError(
                f"border: received {options.border}; nothing is left of {tap.path!r} {sides}."
            )
        inner = slice(options.border, -options.border)
        whole = (slice(None), *(inner for _ in sides))
        of_filter = of_filter[whole]
    return ops.mean(of_filter, axis=list(range(1, len(sides) + 1)))

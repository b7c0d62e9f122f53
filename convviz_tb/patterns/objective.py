"""Objective of the ascent: a layer's output -> the number that each picture maximises."""

from collections.abc import Sequence
from typing import Any, Final

import keras
from keras import ops

from convviz_tb.model import Tap, before_activation, pick_channels, prune_channels
from convviz_tb.patterns.options import FilterPatterns

#: Zero below zero; the second has a ceiling.
_RECTIFIERS: Final = frozenset({"Relu", "Relu6"})
#: Activations that are zero or nearly so below zero: where a leak helps.
_LEAKING: Final = _RECTIFIERS | {"LeakyRelu", "Elu", "Selu", "Softplus"}
_SATURATING: Final = frozenset({"Sigmoid", "Tanh", "Softsign", "Softmax"})


def objectives(
    output: Any, filters: Any, tap: Tap, options: FilterPatterns, uncounted: Sequence[float] = ()
) -> tuple[Any, Any]:
    """The score of each picture, and what its ascent maximises; both float32 `(n,)`.

    Args:
        output: activations of the tap, float32 `(n, *positions, channels)`; of one picture where
            all filters are asked about the same.
        filters: which filter of each picture, int `(n,)`, or its direction, float `(n, channels)`.
        tap: the tap.
        options: the recipe, which positions count, and whether before or after the activation
            function.
        uncounted: share of each side of the picture that does not count, at either end.

    Raises:
        ValueError: `border` leaves nothing, or the input of the activation cannot be found.
    """
    if not options.are_directions:
        few = prune_channels(output, filters)
        if few is not None:
            output, filters = few, ops.arange(0, ops.shape(filters)[0], dtype="int32")

    scored, climbed = _scored_and_climbed(output, tap, options)

    def response(channels: Any) -> Any:
        return _response(channels, filters, tap, options, uncounted)

    score = response(scored)
    return score, score if climbed is scored else response(climbed)


def _scored_and_climbed(output: Any, tap: Tap, options: FilterPatterns) -> tuple[Any, Any]:
    """The activations that are the score, and those that the ascent maximises instead."""
    leak = options.recipe.leak
    if options.before_activation:
        before = _before(output, tap)
        return before, before
    if options.recipe.unbounded:
        saturating = before_activation(output, _SATURATING)
        if saturating is not None:
            return saturating, saturating
        rectified = before_activation(output, _RECTIFIERS)
        if rectified is not None:
            return ops.relu(rectified), ops.leaky_relu(rectified, leak)
    leaking = before_activation(output, _LEAKING)
    if leaking is not None and leak:
        return output, output + leak * ops.minimum(ops.cast(leaking, output.dtype), 0)
    if leaking is None and options.recipe.unbounded:  # linear: its mean asks for plain colour
        leaky = ops.leaky_relu(output, leak)
        return leaky, leaky
    return output, output


def mean_responses(
    output: Any, tap: Tap, options: FilterPatterns, uncounted: Sequence[float]
) -> Any:
    """Mean over the positions of what each filter's activation has above 0, `(n, filters)`.

    As in `objectives`, without the ceiling of the activation.
    """
    before = before_activation(output, _RECTIFIERS | _SATURATING)
    positive = ops.relu(ops.cast(output if before is None else before, "float32"))
    sides = positive.shape[1:-1]
    counted = _counted(sides, tap, options.border, uncounted)
    return ops.mean(positive[counted], axis=list(range(1, len(sides) + 1)))


def _before(output: Any, tap: Tap) -> Any:
    """What went into the layer's activation function; its output, where it has none."""
    before = before_activation(output, _LEAKING | _SATURATING)
    activation = getattr(tap.layer, "activation", None)
    if before is None and activation not in (None, keras.activations.linear):
        raise ValueError(
            f"before_activation: cannot see what goes into {activation.__name__!r} of "
            f"{tap.path!r}; name a layer before it."
        )
    return output if before is None else before


def _response(
    channels: Any,
    filters: Any,
    tap: Tap,
    options: FilterPatterns,
    uncounted: Sequence[float],
) -> Any:
    """Activation of one filter or direction per picture, in the centre or its mean, `(n,)`."""
    channels = ops.cast(channels, "float32")
    if channels.shape[0] == 1:
        channels = ops.repeat(channels, ops.shape(filters)[0], axis=0)
    if options.are_directions:
        of_filter = ops.einsum("n...c,nc->n...", channels, filters)
    else:
        of_filter = pick_channels(channels, filters)
    sides = of_filter.shape[1:]
    if options.objective == "neuron":
        centre = (slice(None), *((side or 0) // 2 for side in sides))
        return of_filter[centre]
    counted = _counted(sides, tap, options.border, uncounted)
    return ops.mean(of_filter[counted], axis=list(range(1, len(sides) + 1)))


def _counted(
    sides: Sequence[int], tap: Tap, border: int, uncounted: Sequence[float]
) -> tuple[slice, ...]:
    """Which pictures and positions count: all, without `border` or the uncounted share."""
    if border and min(sides, default=0) <= 2 * border:
        raise ValueError(f"border: received {border}; nothing is left of {tap.path!r} {sides}.")
    shares = uncounted if len(uncounted) == len(sides) else [0.0] * len(sides)
    left_out = [
        max(border, min(round(side * share), (side - 1) // 2))
        for side, share in zip(sides, shares, strict=True)
    ]
    return (slice(None), *(slice(each, -each or None) for each in left_out))

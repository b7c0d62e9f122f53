"""A layer's output -> the number that the ascent of each picture climbs."""

from collections.abc import Sequence
from typing import Any, Final

import keras
import tensorflow as tf

from convviz_tb.model import prune_channels, taps
from convviz_tb.model.taps import Tap
from convviz_tb.patterns.options import FilterPatterns

#: Zero below zero; the second has a ceiling.
_RECTIFIERS: Final = frozenset({"Relu", "Relu6"})
#: Silent or nearly so below zero: where a leak helps.
_LEAKING: Final = _RECTIFIERS | {"LeakyRelu", "Elu", "Selu", "Softplus"}
_SQUASHING: Final = frozenset({"Sigmoid", "Tanh", "Softsign", "Softmax"})


def objectives(
    output: Any, filters: Any, tap: Tap, options: FilterPatterns, margins: Sequence[float] = ()
) -> tuple[Any, Any]:
    """The score of each picture, and what its ascent climbs; both float32 `(n,)`.

    Args:
        output: what the tap's layer put out, for n pictures, or for a single one that all filters
            are asked about.
        filters: which filter of each picture, int `(n,)`, or its direction, float `(n, channels)`.
        tap: the tap.
        options: which positions count, and whether before or after the activation function.
        margins: share of each side of the picture that does not count, at either end.

    Raises:
        ValueError: `border` leaves nothing, or what goes into the activation is not to be found.
    """
    output = taps.channels_last(output, tap)
    if filters.dtype.is_integer:
        few = prune_channels.channels(output, filters)
        if few is not None:
            output, filters = few, tf.range(tf.shape(filters)[0])

    def response(channels: Any) -> Any:
        return _response(channels, filters, tap, options, margins)

    if options.before_activation:
        score = response(_before(output, tap))
        return score, score
    if options.recipe.unbounded:
        return _unbounded(output, response, options.recipe.leak)
    return _bounded(output, response, options.recipe.leak)


def _bounded(output: Any, response: Any, leak: float) -> tuple[Any, Any]:
    """The activation as it is; where it is silent, a leak of what went into it counts too."""
    score = response(output)
    before = taps.before_activation(output, _LEAKING)
    if before is None or not leak:
        return score, score
    return score, score + leak * response(_negative(before))


def _unbounded(output: Any, response: Any, leak: float) -> tuple[Any, Any]:
    """The same without the ceiling that an activation may have.

    At a ceiling all filters score the same and have no gradient. What has no activation is taken
    for what goes into one: of a linear layer the mean alone would ask for plain colour.
    """
    squashed = taps.before_activation(output, _SQUASHING)
    if squashed is not None:
        score = response(squashed)
        return score, score
    before = taps.before_activation(output, _RECTIFIERS)
    if before is not None:
        score = response(tf.nn.relu(tf.cast(before, tf.float32)))
        return score, score + leak * response(_negative(before))
    if taps.before_activation(output, _LEAKING) is not None:
        return _bounded(output, response, leak)
    return response(output), response(tf.nn.relu(output)) + leak * response(_negative(output))


def all_responses(
    output: Any, tap: Tap, options: FilterPatterns, margins: Sequence[float] = ()
) -> Any:
    """Mean over the positions of what each filter's activation has above 0, `(n, filters)`."""
    output = taps.channels_last(output, tap)
    before = taps.before_activation(output, _RECTIFIERS | _SQUASHING)
    positive = tf.nn.relu(output if before is None else tf.cast(before, tf.float32))
    sides = positive.shape.as_list()[1:-1]
    inner = (slice(None), *_inner(sides, tap, options.border, margins))
    return tf.reduce_mean(positive[inner], axis=list(range(1, len(sides) + 1)))


def _negative(values: Any) -> Any:
    return tf.minimum(tf.cast(values, tf.float32), 0)


def _before(output: Any, tap: Tap) -> Any:
    """What went into the layer's activation function; its output, where it has none."""
    before = taps.before_activation(output, _LEAKING | _SQUASHING)
    activation = getattr(tap.layer, "activation", None)
    if before is None and activation not in (None, keras.activations.linear):
        raise ValueError(
            f"before_activation: cannot see what goes into {activation.__name__!r} of "
            f"{tap.path!r}; name a layer before it."
        )
    return output if before is None else tf.cast(before, tf.float32)


def _response(
    channels: Any, filters: Any, tap: Tap, options: FilterPatterns, margins: Sequence[float]
) -> Any:
    """Mean activation of one filter or direction per picture over the positions, `(n,)`."""
    if channels.shape[0] == 1:
        of_filter = _of_one_picture(channels[0], filters)
    elif filters.dtype.is_integer:
        of_filter = tf.gather(channels, filters, axis=-1, batch_dims=1)
    else:
        of_filter = tf.einsum("n...c,nc->n...", channels, filters)
    sides = of_filter.shape.as_list()[1:]
    if options.objective == "neuron":
        centre = (slice(None), *((side or 0) // 2 for side in sides))
        return of_filter[centre]
    inner = (slice(None), *_inner(sides, tap, options.border, margins))
    return tf.reduce_mean(of_filter[inner], axis=list(range(1, len(sides) + 1)))


def _of_one_picture(channels: Any, filters: Any) -> Any:
    """Of one picture `(*sides, c)`: activations of n filters or directions, `(n, *sides)`."""
    if not filters.dtype.is_integer:
        return tf.einsum("...c,nc->n...", channels, filters)
    of_filters = tf.gather(channels, filters, axis=-1)
    last = of_filters.shape.rank - 1
    return tf.transpose(of_filters, [last, *range(last)])


def _inner(sides: Sequence[int], tap: Tap, border: int, margins: Sequence[float]) -> list[slice]:
    """Which positions count."""
    if border and min(sides, default=0) <= 2 * border:
        raise ValueError(f"border: received {border}; nothing is left of {tap.path!r} {sides}.")
    if len(margins) != len(sides):
        margins = [0.0] * len(sides)
    left_out = [
        max(border, min(round(side * margin), (side - 1) // 2))
        for side, margin in zip(sides, margins, strict=True)
    ]
    return [slice(each, -each or None) for each in left_out]

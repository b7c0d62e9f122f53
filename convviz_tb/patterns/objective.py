"""A layer's output -> the number that the ascent of each picture climbs."""

from typing import Any, Final

import keras
import tensorflow as tf

from convviz_tb.model import prune_channels, taps
from convviz_tb.model.taps import Tap
from convviz_tb.patterns.options import FilterPatterns

#: Silent or nearly so below zero: where a leak helps.
_RECTIFIERS: Final = frozenset({"Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Softplus"})
_OTHERS: Final = frozenset({"Sigmoid", "Tanh", "Softsign"})


def objectives(
    output: Any, filters: Any, tap: Tap, options: FilterPatterns, leak: float
) -> tuple[Any, Any]:
    """The score of each picture, and what its ascent climbs; both float32 `(n,)`.

    Args:
        output: what the tap's layer put out, for n pictures.
        filters: which filter of each picture, int `(n,)`, or its direction, float `(n, channels)`.
        tap: the tap.
        options: which positions count, and whether before or after the activation function.
        leak: see `ascent.Mode`.

    Raises:
        ValueError: `border` leaves nothing, or what goes into the activation is not to be found.
    """
    output = taps.channels_last(output, tap)
    if filters.dtype.is_integer:
        few = prune_channels.channels(output, filters)
        if few is not None:
            output, filters = few, tf.range(tf.shape(filters)[0])
    if options.before_activation:
        score = _response(_before(output, tap), filters, tap, options)
        return score, score
    score = _response(output, filters, tap, options)
    before = taps.before_activation(output, _RECTIFIERS)
    if before is None or not leak:
        return score, score
    negative = tf.minimum(tf.cast(before, tf.float32), 0)
    return score, score + leak * _response(negative, filters, tap, options)


def _before(output: Any, tap: Tap) -> Any:
    """What went into the layer's activation function; its output, where it has none."""
    before = taps.before_activation(output, _RECTIFIERS | _OTHERS)
    activation = getattr(tap.layer, "activation", None)
    if before is None and activation not in (None, keras.activations.linear):
        raise ValueError(
            f"before_activation: cannot see what goes into {activation.__name__!r} of "
            f"{tap.path!r}; name a layer before it."
        )
    return output if before is None else tf.cast(before, tf.float32)


def _response(channels: Any, filters: Any, tap: Tap, options: FilterPatterns) -> Any:
    """Mean activation of one filter or direction per picture over the positions, `(n,)`."""
    if filters.dtype.is_integer:
        of_filter = tf.gather(channels, filters, axis=-1, batch_dims=1)
    else:
        of_filter = tf.einsum("n...c,nc->n...", channels, filters)
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
    return tf.reduce_mean(of_filter, axis=list(range(1, len(sides) + 1)))

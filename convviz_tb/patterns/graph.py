"""Graph of the ascent: a batch of pictures climbs together, traced once, with the loop inside.

Each picture has its own gradient scale, so it does not depend on what else is in the batch.
"""

from collections.abc import Callable
from typing import Any, Final

import keras
import numpy as np
from keras import ops

from convviz_tb.model import (
    Graph,
    Precision,
    Spec,
    Tap,
    best_precision,
    check_channels,
    gradient,
    in_precision,
    record_up_to,
    split,
    traced,
)
from convviz_tb.patterns.objective import mean_responses, objectives
from convviz_tb.patterns.options import FilterPatterns
from convviz_tb.patterns.recipes import MID_GRAY, Recipe, best, rms
from convviz_tb.patterns.size import frame_of

_CALM: Final = 48.0  # grey levels: contrast (RMS) of pictures that were calmed


def precision_of(model: keras.Model, options: FilterPatterns) -> Precision:
    """What the convolutions of a model are computed in: the same for all its layers and steps."""
    exact = options.recipe.literal or options.precision == "float32"
    return "float32" if exact else best_precision(model)


def prepare(model: keras.Model, tap: Tap, options: FilterPatterns) -> Graph:
    """The graph that computes patterns of `tap`; traced at the first call, then reused.

    It maps pictures, filters, a number of steps, the length of the first one and the shifts at all
    of them, `(n, steps, axes)` and the same for all n pictures, to the final pictures, their
    scores, the size of their last gradients and the scores of the pictures that came in.

    Raises:
        ValueError: the layer cannot be read, `border` leaves nothing of it, or the input does not
            have the `channels` to show.
    """
    frame, recipe = frame_of(model, tap, options), options.recipe
    picture = frame.picture
    check_channels(options.channels, picture.shape[-1])
    low, high = options.input_range
    spectrum = options.spectrum(picture)
    longest = recipe.longest_wave(max(frame.computed), frame.receptive_field)
    precision = precision_of(model, options)
    of_pictures = Spec((None, *picture.shape), "float32")
    of_filters = Spec((None,), "int32")
    if options.are_directions:
        of_filters = Spec((None, tap.filters), "float32")

    def objectives_of(levels: Any, filters: Any) -> tuple[Any, Any]:
        pictures = levels * ((high - low) / 255.0) + low
        (output,) = record_up_to(model, [tap], picture.around(pictures))
        return objectives(output, filters, tap, options, frame.uncounted)

    def uphill(levels: Any, filters: Any) -> Any:
        return gradient(lambda levels: objectives_of(levels, filters)[1], levels)

    def run(
        pictures: Any, filters: Any, steps: Any, step_size: Any, shifts: Any
    ) -> tuple[Any, ...]:
        gradient_of, score_of = (
            in_precision(function, precision, of_pictures, of_filters)
            for function in (uphill, objectives_of)
        )

        def scored(levels: Any) -> tuple[Any, Any, Any]:
            return (levels, *score_of(ops.clip(levels, 0.0, 255.0), filters))

        first = (pictures - low) * (255.0 / (high - low))
        last, slope = _climb(
            lambda levels: gradient_of(levels, filters),
            lambda slope: recipe.direction(slope, spectrum, longest),
            first,
            recipe,
            recipe.step_sizes(step_size, steps),
            shifts[0],
        )
        final = began = scored(last)
        if recipe.keeps_best:
            of_one = Spec((1, *picture.shape), "float32")
            score_of_one = in_precision(objectives_of, precision, of_one, of_filters)
            gray = ops.full((1, *picture.shape), MID_GRAY)
            began = scored(first)
            plain = (ops.zeros_like(first) + gray, *score_of_one(gray, filters))
            final = best(final, began, plain)
        return final[0] * ((high - low) / 255.0) + low, final[1], slope, began[1]

    aim = (options.objective, options.border, options.before_activation)
    prior = (spectrum.key, frame.receptive_field, frame.margin)
    key = ("patterns", tap.path, recipe, low, high, precision, aim, prior)
    axes = len(frame.computed)
    schedule = (Spec((), "int32"), Spec((), "float32"), Spec((None, None, axes), "int32"))
    return traced(model, key, split(model, run), of_pictures, of_filters, *schedule)


def calmed(model: keras.Model, tap: Tap, options: FilterPatterns, pictures: Any) -> Any:
    """Pictures `(n, *sides, c)` with the waves that the recipe prefers, at their places.

    What wakes a filter is full of noise, which an ascent of a few steps would not take away.
    """
    frame, recipe, (low, high) = frame_of(model, tap, options), options.recipe, options.input_range
    longest = recipe.longest_wave(max(frame.computed), frame.receptive_field)
    levels = (pictures - low) * (255.0 / (high - low)) - MID_GRAY
    waves = recipe.direction(
        ops.convert_to_tensor(levels, "float32"), options.spectrum(frame.picture), longest
    )
    calm = recipe.bounded(MID_GRAY + _CALM * ops.convert_to_numpy(waves))
    return np.asarray(calm, np.float32).clip(0, 255) * ((high - low) / 255.0) + low


def _climb(
    gradient_of: Callable[[Any], Any],
    direction_of: Callable[[Any], Any],
    levels: Any,
    recipe: Recipe,
    step_sizes: Any,
    shifts: Any,
) -> tuple[Any, Any]:
    """Pictures in grey levels after the ascent, and the RMS of their last gradients, `(n,)`."""
    axes = list(range(1, len(levels.shape) - 1))

    def slope_at(i: Any, levels: Any) -> Any:
        if not recipe.jitter:
            return gradient_of(levels)
        return ops.roll(gradient_of(ops.roll(levels, shifts[i], axes)), -shifts[i], axes)

    def step(i: Any, levels: Any, velocity: Any, _: Any) -> tuple[Any, ...]:
        slope = slope_at(i, levels)
        velocity *= recipe.momentum
        velocity += (1.0 - recipe.momentum) * direction_of(slope)
        return i + 1, recipe.bounded(levels + step_sizes[i] * velocity), velocity, rms(slope)

    start = (0, levels, ops.zeros_like(levels), rms(levels))
    count = ops.shape(step_sizes)[0]
    _, levels, _, slope = ops.while_loop(lambda i, *_: i < count, step, start)
    return levels, ops.reshape(slope, [-1])


def prepare_responses(model: keras.Model, tap: Tap, options: FilterPatterns) -> Graph:
    """The graph from pictures in grey levels to the mean responses of all filters of `tap`."""
    frame, (low, high) = frame_of(model, tap, options), options.input_range

    def run(levels: Any) -> Any:
        inputs = frame.picture.around(levels * ((high - low) / 255.0) + low)
        (output,) = record_up_to(model, [tap], inputs)
        return mean_responses(output, tap, options, frame.uncounted)

    key = ("responses", tap.path, low, high, frame.margin, options.border)
    return traced(model, key, run, Spec((None, *frame.picture.shape), "float32"))

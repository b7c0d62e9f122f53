"""Tap -> filter patterns: pictures that a filter answers to, by gradient ascent in input space.

A batch of pictures climbs together in one traced graph with the loop inside. Each picture has its
own seed and its own gradient scale, so it does not depend on what else is in the batch.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from convviz_tb import ascent, taps
from convviz_tb.taps import Layer, Layers, Tap

Array = npt.NDArray[Any]
_BATCH = 16  # pictures per run of the graph; bounds the memory
_AUTO_LAYERS = 4
_OPEN_SIZE = 128  # pixels, where the model takes pictures of any size
_RECTIFIERS = frozenset({"Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Softplus"})

Filters = int | Sequence[int] | Literal["all"]


@dataclass(frozen=True, eq=False)
class Patterns:
    """Filter patterns of one layer.

    Attributes:
        images: float32 `(n, h, w, c)` in the model's own input range, not clipped.
        scores: float32 `(n,)`, mean activation of the filter on the picture clipped to that range.
        filters: int `(n,)`, the filters, in rising order unless they were given otherwise.
        value_range: lowest and highest value of the model's input, as assumed or given.
    """

    images: Array
    scores: Array
    filters: Array
    value_range: tuple[float, float]


@dataclass(frozen=True)
class FilterPatterns:
    """Which filter patterns the callback computes.

    Args:
        layers: names, paths or layer objects; "auto" spreads four over the convolutions.
        filters: how many (evenly spread over the layer), a list of indices, or "all".
        size: height and width in pixels, one number or two; by default those of the model's input.
        steps: steps of gradient ascent; by default those of the mode.
        step_size: length of a step in grey levels of 0..255; by default that of the mode.
        seed: start of the noise; the same seed gives the same picture.
        mode: "smooth", or "notebook" for the recipe of Deep Learning with Python, 5.4.
        value_range: lowest and highest value of the model's input. By default from the callback's
            images, else 0..255.
        image_format: "jpeg" (4:4:4, about a quarter of the bytes) or "png".

    Raises:
        ValueError: an argument is out of range; the message names it.
    """

    layers: Layers = "auto"
    filters: Filters = 16
    size: int | tuple[int, int] | None = None
    steps: int | None = None
    step_size: float | None = None
    seed: int = 0
    mode: str = "smooth"
    value_range: tuple[float, float] | None = None
    image_format: Literal["jpeg", "png"] = "jpeg"

    def __post_init__(self) -> None:
        if self.mode not in ascent.MODES:
            raise ValueError(f"mode: received {self.mode!r}; choose one of {sorted(ascent.MODES)}.")
        if self.steps is not None and self.steps < 1:
            raise ValueError(f"steps: received {self.steps}; at least 1.")
        if self.step_size is not None and not self.step_size > 0:
            raise ValueError(f"step_size: received {self.step_size}; more than 0.")
        if self.size is not None and min(np.atleast_1d(self.size)) < 8:
            raise ValueError(f"size: received {self.size}; at least 8 pixels.")
        if self.value_range is not None and not self.value_range[0] < self.value_range[1]:
            raise ValueError(f"value_range: received {self.value_range}; (lowest, highest).")
        if self.image_format not in ("jpeg", "png"):
            raise ValueError(f'image_format: received {self.image_format!r}; "jpeg" or "png".')
        _checked_filters(self.filters)

    @property
    def ascent_steps(self) -> int:
        return self.steps or ascent.MODES[self.mode].steps


def filter_patterns(
    model: keras.Model,
    layer: Layer,
    filters: Filters = 16,
    *,
    size: int | tuple[int, int] | None = None,
    steps: int | None = None,
    step_size: float | None = None,
    seed: int = 0,
    start: Array | None = None,
    mode: str = "smooth",
    value_range: tuple[float, float] | None = None,
) -> Patterns:
    """Pictures that the filters of a layer answer to, by gradient ascent on their mean activation.

    Erhan et al. 2009 for the idea; mode "notebook" is the recipe of Chollet, Deep Learning with
    Python, 5.4: gray start with noise, 40 steps of length 1, gradient divided by its RMS + 1e-5.

    Args:
        model: a built Keras model; it is not changed.
        layer: a name, a path such as `"vgg16/block3_conv1"`, or a layer object.
        filters: how many (evenly spread), a list of indices, or "all".
        size: height and width in pixels, one number or two; by default those of the model's input.
        steps: steps of ascent; by default those of the mode.
        step_size: length of a step in grey levels of 0..255.
        seed: start of the noise. A picture depends on seed, layer and filter alone.
        start: float `(n, h, w, c)` in the model's input range, to go on from instead of noise.
        mode: "smooth" or "notebook".
        value_range: lowest and highest value of the model's input; by default (0, 255).

    Returns:
        `Patterns`, one picture per filter.

    Raises:
        ValueError: the layer, a filter or the size does not fit the model.

    Example:

    ```python
    patterns = filter_patterns(model, "block3_conv1", filters=[0, 7], size=150)
    patterns.images.shape  # (2, 150, 150, 3)
    ```
    """
    options = FilterPatterns(layer, filters, size, steps, step_size, seed, mode, value_range)
    (tap,) = pattern_taps(model, options)
    chosen = choose_filters(filters, tap)
    graph = prepare(model, tap, options)
    images = _start(model, tap, options, chosen) if start is None else np.asarray(start, np.float32)
    count = tf.constant(options.ascent_steps)
    parts = [
        graph(tf.constant(images[part]), tf.constant(chosen[part], tf.int32), count)
        for part in (slice(i, i + _BATCH) for i in range(0, len(chosen), _BATCH))
    ]
    final, scores = (np.concatenate([part[i].numpy() for part in parts]) for i in range(2))
    return Patterns(final, scores, chosen, _range(options))


def pattern_taps(model: keras.Model, options: FilterPatterns) -> list[Tap]:
    """The taps that `options.layers` asks for, in network order.

    Raises:
        ValueError: a layer does not exist, or `size` does not fit the model.
    """
    if isinstance(options.layers, Tap):
        return [options.layers]
    found = taps.survey(model, _spec(model, options))
    if isinstance(options.layers, str) and options.layers == "auto":
        spread = taps.convolutions(found)
        return [spread[i] for i in evenly_spread(_AUTO_LAYERS, len(spread))]
    return taps.choose(found, options.layers)


def evenly_spread(count: int, total: int) -> list[int]:
    """Up to `count` indices below `total`, first and last included."""
    spread = np.linspace(0, total - 1, min(count, total)).round()
    return [int(index) for index in np.unique(spread)]


def choose_filters(filters: Filters, tap: Tap) -> Array:
    """Indices of the filters to show.

    Raises:
        ValueError: an index is beyond the layer's filters.
    """
    if isinstance(filters, str):
        return np.arange(tap.filters)
    if isinstance(filters, (int, np.integer)):
        return np.asarray(evenly_spread(int(filters), tap.filters))
    chosen = np.asarray(filters)
    if chosen.max() >= tap.filters:
        raise ValueError(
            f"filters: received {chosen.max()}, but {tap.path!r} has {tap.filters} filters, "
            f"0 to {tap.filters - 1}."
        )
    return chosen


def _checked_filters(filters: Filters) -> None:
    if filters == "all":
        return
    indices = np.asarray(filters)
    lowest = 1 if indices.ndim == 0 else 0
    if not np.issubdtype(indices.dtype, np.integer) or indices.size == 0 or indices.min() < lowest:
        raise ValueError(
            f'filters: received {filters!r}. Give a count, a list of indices from 0, or "all".'
        )


def _spec(model: keras.Model, options: FilterPatterns) -> tf.TensorSpec:
    """What the model takes, with the size of the patterns filled in.

    Raises:
        ValueError: the model does not take one picture, or not of this size.
    """
    spec = taps.input_spec(model)
    if not isinstance(spec, tf.TensorSpec) or spec.shape.rank != 4 or spec.shape[-1] is None:
        raise ValueError(
            f"model: filter patterns need one input of pictures (h, w, c); it takes {spec}."
        )
    height, width, channels = spec.shape[1:]
    asked = np.broadcast_to(options.size, 2) if options.size is not None else (height, width)
    shape = (None, *(int(side) if side else _OPEN_SIZE for side in asked), channels)
    if not spec.shape.is_compatible_with(shape):
        raise ValueError(
            f"size: received {options.size}; this model takes {height}x{width} pixels only."
        )
    return tf.TensorSpec(shape, spec.dtype)


def _range(options: FilterPatterns) -> tuple[float, float]:
    return options.value_range or (0.0, 255.0)


def _start(model: keras.Model, tap: Tap, options: FilterPatterns, filters: Array) -> Array:
    """Gray with noise, in the model's input range; the notebook's `random * 20 + 128`."""
    _, *shape = _spec(model, options).shape
    low, high = _range(options)
    layer = zlib.crc32(tap.path.encode())
    noise = [np.random.default_rng([options.seed, layer, index]).random(shape) for index in filters]
    return ((np.stack(noise) * 20 + 128) * (high - low) / 255 + low).astype(np.float32)


def prepare(model: keras.Model, tap: Tap, options: FilterPatterns) -> Any:
    """The graph that computes patterns of `tap`; traced at the first call, then reused.

    Raises:
        ValueError: the layer cannot be read.
    """
    spec = _spec(model, options)
    low, high = _range(options)
    mode = ascent.MODES[options.mode]
    step_size = options.step_size or mode.step_size

    def objectives(levels: Any, filters: Any) -> tuple[Any, Any]:
        images = tf.cast(levels * ((high - low) / 255.0) + low, spec.dtype)
        with taps.recording([tap.layer]) as calls:
            model(images, training=False)
        (output,) = taps.outputs_of(calls, [tap])
        score = _mean_of_filter(output, tap, filters)
        before = taps.before_activation(output, _RECTIFIERS) if mode.leak else None
        if before is None:
            return score, score
        return score, score + mode.leak * _mean_of_filter(tf.minimum(before, 0), tap, filters)

    def climb(levels: Any, velocity: Any, filters: Any) -> tuple[Any, Any]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(levels)
            _, objective = objectives(levels, filters)
        direction = mode.direction(tape.gradient(objective, levels))
        velocity = mode.momentum * velocity + (1.0 - mode.momentum) * direction
        return levels + step_size * velocity, velocity

    def run(images: Any, filters: Any, steps: Any) -> tuple[Any, Any]:
        levels = (tf.cast(images, tf.float32) - low) * (255.0 / (high - low))
        _, levels, _ = tf.while_loop(
            lambda i, levels, velocity: i < steps,
            lambda i, levels, velocity: (i + 1, *climb(levels, velocity, filters)),
            (0, levels, tf.zeros_like(levels)),
        )
        score, _ = objectives(tf.clip_by_value(levels, 0.0, 255.0), filters)
        return levels * ((high - low) / 255.0) + low, score

    key = ("patterns", tap.path, options.mode, step_size, (low, high), repr(spec))
    images = tf.TensorSpec(spec.shape, tf.float32)
    return taps.traced(
        model, key, run, images, tf.TensorSpec([None], tf.int32), tf.TensorSpec([], tf.int32)
    )


def _mean_of_filter(output: Any, tap: Tap, filters: Any) -> Any:
    """Mean over positions of one filter per picture, `(n,)`."""
    channels = taps.channels_last(output, tap)
    of_filter = tf.gather(channels, filters, axis=-1, batch_dims=1)
    return tf.reduce_mean(of_filter, axis=list(range(1, of_filter.shape.rank)))

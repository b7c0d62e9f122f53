"""Tap -> filter patterns: pictures that a filter answers to, by gradient ascent in input space.

A batch of pictures climbs together in one traced graph with the loop inside. Each picture has its
own seed and its own gradient scale, so it does not depend on what else is in the batch.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from convviz_tb.model import replicas, select, taps, upto
from convviz_tb.model.inputs import check_channels, has_fixed_size, picture_input
from convviz_tb.model.precision import Precision, traced
from convviz_tb.model.precision import best as best_precision
from convviz_tb.model.taps import Layer, Tap
from convviz_tb.patterns import recipes
from convviz_tb.patterns.objective import all_responses, objectives
from convviz_tb.patterns.options import FilterPatterns as FilterPatterns
from convviz_tb.patterns.options import Filters, Objective
from convviz_tb.patterns.size import frame_of
from convviz_tb.patterns.spectrum import Spectrum, of_images, of_photographs

Array = npt.NDArray[Any]
_BATCH = 4  # pictures per run of the graph at most, on a CPU: more are no faster
_BATCH_ON_GPU = 16
_MEMORY = 2**29  # bytes that a run of the graph may hold
_AUTO_LAYERS = 4
_MID_GRAY = 127.5  # of 0..255
_SCALE = 1024.0  # keeps float16 gradients from vanishing; a power of 2, exact in float32


@dataclass(frozen=True, eq=False)
class Patterns:
    """Filter patterns of one layer.

    Attributes:
        images: float32 `(n, h, w, c)` in the model's own input range, not clipped; `(n, length, c)`
            and `(n, d, h, w, c)` for models of signals and volumes. Channels last for every model.
        scores: float32 `(n,)`, mean activation of the filter on the picture clipped to that range.
        filters: int `(n,)`, the filters as given; directions are numbered from 0.
        value_range: lowest and highest value of the model's input, as assumed or given.
        gradients: float32 `(n,)`, RMS of the gradient by the picture in grey levels at the last
            step; 0 where nothing in the picture matters to the filter.
        dead: bool `(n,)`, whether the filter is silent on the picture that it was to answer to
            most. Its picture is plain mid-gray, except in mode "notebook".
        precision: "float32" or "bfloat16", what the convolutions were computed in.
        start_scores: float32 `(n,)`, mean activation on the picture that the ascent began at.
    """

    images: Array
    scores: Array
    filters: Array
    value_range: tuple[float, float]
    gradients: Array
    dead: Array
    precision: str
    start_scores: Array

    @property
    def levels(self) -> npt.NDArray[np.uint8]:
        """The pictures in grey levels 0..255 of the model's input range, clipped to it."""
        low, high = self.value_range
        levels = (np.nan_to_num(self.images) - low) * (255 / (high - low))
        return levels.round().clip(0, 255).astype(np.uint8)

    def only(self, chosen: Array) -> "Patterns":
        """Those of some of the filters, by a mask `(n,)`."""
        return replace(
            self,
            images=self.images[chosen],
            scores=self.scores[chosen],
            filters=self.filters[chosen],
            gradients=self.gradients[chosen],
            dead=self.dead[chosen],
            start_scores=self.start_scores[chosen],
        )


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
    mode: str = "natural",
    value_range: tuple[float, float] | None = None,
    objective: Objective = "channel",
    border: int = 0,
    before_activation: bool = False,
    precision: Literal["auto", "float32"] = "auto",
    images: Any = None,
    colours: bool = True,
) -> Patterns:
    """Pictures that the filters of a layer answer to, by gradient ascent on their mean activation.

    Erhan et al. 2009 for the idea; mode "notebook" is the recipe of Chollet, Deep Learning with
    Python, 5.4: gray start with noise, 40 steps of length 1, gradient divided by its RMS + 1e-5.

    Args:
        model: a built Keras model; it is not changed.
        layer: a name, a path such as `"vgg16/block3_conv1"`, or a layer object.
        filters: how many (evenly spread), a list of indices, "all", or directions: a float array
            `(n, channels)` with the weight of each channel.
        size: sides in pixels, one number or one per axis; by default about two receptive fields of
            the layer, 64 to 128 pixels but no more than the model's input has (modes "smooth" and
            "notebook": the model's input).
        steps: steps of ascent; by default those of the mode.
        step_size: length of the first step in grey levels of 0..255.
        seed: start of the noise. A picture depends on seed, layer and filter alone.
        start: float `(n, h, w, c)` in the model's input range, to go on from instead of noise.
            Give the mode's `warm_steps` and `warm_step_size` with it (`recipes.MODES`). A picture
            of plain mid-gray, as that of a dead filter, starts from noise.
        mode: "natural", "smooth" or "notebook".
        value_range: lowest and highest value of the model's input; by default (0, 255).
        objective: "channel" for the mean over all positions, "neuron" for the one in the centre.
        border: positions left out at each side of the feature map, where padding shows.
        before_activation: whether to take what goes into the layer's activation function.
        precision: "float32", or "auto" for convolutions in bfloat16 where that is faster.
        images: pictures as the model takes them, at least four, whose colours and spectrum the
            patterns take in mode "natural"; by default those of photographs.
        colours: whether to take their colours, too.

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
    options = FilterPatterns(
        layers=layer,
        filters=filters,
        size=size,
        steps=steps,
        step_size=step_size,
        seed=seed,
        mode=mode,
        value_range=value_range,
        objective=objective,
        border=border,
        before_activation=before_activation,
        precision=precision,
        images=images,
        colours=colours,
    )
    (tap,) = pattern_taps(model, options)
    return ascend(model, tap, options, choose_filters(filters, tap), start)


def ascend(
    model: keras.Model,
    tap: Tap,
    options: FilterPatterns,
    filters: Array,
    start: Array | None = None,
    steps: int | None = None,
    step_size: float | None = None,
    nth: int | None = None,
) -> Patterns:
    """Patterns of some filters of one layer: the gradient ascent behind `filter_patterns`.

    Args:
        model: a built Keras model; it is not changed.
        tap: the layer, one of `pattern_taps`.
        options: how to compute them; which layers and filters they name does not matter here.
        filters: int32 indices `(n,)` or float32 directions `(n, channels)`, see `choose_filters`.
        start: float `(n, *sides, channels)` in the model's input range, to resume from; see
            `filter_patterns`.
        steps: steps of ascent; by default those of `options`.
        step_size: length of the first step in grey levels; by default that of `options`.
        nth: which ascent in a row this is since the seed, which shifts it in its own way; by
            default 0, or 1 with a start.

    Raises:
        ValueError: see `filter_patterns`.
    """
    graph, frame = prepare(model, tap, options), frame_of(model, tap, options)
    pictures = _start(frame.picture.shape, tap, options, filters)
    if start is not None:
        given = _checked(start, (len(filters), *frame.shape))
        plain = (given == np.mean(_range(options))).reshape(len(given), -1).all(axis=1)
        pictures[~plain] = frame.padded(given[~plain])
    schedule = (
        tf.constant(steps or options.ascent_steps),
        tf.constant(step_size or options.first_step_size, tf.float32),
        tf.constant(options.seed * 1009 + (start is not None if nth is None else nth), tf.int32),
    )
    final, scores, gradients, began = _in_batches(
        graph, pictures, filters, schedule, replicas.count(model)
    )
    final = frame.cut(final)
    dead = (scores == 0) & np.isfinite(gradients)
    if not options.recipe.literal:
        final[dead] = np.mean(_range(options))
    numbers = filters if filters.ndim == 1 else np.arange(len(filters))
    return Patterns(
        final,
        scores,
        numbers,
        _range(options),
        gradients,
        dead,
        precision_of(model, options),
        began,
    )


def precision_of(model: keras.Model, options: FilterPatterns) -> Precision:
    """What the convolutions of a model are computed in: the same for all its layers and steps.

    Depthwise convolutions have slow kernels in bfloat16, and models with them are slower in it.
    """
    exact = options.recipe.literal or options.precision == "float32"
    layers = model._flatten_layers(include_self=False)
    if exact or any(isinstance(layer, taps.DEPTHWISE) for layer in layers):
        return "float32"
    return best_precision()


def _in_batches(
    graph: Any, pictures: Array, filters: Array, schedule: Sequence[Any], replicas: int
) -> tuple[Array, ...]:
    """Runs `graph` on batches of one size, the last one filled up.

    Kernels round differently for other batch sizes, and the ascent amplifies that until a picture
    depended on how many others were asked for.
    """
    size, count = _batch_of(graph) * replicas, len(filters)
    filled = np.minimum(np.arange(-(-count // size) * size), count - 1).reshape(-1, size)
    parts = [
        graph(tf.constant(pictures[part]), tf.constant(filters[part]), *schedule) for part in filled
    ]
    return tuple(np.concatenate([part[i].numpy() for part in parts])[:count] for i in range(4))


def batch_size(model: keras.Model, tap: Tap, options: FilterPatterns) -> int:
    """How many pictures are computed at a time; fewer cost as much."""
    return _batch_of(prepare(model, tap, options)) * replicas.count(model)


def _batch_of(graph: Any) -> int:
    """How many pictures a run of `graph` takes: a power of 2 that keeps within `_MEMORY`."""
    most = _BATCH_ON_GPU if tf.config.list_logical_devices("GPU") else _BATCH
    fitting = _MEMORY // int(tf.get_static_value(graph.outputs[-1]))
    return int(min(most, 2 ** (fitting.bit_length() - 1))) if fitting else 1


def _bytes_per_picture(graph: tf.Graph) -> int:
    """All that the operations of a graph put out for one picture; no more is held at a time."""
    outputs = [output for op in graph.get_operations() for output in op.outputs]
    batched = [output for output in outputs if (output.shape.rank or 0) > 1]
    return sum(
        output.dtype.size * int(np.prod([side or 1 for side in output.shape[1:]]))
        for output in batched
        if output.shape[0] is None
    )


def pattern_taps(model: keras.Model, options: FilterPatterns) -> list[Tap]:
    """The taps that `options.layers` asks for, in network order.

    Raises:
        ValueError: a layer does not exist, or `size` does not fit the model.
    """
    size = None if options.recipe.by_reach and has_fixed_size(model) else options.size
    is_automatic = isinstance(options.layers, str) and options.layers == "auto"
    found = taps.survey(model, picture_input(model, size).spec, units=not is_automatic)
    if is_automatic:
        spread = select.convolutions(found)
        return [spread[i] for i in evenly_spread(_AUTO_LAYERS, len(spread))]
    return select.choose(found, options.layers)


def evenly_spread(count: int, total: int) -> list[int]:
    """Up to `count` indices below `total`, first and last included."""
    spread = np.linspace(0, total - 1, min(count, total)).round()
    return [int(index) for index in np.unique(spread)]


def choose_filters(filters: Filters, tap: Tap) -> Array:
    """The filters to show: int32 indices `(n,)`, or float32 directions `(n, channels)`.

    Raises:
        ValueError: an index is beyond the layer's filters, or a direction has another length.
    """
    if isinstance(filters, str):
        return np.arange(tap.filters, dtype=np.int32)
    chosen = np.asarray(filters)
    if chosen.ndim == 2:
        if chosen.shape[1] != tap.filters:
            raise ValueError(
                f"filters: received directions of {chosen.shape[1]} weights; "
                f"{tap.path!r} has {tap.filters} filters."
            )
        return chosen.astype(np.float32)
    if chosen.ndim == 0:
        return np.asarray(evenly_spread(int(chosen), tap.filters), np.int32)
    if chosen.max() >= tap.filters:
        raise ValueError(
            f"filters: received {chosen.max()}, but {tap.path!r} has {tap.filters} filters, "
            f"0 to {tap.filters - 1}."
        )
    return chosen.astype(np.int32)


def _checked(start: Array, shape: tuple[int, ...]) -> Array:
    start = np.asarray(start, np.float32)
    if start.shape != shape:
        raise ValueError(f"start: received shape {start.shape}; {shape} fits.")
    return start


def _range(options: FilterPatterns) -> tuple[float, float]:
    return options.value_range or (0.0, 255.0)


def _start(shape: tuple[int, ...], tap: Tap, options: FilterPatterns, filters: Array) -> Array:
    """Gray with noise, in the model's input range; the notebook's `random * 20 + 128`."""
    low, high = _range(options)
    layer = zlib.crc32(tap.path.encode())
    numbers = filters if filters.ndim == 1 else range(len(filters))
    noise = [
        np.random.default_rng([options.seed, layer, number]).random(shape) for number in numbers
    ]
    return ((np.stack(noise) * 20 + 128) * (high - low) / 255 + low).astype(np.float32)


def prepare(model: keras.Model, tap: Tap, options: FilterPatterns) -> Any:
    """The graph that computes patterns of `tap`; traced at the first call, then reused.

    It maps pictures, filters, a number of steps, the length of the first one and a seed of shifts
    to the final pictures, their scores, the size of their gradients, the scores of the pictures
    that came in, and the bytes that one picture takes.

    Raises:
        ValueError: the layer cannot be read, `border` leaves nothing of it, or the input does not
            have the `channels` to show.
    """
    frame = frame_of(model, tap, options)
    picture, mode = frame.picture, options.recipe
    check_channels(options.channels, picture.shape[-1])
    low, high = _range(options)
    spectrum = spectrum_of(model, options)
    longest = mode.longest_wave(max(frame.computed), frame.reach)
    of_pictures = tf.TensorSpec((None, *picture.shape), tf.float32)
    of_one_picture = tf.TensorSpec((1, *picture.shape), tf.float32)
    of_filters = tf.TensorSpec((None,), tf.int32)
    if options.are_directions:
        of_filters = tf.TensorSpec((None, tap.filters), tf.float32)
    computed_in = precision_of(model, options)
    held: list[int] = []

    def scores_of(levels: Any, filters: Any) -> tuple[Any, Any]:
        inputs = picture.around(levels * ((high - low) / 255.0) + low)
        (output,) = upto.outputs(model, inputs, [tap])
        return objectives(output, filters, tap, options, frame.uncounted)

    def gradient_of(levels: Any, filters: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(levels)
            _, climbed = scores_of(levels, filters)
            scaled = climbed * _SCALE
        gradient = tape.gradient(scaled, levels) / _SCALE
        held.append(_bytes_per_picture(tf.compat.v1.get_default_graph()))
        return gradient

    def run(pictures: Any, filters: Any, steps: Any, step_size: Any, seed: Any) -> tuple[Any, ...]:
        uphill, score = (
            traced(function, computed_in, of_pictures, of_filters)
            for function in (gradient_of, scores_of)
        )
        score_of_one = traced(scores_of, computed_in, of_one_picture, of_filters)
        lengths = mode.step_sizes(step_size, steps)

        def gradient_at(i: Any, levels: Any) -> Any:
            if not mode.jitter:
                return uphill(levels, filters)
            shift, axes = mode.shift(seed, i, frame.computed), list(range(1, levels.shape.rank - 1))
            return tf.roll(uphill(tf.roll(levels, shift, axes), filters), -shift, axes)

        def climb(i: Any, levels: Any, velocity: Any, _: Any) -> tuple[Any, ...]:
            gradient = gradient_at(i, levels)
            velocity *= mode.momentum
            velocity += (1.0 - mode.momentum) * mode.direction(gradient, spectrum, longest)
            levels = mode.bounded(levels + lengths[i] * velocity)
            return i + 1, levels, velocity, recipes.rms(gradient)

        def judged(levels: Any) -> Any:
            return (levels, *score(tf.clip_by_value(levels, 0.0, 255.0), filters))

        first = (pictures - low) * (255.0 / (high - low))
        start = (0, first, tf.zeros_like(first), recipes.rms(first))
        _, levels, _, slope = tf.while_loop(lambda i, *_: i < steps, climb, start)
        found = judged(levels)
        began = judged(first) if mode.keeps_best else found
        if mode.keeps_best:
            gray = tf.fill([1, *picture.shape], _MID_GRAY)
            plain = (tf.zeros_like(first) + gray, *score_of_one(gray, filters))
            found = recipes.best(found, began, plain)
        pictures, scores = found[0] * ((high - low) / 255.0) + low, found[1]
        held_most = tf.constant(max(held), tf.int64)
        return pictures, scores, tf.reshape(slope, [-1]), began[1], held_most

    signature = (
        of_pictures,
        of_filters,
        tf.TensorSpec([], tf.int32),
        tf.TensorSpec([], tf.float32),
        tf.TensorSpec([], tf.int32),
    )
    recipe = (options.mode, low, high, computed_in, spectrum.key, frame.margin)
    aim = (options.objective, options.border, options.before_activation)
    shared = replicas.shared(model, run)
    return taps.traced(model, ("patterns", tap.path, recipe, aim, signature), shared, *signature)


def spectrum_of(model: keras.Model, options: FilterPatterns) -> Spectrum:
    """The colours and spectrum that patterns take: those of the user's images, or photographs."""
    picture = picture_input(model, None)
    if options.spectrum is None:
        found = of_photographs(picture.shape[-1], len(picture.shape) - 1)
        if options.images is not None:
            images = picture.of(options.images)
            if images.ndim == len(picture.shape) + 1 and images.shape[-1] == picture.shape[-1]:
                found = of_images(images)
        options.remember(found if options.colours else found.without_colours())
    assert options.spectrum is not None
    return options.spectrum


def mean_responses(
    model: keras.Model, tap: Tap, options: FilterPatterns, levels: npt.NDArray[np.uint8]
) -> Array:
    """How all filters of a layer respond to pictures: float32 `(n, filters)`, at least 0.

    The mean over the positions of what is above 0 of each activation, without its ceiling.

    Args:
        model: the model, with its weights of now.
        tap: the layer.
        options: how the pictures were made.
        levels: pictures `(n, *sides, c)` in grey levels 0..255 of the model's input range.
    """
    frame = frame_of(model, tap, options)
    low, high = _range(options)

    def run(levels: Any) -> Any:
        inputs = frame.picture.around(levels * ((high - low) / 255.0) + low)
        (output,) = upto.outputs(model, inputs, [tap])
        return all_responses(output, tap, options, frame.uncounted)

    spec = tf.TensorSpec((None, *frame.picture.shape), tf.float32)
    key = ("responses", tap.path, low, high, frame.margin, spec)
    graph = taps.traced(model, key, run, spec)
    padded = frame.padded(levels).astype(np.float32)
    parts = [graph(tf.constant(padded[i : i + _BATCH])) for i in range(0, len(padded), _BATCH)]
    return np.concatenate([part.numpy() for part in parts])

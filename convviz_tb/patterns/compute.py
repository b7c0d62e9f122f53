"""Filter patterns: the pictures that activate filters most, by gradient ascent in input space.

A batch of pictures climbs together in one traced graph with the loop inside. Each picture has its
own seed and its own gradient scale, so it does not depend on what else is in the batch.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from convviz_tb.model import (
    Graph,
    Layer,
    Precision,
    Spec,
    Tap,
    best_precision,
    check_channels,
    convolutions,
    count_replicas,
    gradient,
    has_gpu,
    in_precision,
    picture_input,
    record,
    select_taps,
    split,
    survey,
    traced,
)
from convviz_tb.patterns.objective import objectives
from convviz_tb.patterns.options import FilterPatterns, Filters, Objective
from convviz_tb.patterns.recipes import Recipe, rms

Array = npt.NDArray[Any]
_BATCH = 4  # pictures per run of the graph at most, on a CPU: more are no faster
_BATCH_ON_GPU = 16
_MEMORY = 2**29  # bytes that a run of the graph may hold
_AUTO_LAYERS = 4


@dataclass(frozen=True, eq=False)
class Patterns:
    """Filter patterns of one layer.

    Attributes:
        images: float32 `(n, h, w, c)` in the model's own input range, not clipped; `(n, length, c)`
            and `(n, d, h, w, c)` for models of signals and volumes. Channels last for every model.
        scores: float32 `(n,)`, mean activation of the filter on the picture clipped to
            `value_range`.
        filters: int `(n,)`, indices of the filters; directions are numbered from 0.
        value_range: lowest and highest value of the model's input, as assumed or given.
        gradients: float32 `(n,)`, RMS of the gradient of the objective by the picture, per grey
            level, at the last step; 0 where nothing in the picture matters to the filter.
        dead: bool `(n,)`, whether the filter has no activation even on its pattern. The picture is
            plain mid-gray then, except in mode "notebook".
        precision: "float32" or "bfloat16", the type that convolutions were computed in.
    """

    images: Array
    scores: Array
    filters: Array
    value_range: tuple[float, float]
    gradients: Array
    dead: Array
    precision: str


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
    objective: Objective = "channel",
    border: int = 0,
    before_activation: bool = False,
    precision: Literal["auto", "float32"] = "auto",
) -> Patterns:
    """Pictures that activate the filters of a layer most, by gradient ascent.

    Activation maximisation: Erhan et al. 2009, "Visualizing Higher-Layer Features of a Deep
    Network". Mode "notebook" is the recipe of Chollet, Deep Learning with Python, 5.4: gray start
    with noise, 40 steps of length 1, gradient divided by its RMS + 1e-5. Mode "smooth" scales each
    spatial frequency f of the gradient by 1 / f (as in Olah et al. 2017, "Feature Visualization",
    preconditioning), in 16 steps that get shorter.

    Args:
        model: a built Keras model; it is not changed.
        layer: a name, a path such as `"vgg16/block3_conv1"`, or a layer object.
        filters: how many (evenly spread), a list of indices, "all", or directions: a float array
            `(n, channels)` with the weight of each channel.
        size: sides in pixels, at least 8, one number or one per axis; by default those of the
            model's input, or 128 where it takes any.
        steps: steps of ascent, at least 1; by default those of the mode.
        step_size: length of the first step in grey levels of 0..255 (RMS over the picture).
        seed: seed of the noise. A picture depends on seed, layer and filter alone.
        start: float `(n, h, w, c)` in the model's input range, to start from instead of noise.
            Give the mode's `warm_steps` and `warm_step_size` with it (`recipes.MODES`). A picture
            of plain mid-gray, as that of a dead filter, starts from noise.
        mode: "smooth" or "notebook".
        value_range: lowest and highest value of the model's input; by default (0, 255).
        objective: "channel" for the mean over all positions, "neuron" for the one in the centre.
        border: positions left out at each side of the feature map, where padding shows.
        before_activation: whether to take what goes into the layer's activation function.
        precision: "float32", or "auto" for convolutions in bfloat16 where that is faster.

    Returns:
        `Patterns`, one picture per filter.

    Raises:
        ValueError: an argument is out of range, or the layer, a filter, the size, the border or
            `start` does not fit the model; the message names it and what was received.

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

    Raises:
        ValueError: see `filter_patterns`.
    """
    graph = prepare(model, tap, options)
    pictures = _start(picture_input(model, options.size).shape, tap, options, filters)
    if start is not None:
        given = _checked(start, pictures.shape)
        plain = (given == np.mean(_range(options))).reshape(len(given), -1).all(axis=1)
        pictures[~plain] = given[~plain]
    schedule = (
        ops.convert_to_tensor(steps or options.ascent_steps, "int32"),
        ops.convert_to_tensor(step_size or options.first_step_size, "float32"),
    )
    batch = _batch_of(graph) * count_replicas(model)
    final, scores, gradients = _in_batches(graph, pictures, filters, schedule, batch)
    dead = (scores == 0) & np.isfinite(gradients)
    if not options.recipe.literal:
        final[dead] = np.mean(_range(options))
    numbers = filters if filters.ndim == 1 else np.arange(len(filters))
    return Patterns(
        final, scores, numbers, _range(options), gradients, dead, precision_of(model, options)
    )


def precision_of(model: keras.Model, options: FilterPatterns) -> Precision:
    """What the convolutions of a model are computed in: the same for all its layers and steps."""
    exact = options.recipe.literal or options.precision == "float32"
    return "float32" if exact else best_precision(model)


def _in_batches(
    graph: Graph, pictures: Array, filters: Array, schedule: tuple[Any, Any], size: int
) -> list[Array]:
    """Runs `graph` on batches of one size, the last one filled up.

    Kernels round differently for other batch sizes, and the ascent amplifies that until a picture
    depended on how many others were asked for.
    """
    count = len(filters)
    filled = np.minimum(np.arange(-(-count // size) * size), count - 1).reshape(-1, size)
    parts = [
        graph(*(ops.convert_to_tensor(rows[part]) for rows in (pictures, filters)), *schedule)
        for part in filled
    ]
    return [
        np.concatenate([ops.convert_to_numpy(each) for each in results])[:count]
        for results in zip(*parts, strict=True)
    ]


def batch_size(model: keras.Model, tap: Tap, options: FilterPatterns) -> int:
    """How many pictures are computed at a time; fewer cost as much."""
    return _batch_of(prepare(model, tap, options)) * count_replicas(model)


def _batch_of(graph: Graph) -> int:
    """How many pictures a run of `graph` takes: a power of 2 that keeps within `_MEMORY`."""
    most = _BATCH_ON_GPU if has_gpu() else _BATCH
    fitting = _MEMORY // graph.bytes_per_row
    return int(min(most, 2 ** (fitting.bit_length() - 1))) if fitting else 1


def pattern_taps(model: keras.Model, options: FilterPatterns) -> list[Tap]:
    """The taps that `options.layers` asks for, in network order.

    Raises:
        ValueError: a layer does not exist, or `size` does not fit the model.
    """
    taps = survey(model, picture_input(model, options.size).spec)
    if isinstance(options.layers, str) and options.layers == "auto":
        spread = convolutions(taps)
        return [spread[i] for i in evenly_spread(_AUTO_LAYERS, len(spread))]
    return select_taps(taps, options.layers)


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


def prepare(model: keras.Model, tap: Tap, options: FilterPatterns) -> Graph:
    """The graph that computes patterns of `tap`; traced at the first call, then reused.

    It maps pictures, filters, a number of steps and the length of the first one to the final
    pictures, their scores and the size of their gradients.

    Raises:
        ValueError: the layer cannot be read, `border` leaves nothing of it, or the input does not
            have the `channels` to show.
    """
    picture = picture_input(model, options.size)
    check_channels(options.channels, picture.shape[-1])
    low, high = _range(options)
    precision = precision_of(model, options)
    of_pictures = Spec((None, *picture.shape), "float32")
    of_filters = Spec((None,), "int32")
    if options.are_directions:
        of_filters = Spec((None, tap.filters), "float32")

    def objectives_of(levels: Any, filters: Any) -> tuple[Any, Any]:
        pictures = levels * ((high - low) / 255.0) + low
        _, (output,) = record(model, [tap], picture.around(pictures))
        return objectives(output, filters, tap, options)

    def uphill(levels: Any, filters: Any) -> Any:
        return gradient(lambda levels: objectives_of(levels, filters)[1], levels)

    def score(levels: Any, filters: Any) -> Any:
        return objectives_of(levels, filters)[0]

    def run(pictures: Any, filters: Any, steps: Any, step_size: Any) -> tuple[Any, ...]:
        gradient_of, score_of = (
            in_precision(function, precision, of_pictures, of_filters)
            for function in (uphill, score)
        )
        levels, slope = _climb(
            lambda levels: gradient_of(levels, filters),
            (pictures - low) * (255.0 / (high - low)),
            options.recipe,
            steps,
            step_size,
        )
        scores = score_of(ops.clip(levels, 0.0, 255.0), filters)
        return levels * ((high - low) / 255.0) + low, scores, slope

    aim = (options.objective, options.border, options.before_activation)
    key = ("patterns", tap.path, options.mode, low, high, precision, aim)
    signature = (of_pictures, of_filters, Spec((), "int32"), Spec((), "float32"))
    return traced(model, key, split(model, run), *signature)


def _climb(
    gradient_of: Callable[[Any], Any], levels: Any, recipe: Recipe, steps: Any, step_size: Any
) -> tuple[Any, Any]:
    """Pictures in grey levels after the ascent, and the RMS of their last gradients, `(n,)`."""
    lengths = recipe.step_sizes(step_size, steps)

    def step(i: Any, levels: Any, velocity: Any, _: Any) -> tuple[Any, ...]:
        slope = gradient_of(levels)
        velocity *= recipe.momentum
        velocity += (1.0 - recipe.momentum) * recipe.direction(slope)
        return i + 1, recipe.bounded(levels + lengths[i] * velocity), velocity, rms(slope)

    start = (0, levels, ops.zeros_like(levels), rms(levels))
    _, levels, _, slope = ops.while_loop(lambda i, *_: i < steps, step, start)
    return levels, ops.reshape(slope, [-1])

"""Filter patterns: the pictures that activate filters most, by gradient ascent in input space.

Batches of pictures start from noise, or from given pictures, and climb in the graph of `graph.py`.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from convviz_tb.images import pattern_tiles, sheet
from convviz_tb.model import (
    Graph,
    Layer,
    Tap,
    convolutions,
    count_replicas,
    has_fixed_size,
    has_gpu,
    picture_input,
    select_taps,
    survey,
)
from convviz_tb.patterns.graph import calmed, precision_of, prepare, prepare_responses
from convviz_tb.patterns.options import FilterPatterns, Filters, Objective
from convviz_tb.patterns.size import Frame, frame_of
from convviz_tb.patterns.waking import Woken, wake

Array = npt.NDArray[Any]
_BATCH = 4  # pictures per run of the graph at most, on a CPU: more are no faster
_BATCH_ON_GPU = 16
_MEMORY = 2**29  # bytes that a run of the graph may hold
_AUTO_LAYERS = 4
#: One row for each filter.
_RESULTS = ("images", "padded", "scores", "gradients", "dead", "start_scores")


@dataclass(frozen=True, eq=False)
class Patterns:
    """Filter patterns of one layer.

    Attributes:
        images: float32 `(n, h, w, c)` in the model's own input range, not clipped; `(n, length, c)`
            and `(n, d, h, w, c)` for models of signals and volumes. Channels last for every model.
        padded: the same with the margin around them that is computed and not shown; they are what
            the model sees, and what an ascent is resumed from.
        scores: float32 `(n,)`, mean activation of the filter on the padded picture clipped to
            `value_range`; positions at its border do not count.
        filters: int `(n,)`, indices of the filters; directions are numbered from 0.
        value_range: lowest and highest value of the model's input, as assumed or given.
        gradients: float32 `(n,)`, RMS of the gradient of the objective by the picture, per grey
            level, at the last step; 0 where nothing in the picture matters to the filter.
        dead: bool `(n,)`, whether the filter has no activation even on its pattern, and a search
            (`waking.py`) finds no picture that it responds to. The picture is plain mid-gray then,
            except in mode "notebook".
        precision: "float32" or "bfloat16", the type that convolutions were computed in.
        start_scores: float32 `(n,)`, the score of the picture that the ascent started from; in
            modes that do not keep the best picture, that of the last one.
    """

    images: Array
    padded: Array
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

    def clipped(self) -> "Patterns":
        """The pictures clipped to the model's input range."""
        low, high = self.value_range
        images, padded = self.images.clip(low, high), self.padded.clip(low, high)
        return replace(self, images=images, padded=padded)

    def _repr_png_(self) -> bytes:
        """What a notebook shows: the pictures, first filter top left."""
        return sheet(pattern_tiles(self.images), "png")[1]

    def only(self, chosen: Array) -> "Patterns":
        """Those of some of the filters: indices, or a mask `(n,)`."""
        columns = {name: getattr(self, name)[chosen] for name in ("filters", *_RESULTS)}
        return replace(self, **columns)

    def replaced(self, chosen: Array, others: "Patterns") -> "Patterns":
        """A copy in which those of some of the filters, indices, are others."""
        columns = {name: getattr(self, name).copy() for name in _RESULTS}
        for name, column in columns.items():
            column[chosen] = getattr(others, name)
        return replace(self, **columns)


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
    """Pictures that activate the filters of a layer most, by gradient ascent.

    Activation maximisation: Erhan et al. 2009, "Visualizing Higher-Layer Features of a Deep
    Network". Mode "notebook" is the recipe of Chollet, Deep Learning with Python, 5.4: gray start
    with noise, 40 steps of length 1, gradient divided by its RMS + 1e-5. Mode "smooth" scales each
    spatial frequency f of the gradient by 1 / f (as in Olah et al. 2017, "Feature Visualization",
    preconditioning), in 16 steps that get shorter. Mode "natural" whitens it to the colours and
    the spectrum of pictures instead, in 16 steps (`recipes.natural_direction`).

    Args:
        model: a built Keras model; it is not changed.
        layer: a name, a path such as `"vgg16/block3_conv1"`, or a layer object.
        filters: how many (evenly spread), a list of indices, "all", or directions: a float array
            `(n, channels)` with the weight of each channel.
        size: sides in pixels, at least 8, one number or one per axis. By default two receptive
            fields of the layer, 64 to 112 pixels but no more than the model's input has; in modes
            "smooth" and "notebook" those of the model's input, or 128 where it takes any.
        steps: steps of ascent, at least 1; by default those of the mode.
        step_size: length of the first step in grey levels of 0..255 (RMS over the picture).
        seed: seed of the noise. A picture depends on seed, layer and filter alone.
        start: float `(n, h, w, c)` in the model's input range, to start from instead of noise: the
            pictures of an earlier call, best with their margin (`Patterns.padded`). Give the mode's
            `warm_steps` and `warm_step_size` with it (`recipes.MODES`). A picture of plain
            mid-gray, as that of a dead filter, starts from noise.
        mode: "natural", "smooth" or "notebook".
        value_range: lowest and highest value of the model's input; by default (0, 255).
        objective: "channel" for the mean over all positions, "neuron" for the one in the centre.
        border: positions left out at each side of the feature map, where padding shows.
        before_activation: whether to take what goes into the layer's activation function.
        precision: "float32", or "auto" for convolutions in bfloat16 where that is faster.
        images: pictures, as the model takes them, at least four, whose colours and spectrum the
            patterns have in mode "natural"; by default those of photographs.
        colours: whether patterns have the colours of these images, too.

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
        images=images,
        colours=colours,
    )
    (tap,) = pattern_taps(model, options)
    chosen = choose_filters(filters, tap)
    return with_silent_woken(
        model, tap, options, chosen, ascend(model, tap, options, chosen, start)
    )


def from_seed(model: keras.Model, tap: Tap, options: FilterPatterns, filters: Array) -> Patterns:
    """Patterns of some filters of one layer as `filter_patterns` makes them, from noise."""
    patterns = ascend(model, tap, options, filters)
    return with_silent_woken(model, tap, options, filters, patterns)


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

    Silent filters, without activation on their pattern, are given as dead: see `with_silent_woken`.

    Args:
        model: a built Keras model; it is not changed.
        tap: the layer, one of `pattern_taps`.
        options: how to compute them; which layers and filters they name does not matter here.
        filters: int32 indices `(n,)` or float32 directions `(n, channels)`, see `choose_filters`.
        start: float `(n, *sides, channels)` in the model's input range, to resume from; see
            `filter_patterns`.
        steps: steps of ascent; by default those of `options`.
        step_size: length of the first step in grey levels; by default that of `options`.
        nth: the number of this ascent since the seed, each of which is shifted in its own way; by
            default 0, or 1 with a start.

    Raises:
        ValueError: see `filter_patterns`.
    """
    graph, frame = prepare(model, tap, options), frame_of(model, tap, options)
    pictures = _noise(frame.picture.shape, tap, options, filters)
    if start is not None:
        given = _checked(start, frame, len(filters))
        plain = (given == np.mean(options.input_range)).reshape(len(given), -1).all(axis=1)
        pictures[~plain] = given[~plain]
    steps = steps or options.ascent_steps
    seed = [options.seed, int(start is not None) if nth is None else nth]
    batch = _batch_of(graph) * count_replicas(model)
    shifts = options.recipe.shifts(seed, steps, frame.computed)
    schedule = (
        ops.convert_to_tensor(steps, "int32"),
        ops.convert_to_tensor(step_size or options.first_step_size, "float32"),
        ops.convert_to_tensor(np.repeat(shifts[None], batch, axis=0)),
    )
    final, scores, gradients, start_scores = _in_batches(graph, pictures, filters, schedule, batch)
    patterns = Patterns(
        images=frame.cut(final),
        padded=final,
        scores=scores,
        filters=filters if filters.ndim == 1 else np.arange(len(filters)),
        value_range=options.input_range,
        gradients=gradients,
        dead=(scores == 0) & np.isfinite(gradients),
        precision=precision_of(model, options),
        start_scores=start_scores,
    )
    if options.recipe.literal:
        return patterns
    if start is not None:
        flat = _on_plateau(patterns)  # gray is not to become noise
        patterns.padded[flat], patterns.images[flat] = given[flat], frame.cut(given)[flat]
        return patterns
    return _off_plateaus(model, tap, options, filters, patterns, pictures, steps)


def _on_plateau(patterns: Patterns) -> Array:
    """Which filters respond, and to all pictures of their ascents alike, bool `(n,)`."""
    gray = np.mean(patterns.value_range)
    is_gray = (patterns.padded == gray).reshape(len(patterns.padded), -1).all(axis=1)
    is_same = (patterns.scores == patterns.start_scores) | is_gray
    on_plateau: Array = is_same & (patterns.gradients == 0) & ~patterns.dead
    return on_plateau


def _off_plateaus(
    model: keras.Model,
    tap: Tap,
    options: FilterPatterns,
    filters: Array,
    patterns: Patterns,
    noise: Array,
    steps: int,
) -> Patterns:
    """Patterns in which filters that respond to faint noise as to gray start from strong clouds.

    What such a filter sees is silent there, so that nothing in the picture matters to it.
    """
    flat = np.flatnonzero(_on_plateau(patterns))
    if not len(flat):
        return patterns
    clouds = calmed(model, tap, options, noise[flat])
    others = ascend(model, tap, options, filters[flat], clouds, steps=steps, nth=0)
    better = others.scores > patterns.scores[flat]
    patterns = patterns.replaced(flat[better], others.only(better))
    for pictures in (patterns.images, patterns.padded):
        pictures[flat[~better]] = np.mean(options.input_range)
    return patterns


def with_silent_woken(
    model: keras.Model,
    tap: Tap,
    options: FilterPatterns,
    filters: Array,
    patterns: Patterns,
    attempt: Callable[[Array], Woken] | None = None,
) -> Patterns:
    """Patterns in which those of silent filters start from a picture that they respond to.

    A filter for which no such picture is found is dead, its pattern plain mid-gray.

    Args:
        model: the model.
        tap: the layer.
        options: as those of `ascend`.
        filters: as those of `ascend`.
        patterns: what that made of them.
        attempt: tries to wake some of the filters, by their positions; by default a whole attempt.
    """
    silent = np.flatnonzero(patterns.dead)
    if not len(silent):
        return patterns
    woken = attempt(silent) if attempt else wake(model, tap, options, filters[silent])
    if options.recipe.literal:
        dead = patterns.dead.copy()
        dead[silent] = ~woken.awake
        return replace(patterns, dead=dead)
    awake, found = silent[woken.awake], woken.pictures[woken.awake]
    if len(awake):
        patterns = patterns.replaced(
            awake, _resumed_from(model, tap, options, filters[awake], found)
        )
    for pictures in (patterns.images, patterns.padded):
        pictures[patterns.dead] = np.mean(options.input_range)
    return patterns


def _resumed_from(
    model: keras.Model, tap: Tap, options: FilterPatterns, filters: Array, found: Array
) -> Patterns:
    """Patterns from pictures that the filters respond to; these, where it ends in silence again."""
    patterns = ascend(model, tap, options, filters, calmed(model, tap, options, found), nth=0)
    patterns = patterns.clipped()
    silent = patterns.dead
    if silent.any():
        loud = ascend(model, tap, options, filters[silent], found[silent], nth=0).clipped()
        patterns = patterns.replaced(np.flatnonzero(silent), loud)
    silent = patterns.dead
    for pictures, of_found in (
        (patterns.images, frame_of(model, tap, options).cut(found)),
        (patterns.padded, found),
    ):
        pictures[silent] = of_found[silent]
    return replace(patterns, dead=np.zeros(len(filters), bool))


def layer_responses(model: keras.Model, tap: Tap, options: FilterPatterns, levels: Array) -> Array:
    """How all filters of a layer respond to pictures: float32 `(n, filters)`, at least 0.

    The mean over the positions of what each activation has above 0, without its ceiling.

    Args:
        model: the model, with its weights of now.
        tap: the layer.
        options: how the pictures were made.
        levels: pictures `(n, *sides, c)` in grey levels 0..255 of the model's input range.
    """
    graph = prepare_responses(model, tap, options)
    pictures = frame_of(model, tap, options).padded(levels).astype(np.float32)
    parts = [pictures[i : i + _BATCH] for i in range(0, len(pictures), _BATCH)]
    responses = [ops.convert_to_numpy(graph(ops.convert_to_tensor(part))) for part in parts]
    return np.concatenate(responses)


def _in_batches(
    graph: Graph, pictures: Array, filters: Array, schedule: Sequence[Any], size: int
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
    size = None if options.recipe.by_receptive_field and has_fixed_size(model) else options.size
    is_auto = isinstance(options.layers, str) and options.layers == "auto"
    taps = survey(model, picture_input(model, size, like=options.images).spec, units=not is_auto)
    if is_auto:
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


def _checked(start: Array, frame: Frame, count: int) -> Array:
    """`start` with its margin, which mirrors it where it came without."""
    start = np.asarray(start, np.float32)
    if start.shape == (count, *frame.picture.shape):
        return start
    if start.shape != (count, *frame.shape):
        raise ValueError(f"start: received shape {start.shape}; {(count, *frame.shape)} fits.")
    padded: Array = frame.padded(start)
    return padded


def _noise(shape: tuple[int, ...], tap: Tap, options: FilterPatterns, filters: Array) -> Array:
    """Gray with noise, in the model's input range; the notebook's `random * 20 + 128`."""
    low, high = options.input_range
    layer = zlib.crc32(tap.path.encode())
    numbers = filters if filters.ndim == 1 else range(len(filters))
    noise = [
        np.random.default_rng([options.seed, layer, number]).random(shape) for number in numbers
    ]
    return ((np.stack(noise) * 20 + 128) * (high - low) / 255 + low).astype(np.float32)

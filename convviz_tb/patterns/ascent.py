"""Ascents: batches of pictures climb from noise, or from given ones, in the graph of `graph.py`."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from convviz_tb.images import pattern_tiles, sheet
from convviz_tb.model import Graph, Tap, count_replicas, has_gpu
from convviz_tb.patterns.graph import precision_of, prepare, prepare_responses
from convviz_tb.patterns.options import FilterPatterns
from convviz_tb.patterns.size import Frame, frame_of

Array = npt.NDArray[Any]

_BATCH: Final = 4  # pictures per run of the graph at most, on a CPU: more are no faster
_BATCH_ON_GPU: Final = 16
_MEMORY: Final = 2**29  # bytes that a run of the graph may hold
#: One row for each filter.
_RESULTS: Final = ("images", "padded", "scores", "gradients", "dead", "start_scores")


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

    @property
    def on_plateau(self) -> Array:
        """Which filters respond, and to all pictures of their ascents alike, bool `(n,)`."""
        gray = np.mean(self.value_range)
        is_gray = (self.padded == gray).reshape(len(self.padded), -1).all(axis=1)
        is_same = (self.scores == self.start_scores) | is_gray
        on_plateau: Array = is_same & (self.gradients == 0) & ~self.dead
        return on_plateau

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
    pictures = noise(frame.picture.shape, tap, options, filters)
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
    if start is not None and not options.recipe.literal:
        flat = patterns.on_plateau  # gray is not to become noise
        patterns.padded[flat], patterns.images[flat] = given[flat], frame.cut(given)[flat]
    return patterns


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


def _checked(start: Array, frame: Frame, count: int) -> Array:
    """`start` with its margin, which mirrors it where it came without."""
    start = np.asarray(start, np.float32)
    if start.shape == (count, *frame.picture.shape):
        return start
    if start.shape != (count, *frame.shape):
        raise ValueError(f"start: received shape {start.shape}; {(count, *frame.shape)} fits.")
    padded: Array = frame.padded(start)
    return padded


def noise(shape: tuple[int, ...], tap: Tap, options: FilterPatterns, filters: Array) -> Array:
    """Gray with noise, in the model's input range; the notebook's `random * 20 + 128`."""
    low, high = options.input_range
    layer = zlib.crc32(tap.path.encode())
    numbers = filters if filters.ndim == 1 else range(len(filters))
    noise = [
        np.random.default_rng([options.seed, layer, number]).random(shape) for number in numbers
    ]
    return ((np.stack(noise) * 20 + 128) * (high - low) / 255 + low).astype(np.float32)

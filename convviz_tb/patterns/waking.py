"""Waking: searches for pictures that silent filters respond to, for all of them at once.

An ascent from noise by a mean over positions may end where a filter is silent, though it responds
to something. Here noise and parts of the user's images climb by the sign of the slope of what goes
into the activation, wherever it is highest: each filter at a position of its own, so that one
picture serves them all.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from convviz_tb.model import Graph, Spec, Tap, before_activation, gradient, record_up_to, traced
from convviz_tb.patterns.options import FilterPatterns
from convviz_tb.patterns.size import Frame, frame_of

Array = npt.NDArray[Any]

_STARTS: Final = 8  # half of them noise
_STEPS: Final = 8  # of one run of the graph, after which is looked which filters respond
_LENGTHS: Final[Sequence[float]] = (
    24.0,
    24.0,
    12.0,
    12.0,
    4.0,
    4.0,
)  # grey levels: of the steps of each run
_AGAIN: Final = (16.0, 4.0)  # the same, of filters that the last attempt did not wake
_HOPE: Final = 10.0  # times what the last run has gained: what each of the next may gain at best
_ACTIVATIONS: Final = frozenset({"Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Softplus"})


@dataclass(frozen=True, eq=False)
class Woken:
    """What an attempt to wake some filters came to.

    Attributes:
        awake: bool `(n,)`, which of them respond to a picture.
        pictures: float32 `(n, *sides, c)` in the model's input range, with the margin: for each the
            picture that it responds to; what it is of others means nothing.
        last: the pictures of the attempt in grey levels, which another one can continue.
    """

    awake: Array
    pictures: Array
    last: Array


def wake(
    model: keras.Model,
    tap: Tap,
    options: FilterPatterns,
    filters: Array,
    last: Array | None = None,
    nth: int = 0,
) -> Woken:
    """Searches for pictures that filters respond to, at any position.

    Args:
        model: a built Keras model; it is not changed.
        tap: the layer.
        options: gives the range and the size of pictures, and images, parts of which are starts.
        filters: silent ones: indices `(n,)` or directions `(n, channels)`.
        last: `Woken.last` of an attempt in vain for the same filters: continued in fewer steps,
            beside new starts.
        nth: the number of this attempt; each has starts of its own.
    """
    graph, frame = _prepare(model, tap, options), frame_of(model, tap, options)
    low, high = options.input_range
    levels, lengths = _starts(frame, tap, options, nth), _LENGTHS
    if last is not None:
        levels[: len(levels) // 2], lengths = last[: len(levels) // 2], _AGAIN
    weights = filters if filters.ndim == 2 else np.eye(tap.filters, dtype=np.float32)[filters]
    awake, pictures = np.zeros(len(filters), bool), np.zeros((len(filters), *levels.shape[1:]))
    before = np.full(len(filters), -np.inf)
    for done, length in enumerate(lengths, start=1):
        asleep = weights * ~awake[:, None]
        climbed, heights, responds = _run(graph, levels, asleep, np.asarray(length, np.float32))
        best = np.where(responds, heights, -np.inf).argmax(0)
        new = responds.any(0) & ~awake
        pictures[new], awake = climbed[best[new]], awake | new
        is_flat, levels, highest = np.array_equal(climbed, levels), climbed, heights.max(axis=0)
        hoped, before = highest + _HOPE * (len(lengths) - done) * (highest - before), highest
        if is_flat or (awake | (hoped < 0)).all():  # the others are too far away
            break
    return Woken(awake, (pictures * ((high - low) / 255.0) + low).astype(np.float32), levels)


def _starts(frame: Frame, tap: Tap, options: FilterPatterns, nth: int) -> Array:
    """Pictures in grey levels: noise, and parts of images, mirrored where they are too small."""
    picture, (low, high) = frame.picture, options.input_range
    random = np.random.default_rng([options.seed, zlib.crc32(tap.path.encode()), nth])
    starts = random.uniform(0, 255, (_STARTS, *picture.shape)).astype(np.float32)
    if options.images is None:
        return starts
    shown = picture.among(options.images)
    if shown.ndim != starts.ndim or shown.shape[-1] != picture.shape[-1]:
        return starts
    room = np.subtract(shown.shape[1:], picture.shape)
    for i in range(1, _STARTS, 2):
        corner = [random.integers(0, max(most, 0) + 1) for most in room]
        part = [slice(at, at + side) for at, side in zip(corner, picture.shape, strict=True)]
        image = shown[int(random.integers(len(shown)))][tuple(part)]
        whole = np.pad(image, [(0, max(-missing, 0)) for missing in room], mode="reflect")
        starts[i] = ((whole - low) * (255.0 / (high - low))).clip(0, 255)
    return starts


def _run(graph: Graph, *arguments: Array) -> list[Array]:
    results = graph(*map(ops.convert_to_tensor, arguments))
    return [ops.convert_to_numpy(each) for each in results]


def _prepare(model: keras.Model, tap: Tap, options: FilterPatterns) -> Graph:
    """The graph that climbs a few steps; traced at the first call, then reused.

    It maps pictures in grey levels, the weights of channels `(n, channels)` of each filter and the
    length of a step to the pictures then, and for each picture and filter the largest value that
    goes into the activation and whether it responds. A filter whose weights are 0 does not climb.
    """
    (low, high), picture = options.input_range, frame_of(model, tap, options).picture

    def values(levels: Any, weights: Any) -> tuple[Any, Any]:
        inputs = picture.around(levels * ((high - low) / 255.0) + low)
        (output,) = record_up_to(model, [tap], inputs)
        before = before_activation(output, _ACTIVATIONS)
        climbed, shown = (
            ops.matmul(ops.cast(each, "float32"), ops.transpose(weights))
            for each in (output if before is None else before, output)
        )
        axes = list(range(1, len(shown.shape) - 1))
        return ops.max(climbed, axes), ops.any(shown != 0, axes)

    def height(levels: Any, weights: Any) -> Any:
        """Of all filters together; each counts by the share of its way up to 0."""
        highest = values(levels, weights)[0]
        return ops.sum(ops.divide_no_nan(highest, ops.abs(ops.stop_gradient(highest))), axis=1)

    def run(levels: Any, weights: Any, length: Any) -> tuple[Any, Any, Any]:
        def step(i: Any, levels: Any) -> tuple[Any, Any]:
            slope = gradient(lambda levels: height(levels, weights), levels)
            return i + 1, ops.clip(levels + length * ops.sign(slope), 0.0, 255.0)

        _, levels = ops.while_loop(lambda i, _: i < _STEPS, step, (0, levels))
        return levels, *values(levels, weights)

    of_weights = Spec((None, tap.filters), "float32")
    specs = (Spec((None, *picture.shape), "float32"), of_weights, Spec((), "float32"))
    key = ("waking", tap.path, low, high, picture.shape)
    return traced(model, key, run, *specs)

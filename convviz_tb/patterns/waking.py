"""Waking: a thorough attempt to find a picture that a silent filter responds to.

A filter that is silent on the probe images, and whose pattern found nothing, may respond to
something all the same: a pattern climbs from noise, by a mean or in the centre. Here noise and
parts of the probe images climb by the sign of the slope, wherever the filter is highest.
"""

from collections.abc import Sequence
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from convviz_tb.model import (
    Fingerprints,
    Graph,
    Spec,
    Tap,
    before_activation,
    gradient,
    kernels,
    pick_channels,
    record_up_to,
    traced,
)
from convviz_tb.patterns.options import FilterPatterns
from convviz_tb.patterns.size import frame_of

Array = npt.NDArray[Any]

_STARTS: Final = 4  # half of them noise
_STEPS: Final = 8  # of one run of the graph, after which is looked whether the filter responds
_LENGTHS: Final[Sequence[float]] = (24.0, 12.0, 4.0)  # grey levels: of the steps of each run
_AGAIN: Final = (16.0, 4.0)  # the same, of a filter that was not woken at the last attempt
_SAME: Final = 0.99  # cosine of the weights of a filter that is still the same
_ACTIVATIONS: Final = frozenset({"Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Softplus"})


class Waking:
    """Tells of silent filters of a layer whether a picture wakes them, step after step.

    A filter that was dead at the last step, and whose weights are the same, is tried again in
    fewer steps, from its best picture too; where nothing that it depends on changed, not at all.

    Args:
        model: the model.
        tap: the layer.
        options: what patterns are made; gives the range and size of pictures.
        fingerprints: show whether weights changed.
        images: the probe images; some are starts.
    """

    def __init__(
        self,
        model: keras.Model,
        tap: Tap,
        options: FilterPatterns,
        fingerprints: Fingerprints,
        images: Any,
    ) -> None:
        self._model = model
        self._tap = tap
        self._options = options
        self._fingerprints = fingerprints
        self._images = images
        self._made_from: str | None = None  # fingerprint at the last attempt
        self._answers: dict[int, bool] = {}  # of that attempt, by filter
        self._best: dict[int, Array] = {}  # best picture of each filter that it did not wake
        self._kernels: Array | None = None  # at that attempt
        self._attempts = 0  # so far; each has starts of its own

    def wakes(self, step: int, filters: Array) -> Array:
        """Which of some filters a picture wakes, bool `(n,)`; not of directions `(n, channels)`."""
        if filters.ndim > 1:
            return np.zeros(len(filters), bool)
        now, rows = self._fingerprints.of(step, self._tap), self._tap.kernel
        if now is None or now != self._made_from:
            self._made_from, self._answers = now, {}
        for filter_ in map(int, filters):
            if filter_ not in self._answers:
                self._answers[filter_] = self._wakes(filter_, self._is_same(filter_, rows))
        self._kernels = rows
        return np.array([self._answers[int(filter_)] for filter_ in filters], bool)

    def resume_from(self, other: "Waking") -> None:
        """Remembers what an earlier fit found, if it was of the same model and options."""
        if other._model is self._model and other._options is self._options:
            self._best, self._kernels = other._best, other._kernels

    def _is_same(self, filter_: int, rows: Array | None) -> bool:
        """Whether a filter is the one that was not woken at the last attempt."""
        if filter_ not in self._best or rows is None or self._kernels is None:
            return False
        pair = (rows[[filter_]], self._kernels[[filter_]])
        return bool(kernels.kernel_cosine(*pair)[0] > _SAME)

    def _wakes(self, filter_: int, is_same: bool) -> bool:
        self._attempts += 1
        pictures, lengths = self._starts(filter_), _LENGTHS
        if is_same:
            pictures[0], lengths = self._best[filter_][0], _AGAIN
        for length in lengths:
            climbed, heights, responds = self._climb(pictures, filter_, length)
            if responds.any():
                self._best.pop(filter_, None)
                return True
            is_flat = bool((climbed == pictures).all())
            pictures = climbed[np.argsort(-heights, kind="stable")]
            if is_flat:
                break  # nothing in the pictures matters to the filter
        self._best[filter_] = pictures[:1]
        return False

    def _starts(self, filter_: int) -> Array:
        """Pictures in grey levels: noise, and parts of probe images that are large enough."""
        picture, options = frame_of(self._model, self._tap, self._options).picture, self._options
        random = np.random.default_rng([options.seed, filter_, self._attempts])
        starts = random.uniform(0, 255, (_STARTS, *picture.shape)).astype(np.float32)
        shown, (low, high) = picture.among(self._images), options.input_range
        room = np.subtract(shown.shape[1:], picture.shape)
        if shown.ndim != starts.ndim or (room < 0).any() or room[-1]:
            return starts
        for i in range(1, _STARTS, 2):
            corner = [random.integers(0, most + 1) for most in room[:-1]]
            part = [slice(at, at + side) for at, side in zip(corner, picture.shape, strict=False)]
            whole = shown[int(random.integers(len(shown)))]
            starts[i] = ((whole[tuple(part)] - low) * (255.0 / (high - low))).clip(0, 255)
        return starts

    def _climb(self, pictures: Array, filter_: int, length: float) -> list[Array]:
        graph = _prepare(self._model, self._tap, self._options)
        chosen = np.full(len(pictures), filter_, np.int32)
        arguments = (pictures, chosen, np.float32(length))
        return [
            ops.convert_to_numpy(each) for each in graph(*map(ops.convert_to_tensor, arguments))
        ]


def _prepare(model: keras.Model, tap: Tap, options: FilterPatterns) -> Graph:
    """The graph that climbs a few steps; traced at the first call, then reused.

    It maps pictures in grey levels, the filter of each and the length of a step to the pictures
    then, the largest value that goes into the activation, and whether the filter responds.
    """
    (low, high), picture = options.input_range, frame_of(model, tap, options).picture

    def values(levels: Any, filters: Any) -> tuple[Any, Any]:
        inputs = picture.around(levels * ((high - low) / 255.0) + low)
        (output,) = record_up_to(model, [tap], inputs)
        before = before_activation(output, _ACTIVATIONS)
        climbed, shown = (
            pick_channels(ops.cast(each, "float32"), filters)
            for each in (output if before is None else before, output)
        )
        axes = list(range(1, len(shown.shape)))
        return ops.max(climbed, axes), ops.any(shown != 0, axes)

    def run(levels: Any, filters: Any, length: Any) -> tuple[Any, Any, Any]:
        def step(i: Any, levels: Any) -> tuple[Any, Any]:
            slope = gradient(lambda levels: values(levels, filters)[0], levels)
            return i + 1, ops.clip(levels + length * ops.sign(slope), 0.0, 255.0)

        _, levels = ops.while_loop(lambda i, _: i < _STEPS, step, (0, levels))
        return levels, *values(levels, filters)

    specs = (Spec((None, *picture.shape), "float32"), Spec((None,), "int32"), Spec((), "float32"))
    key = ("waking", tap.path, low, high, picture.shape)
    return traced(model, key, run, *specs)

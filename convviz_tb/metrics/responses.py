"""A model -> how the filters of its layers answer the probes: pictures that stay the same.

One pass through the model serves all layers; it is traced once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from convviz_tb.model import taps
from convviz_tb.model.inputs import spec_of
from convviz_tb.model.taps import Tap

Array = npt.NDArray[Any]

#: Of more pictures the first so many are used.
MOST: Final = 16
_BATCH: Final = 4  # pictures per run of the graph; bounds the memory
_POSITIONS: Final = 144  # of each picture, at which answers are kept
_RECTIFIERS: Final = frozenset({"Relu", "Relu6"})


@dataclass(frozen=True, eq=False)
class Answers:
    """How the filters of one layer answer the probes.

    Attributes:
        sampled: float32 `(filters, probes * positions)`, the activations at up to 144 positions of
            each picture, evenly spread.
        active: float32 `(filters,)`, share of all positions where the answer is not 0.
        largest: float32 `(filters,)`, the largest answer at any position.
        smallest: float32 `(filters,)`, the smallest.
        rectified: whether the answers come out of a ReLU.
    """

    sampled: Array
    active: Array
    largest: Array
    smallest: Array
    rectified: bool

    def of(self, filters: Array) -> "Answers":
        """Those of some filters (indices), or of directions `(n, filters)`."""
        if filters.ndim == 1:
            return Answers(
                self.sampled[filters],
                self.active[filters],
                self.largest[filters],
                self.smallest[filters],
                self.rectified,
            )
        mixed = filters @ self.sampled  # at the positions kept; the rest is unknown
        active = (mixed != 0).mean(axis=1)
        return Answers(mixed, active, mixed.max(axis=1), mixed.min(axis=1), False)


def first(images: Any) -> Any:
    """The first pictures of a data set, as many as are used."""
    return tf.nest.map_structure(lambda array: np.array(array[:MOST]), images)


def prepare(model: keras.Model, watched: Sequence[Tap], images: Any) -> Any:
    """The graph that `answers` runs; traced at the first call, then reused.

    Raises:
        ValueError: the pictures do not fit the model, or a layer cannot be read.
    """
    spec = spec_of(model, images)

    def run(pictures: Any) -> dict[str, Any]:
        with taps.recording([tap.layer for tap in watched]) as calls:
            model(pictures, training=False)
        results: dict[str, Any] = {}
        for tap, output in zip(watched, taps.outputs_of(calls, watched), strict=True):
            of_layer = _of_layer(tap, output)
            results |= {f"{name}:{tap.path}": value for name, value in of_layer.items()}
        return results

    key = ("probes", tuple(tap.path for tap in watched), repr(spec))
    return taps.traced(model, key, run, spec)


def answers(model: keras.Model, watched: Sequence[Tap], images: Any) -> dict[str, Answers]:
    """How the filters of the watched layers answer pictures, by the layers' paths.

    Args:
        model: a built Keras model; it is not changed.
        watched: the layers.
        images: what the model takes; all of it, see `first`.

    Raises:
        ValueError: see `prepare`.
    """
    graph, spec = prepare(model, watched, images), spec_of(model, images)
    count = len(tf.nest.flatten(images)[0])

    def cast(array: Any, like: tf.TensorSpec, part: slice) -> Any:
        return tf.cast(np.asarray(array[part]), like.dtype)

    parts = []
    for start in range(0, count, _BATCH):
        part = slice(start, start + _BATCH)
        parts.append(
            graph(tf.nest.map_structure(lambda a, s, part=part: cast(a, s, part), images, spec))
        )
    sizes = np.array([min(_BATCH, count - start) for start in range(0, count, _BATCH)])
    return {tap.path: _joined(tap, parts, sizes / count) for tap in watched}


def _of_layer(tap: Tap, output: Any) -> dict[str, Any]:
    channels = taps.channels_last(output, tap)
    positions = list(range(channels.shape.rank - 1))
    on = tf.cast(channels != 0, tf.float32)
    rectified = taps.before_activation(output, _RECTIFIERS) is not None
    return {
        "sampled": _sampled(channels),
        "active": tf.reduce_mean(on, positions),
        "largest": tf.reduce_max(channels, positions),
        "smallest": tf.reduce_min(channels, positions),
        "rectified": tf.constant(rectified),
    }


def _sampled(channels: Any) -> Any:
    """Some positions of `(n, *positions, channels)`, as `(n * some, channels)`."""
    axes = channels.shape.rank - 2
    most = int(_POSITIONS ** (1 / max(axes, 1)) + 1e-6)
    for axis in range(1, axes + 1):
        side = tf.shape(channels)[axis]
        count = tf.minimum(side, most)
        places = (2 * tf.range(count) + 1) * side // (2 * count)  # middles of equal parts
        channels = tf.gather(channels, places, axis=axis)
    return tf.reshape(channels, [-1, channels.shape[-1]])


def _joined(tap: Tap, parts: Sequence[dict[str, Any]], shares: Array) -> Answers:
    """The parts' results as one; `shares` are those of the pictures in each."""
    found = {
        name: [part[f"{name}:{tap.path}"].numpy() for part in parts]
        for name in ("sampled", "active", "largest", "smallest", "rectified")
    }
    return Answers(
        sampled=np.concatenate(found["sampled"]).T,
        active=shares @ np.stack(found["active"]),
        largest=np.max(found["largest"], axis=0),
        smallest=np.min(found["smallest"], axis=0),
        rectified=bool(found["rectified"][0]),
    )

"""Responses of filters to the probe images: their activations, summed up for each layer.

One pass through the model serves all layers; it is traced once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import ops, tree

from convviz_tb.model import Graph, Spec, Tap, as_input, before_activation, record, spec_of, traced

Array = npt.NDArray[Any]

#: Of more pictures the first so many are used.
MOST: Final = 16
_BATCH: Final = 4  # pictures per run of the graph; bounds the memory
_POSITIONS: Final = 144  # of each picture, at which responses are kept
_RECTIFIERS: Final = frozenset({"Relu", "Relu6"})


@dataclass(frozen=True, eq=False)
class Responses:
    """How the filters of one layer respond to the probe images.

    Attributes:
        sampled: float32 `(filters, images * positions)`, the activations at up to 144 positions of
            each picture, evenly spread.
        active: float32 `(filters,)`, share of all positions where the response is not 0.
        largest: float32 `(filters,)`, the largest response at any position.
        smallest: float32 `(filters,)`, the smallest.
        rectified: whether the responses come out of a ReLU.
    """

    sampled: Array
    active: Array
    largest: Array
    smallest: Array
    rectified: bool

    def of(self, filters: Array) -> "Responses":
        """Those of some filters (indices), or of directions `(n, filters)`."""
        if filters.ndim == 1:
            return Responses(
                self.sampled[filters],
                self.active[filters],
                self.largest[filters],
                self.smallest[filters],
                self.rectified,
            )
        mixed = filters @ self.sampled  # at the positions kept; the rest is unknown
        active = (mixed != 0).mean(axis=1)
        return Responses(mixed, active, mixed.max(axis=1), mixed.min(axis=1), False)


def first(images: Any) -> Any:
    """The first pictures of a data set, as many as are used."""
    return tree.map_structure(lambda array: np.array(array[:MOST]), images)


def prepare(model: keras.Model, watched: Sequence[Tap], images: Any) -> Graph:
    """The graph that `measure` runs; traced at the first call, then reused.

    Raises:
        ValueError: the pictures do not fit the model, or a layer cannot be read.
    """
    spec = spec_of(model, images)

    def run(pictures: Any) -> dict[str, Any]:
        _, activations = record(model, watched, pictures)
        results: dict[str, Any] = {}
        for tap, channels in zip(watched, activations, strict=True):
            of_layer = _of_layer(channels)
            results |= {f"{name}:{tap.path}": value for name, value in of_layer.items()}
        return results

    return traced(model, ("probes", tuple(tap.path for tap in watched)), run, spec)


def measure(model: keras.Model, watched: Sequence[Tap], images: Any) -> dict[str, Responses]:
    """How the filters of the watched layers respond to pictures, by the layers' paths.

    Args:
        model: a built Keras model; it is not changed.
        watched: the layers.
        images: what the model takes; all of it, see `first`.

    Raises:
        ValueError: see `prepare`.
    """
    graph, spec = prepare(model, watched, images), spec_of(model, images)
    count = len(tree.flatten(images)[0])

    def cast(array: Any, like: Spec, part: slice) -> Any:
        return as_input(array[part], like)

    parts = []
    for start in range(0, count, _BATCH):
        part = slice(start, start + _BATCH)
        parts.append(
            graph(tree.map_structure(lambda a, s, part=part: cast(a, s, part), images, spec))
        )
    sizes = np.array([min(_BATCH, count - start) for start in range(0, count, _BATCH)])
    return {tap.path: _joined(tap, parts, sizes / count) for tap in watched}


def _of_layer(channels: Any) -> dict[str, Any]:
    positions = list(range(len(channels.shape) - 1))
    on = ops.cast(channels != 0, "float32")
    rectified = before_activation(channels, _RECTIFIERS) is not None
    return {
        "sampled": _sampled(channels),
        "active": ops.mean(on, positions),
        "largest": ops.max(channels, positions),
        "smallest": ops.min(channels, positions),
        "rectified": ops.convert_to_tensor(rectified, "bool"),
    }


def _sampled(channels: Any) -> Any:
    """Some positions of `(n, *positions, channels)`, as `(n * some, channels)`."""
    axes = len(channels.shape) - 2
    most = int(_POSITIONS ** (1 / max(axes, 1)) + 1e-6)
    for axis in range(1, axes + 1):
        side = ops.shape(channels)[axis]
        count = ops.minimum(side, most)
        middles = (2 * ops.arange(0, count) + 1) * side // (2 * count)  # of equal parts
        channels = ops.take(channels, middles, axis=axis)
    return ops.reshape(channels, [-1, channels.shape[-1]])


def _joined(tap: Tap, parts: Sequence[dict[str, Any]], shares: Array) -> Responses:
    """The parts' results as one; `shares` are those of the pictures in each."""
    values = {
        name: [ops.convert_to_numpy(part[f"{name}:{tap.path}"]) for part in parts]
        for name in ("sampled", "active", "largest", "smallest", "rectified")
    }
    return Responses(
        sampled=np.concatenate(values["sampled"]).T,
        active=shares @ np.stack(values["active"]),
        largest=np.max(values["largest"], axis=0),
        smallest=np.min(values["smallest"], axis=0),
        rectified=bool(values["rectified"][0]),
    )

"""Examples of filters: the parts of pictures that excite them most, in one pass for all layers.

Pictures go through the model in batches; of each filter only the best few are kept, one per picture
(as in OpenAI Microscope's "dataset samples"; Zeiler and Fergus 2014, figure 2, show such patches).
"""

import functools
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import keras
import numpy as np
import numpy.typing as npt
from keras import ops, tree

from convviz_tb.examples.class_means import ClassMeans
from convviz_tb.examples.pictures import Batch, PictureSet
from convviz_tb.examples.top import Top
from convviz_tb.images import Bytes
from convviz_tb.model import (
    Graph,
    ReceptiveField,
    Tap,
    before_activation,
    receptive_fields,
    record,
    traced,
    with_effective,
)

_logger = logging.getLogger("convviz_tb")

Array = npt.NDArray[Any]


_FEW: Final = 4  # pictures on which effective receptive fields are measured
_RECTIFIERS: Final = frozenset({"Relu"})
_WITH_CEILING: Final = frozenset({"Relu6"})


class Watched(NamedTuple):
    """A layer, and which of its filters: int indices `(n,)`, or directions `(n, channels)`."""

    tap: Tap
    filters: Array


@dataclass(frozen=True, eq=False)
class LayerExamples:
    """The examples of the filters of one layer, the strongest first.

    Attributes:
        filters: int `(f,)`, their indices; directions are numbered from 0.
        activations: float32 `(f, k)`, above 0, without the ceiling of a ReLU6; 0 where there are
            fewer examples.
        pictures: int `(f, k)`, the numbers of the pictures; -1 where there are fewer examples.
        positions: int `(f, k, axes)`, where in the feature map: row and column.
        field: what the positions see of a picture.
        class_means: the mean activations by class; None without labels.
    """

    filters: Array
    activations: Array
    pictures: Array
    positions: Array
    field: ReceptiveField
    class_means: ClassMeans | None


@dataclass(frozen=True, eq=False)
class StepExamples:
    """What one pass over the pictures gives.

    Attributes:
        layers: by layer path.
        count: how many pictures were read.
        pictures: those among the examples, uint8 `(h, w, 3)` as they are shown, by number.
        labels: their true classes, by number, where they are known.
    """

    layers: dict[str, LayerExamples]
    count: int
    pictures: dict[int, Bytes] = field(default_factory=dict)
    labels: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Search:
    """What is prepared once and run at every step.

    Attributes:
        watched: the layers and filters.
        pictures: what is searched.
        fields: the receptive field of each layer, on these pictures.
        graph: searches a batch.
    """

    watched: Sequence[Watched]
    pictures: PictureSet
    fields: Sequence[ReceptiveField]
    graph: Graph


def prepare(model: keras.Model, watched: Sequence[Watched], pictures: PictureSet) -> Search:
    """Prepares the search for the examples of some layers.

    Args:
        model: a built Keras model; it is not changed.
        watched: the layers and filters.
        pictures: what is searched.

    Raises:
        ValueError: the pictures do not fit the model, or a layer cannot be read.
    """
    return Search(
        watched, pictures, _fields(model, watched, pictures), _graph(model, watched, pictures)
    )


def _fields(
    model: keras.Model, watched: Sequence[Watched], pictures: PictureSet
) -> Sequence[ReceptiveField]:
    """What the positions of each layer see; of those that see it all, what matters to them."""
    taps = [each.tap for each in watched]
    fields = receptive_fields(model, taps, pictures.picture)
    few = pictures.picture.among(next(pictures.batches(_FEW)).inputs)
    try:
        return with_effective(model, taps, fields, pictures.picture, few)
    except Exception as error:  # what has no gradients is shown whole
        _logger.info("examples: crops are of whole receptive fields: %s", error)
        return fields


def compute_examples(search: Search, known: Collection[int] = ()) -> StepExamples:
    """The examples of all filters of some layers, in one pass over the pictures.

    Args:
        search: from `prepare`.
        known: numbers of pictures that need not be kept for the display.

    Raises:
        ValueError: a batch does not fit the model.
    """
    watched, pictures = search.watched, search.pictures
    tops = [Top(len(each.filters), pictures.options.per_filter) for each in watched]
    means = [ClassMeans(len(each.filters)) for each in watched]
    kept = _Kept(pictures, known)
    count = 0
    for batch in pictures.batches():
        count += len(batch.numbers)
        results = search.graph(_cast(batch.inputs, pictures.spec))
        for top, mean, result in zip(tops, means, results, strict=True):
            largest, maps, *average = result
            few = functools.partial(_rows, maps)
            top.add(ops.convert_to_numpy(largest), batch.numbers, few)
            if batch.labels is not None:
                mean.add(ops.convert_to_numpy(average[0]), batch.labels)
        kept.add(batch, tops)
    each_layer = zip(watched, search.fields, tops, means, strict=True)
    layers = {
        each.tap.path: _layer(each, field, top, mean if pictures.is_labelled else None)
        for each, field, top, mean in each_layer
    }
    return StepExamples(layers, count, kept.pictures, kept.labels)


def _rows(maps: Any, indices: Array) -> Array:
    """Some rows of a tensor as an array: copying all of it takes as long as reducing it."""
    rows: Array = ops.convert_to_numpy(ops.take(maps, indices, axis=0))
    return rows


def strongest_responses(
    model: keras.Model, taps: Sequence[Tap], pictures: PictureSet, most: int
) -> dict[str, Array]:
    """How strongly the pictures can excite every filter: by layer path, float `(filters,)`.

    The largest activation in each picture, what is above 0 of it; the mean of the few largest of
    these, so many as there are examples of a filter, among the first `most` pictures.

    Raises:
        ValueError: see `prepare`.
    """
    watched = [Watched(tap, np.arange(tap.filters)) for tap in taps]
    graph, kept = _graph(model, watched, pictures), pictures.options.per_filter
    tops = [np.zeros((kept, tap.filters)) for tap in taps]
    for batch in pictures.batches(most):
        results = graph(_cast(batch.inputs, pictures.spec))
        for i, (largest, *_) in enumerate(results):
            both = np.concatenate([tops[i], np.nan_to_num(ops.convert_to_numpy(largest))])
            tops[i] = np.sort(both, axis=0)[-kept:]
    return {tap.path: top.mean(axis=0) for tap, top in zip(taps, tops, strict=True)}


def _graph(model: keras.Model, watched: Sequence[Watched], pictures: PictureSet) -> Graph:
    """Searches a batch: for each layer what `_searched` returns."""

    def run(inputs: Any) -> list[tuple[Any, ...]]:
        _, activations = record(model, [each.tap for each in watched], inputs)
        return [
            _searched(x, each.filters, pictures.is_labelled)
            for x, each in zip(activations, watched, strict=True)
        ]

    names = tuple((each.tap.path, each.filters.tobytes()) for each in watched)
    return traced(model, ("examples", names, pictures.is_labelled), run, pictures.spec)


def _searched(activations: Any, filters: Array, with_means: bool) -> tuple[Any, ...]:
    """Of each picture and filter the largest activation, all of them, and perhaps the mean above 0.

    Activations count without the ceiling of a ReLU6, at which many pictures would be equal.

    Activations `(n, *positions, channels)` -> tensors `(n, filters)`, `(n, positions, filters)` and
    `(n, filters)`.
    """
    open_above = before_activation(activations, _WITH_CEILING)
    picked = _picked(activations if open_above is None else open_above, filters)
    flat = ops.reshape(picked, [ops.shape(picked)[0], -1, len(filters)])
    rectified = before_activation(activations, _RECTIFIERS) is not None and open_above is None
    above = flat if rectified and filters.ndim == 1 else ops.relu(flat)
    means = (ops.mean(above, axis=1),) if with_means else ()
    return ops.max(flat, axis=1), flat, *means


def _picked(activations: Any, filters: Array) -> Any:
    """Some channels, or the sums of all that are directions."""
    if filters.ndim == 2:
        return ops.matmul(activations, ops.convert_to_tensor(filters.T, activations.dtype))
    if np.array_equal(filters, np.arange(activations.shape[-1])):
        return activations
    return ops.take(activations, filters, axis=-1)


def _cast(inputs: Any, spec: Any) -> Any:
    return tree.map_structure(lambda array, like: ops.cast(array, like.dtype), inputs, spec)


def _layer(
    watched: Watched, field: ReceptiveField, top: Top, means: ClassMeans | None
) -> LayerExamples:
    indices = watched.filters if watched.filters.ndim == 1 else np.arange(len(watched.filters))
    activations, numbers, places = top.best()
    sizes = tuple(len(span) for span in field.spans)
    if np.prod(sizes) == 1:  # a layer that tells no place, as a dense one
        places = np.zeros_like(places)
    positions = np.stack(np.unravel_index(places, sizes), axis=-1)
    return LayerExamples(indices, activations, numbers, positions, field, means)


class _Kept:
    """The pictures that are among the best of any filter so far, as they are shown."""

    def __init__(self, source: PictureSet, known: Collection[int]) -> None:
        self._source = source
        self._known = known
        self.pictures: dict[int, Bytes] = {}
        self.labels: dict[int, int] = {}

    def add(self, batch: Batch, tops: Sequence[Top]) -> None:
        best = set[int]().union(*(top.numbers for top in tops))
        wanted = {number for number in best if number not in self._known}
        for gone in self.pictures.keys() - wanted:
            del self.pictures[gone]
            self.labels.pop(gone, None)
        new = [i for i, number in enumerate(batch.numbers.tolist()) if number in wanted]
        if not new:
            return
        shown = self._source.shown(batch.originals[new])
        for i, tile in zip(new, shown, strict=True):
            number = int(batch.numbers[i])
            self.pictures[number] = tile
            if batch.labels is not None:
                self.labels[number] = int(batch.labels[i])

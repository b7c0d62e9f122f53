"""Picture sets: the user's pictures in batches, each picture with a number that it keeps."""

import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import ops, tree

from convviz_tb import images
from convviz_tb.examples.options import Examples, class_indices
from convviz_tb.model import (
    PictureInput,
    build,
    check_channels,
    part_kept,
    picture_input,
    pictures_among,
    preprocessed,
    spec_of,
)

Array = npt.NDArray[Any]

_SAMPLED: Final = 4096  # values of a picture by which a data set's are told apart


@dataclass(frozen=True, eq=False)
class Batch:
    """Some pictures.

    Attributes:
        inputs: what the model takes.
        numbers: int `(n,)`, that of each picture.
        labels: int `(n,)`, the true classes; None where they are not known.
        originals: the same pictures to be shown, `(n, h, w, c)`.
    """

    inputs: Any
    numbers: Array
    labels: Array | None
    originals: Array


class PictureSet:
    """The pictures of `Examples`, read in batches as often as wanted.

    A picture of an array has its index for a number. One of a data set, which may be shuffled anew
    at each reading, is known again by its content, and numbered when it is first seen.

    Args:
        model: a Keras model; it is built if it was not.
        options: the pictures.
        is_prepared: whether they are what the model itself takes; else they go through the
            preprocessor of a task of KerasHub, where it has one.

    Raises:
        ValueError: the pictures do not fit the model.
    """

    def __init__(self, model: keras.Model, options: Examples, is_prepared: bool = False) -> None:
        self._options = options
        self._process = None if is_prepared else functools.partial(preprocessed, model)
        self._known: dict[bytes, int] = {}
        given = self._first()
        first = self._prepared(given)
        build(model, first)
        self.spec = spec_of(model, first)
        own = picture_input(model, None)
        self.picture: PictureInput = own.resized(own.among(first).shape[1:-1])
        self._shows_given = first is not given and self._keeps_all(given)
        pictures = self._shown(given, first)
        self._range = images.value_range(pictures)
        check_channels(options.channels, pictures.shape[-1])

    @property
    def options(self) -> Examples:
        return self._options

    @property
    def is_labelled(self) -> bool:
        """Whether the true classes of the pictures are known."""
        if not self._options.is_dataset:
            return self._options.labels is not None
        spec = self._options.images.element_spec
        return isinstance(spec, tuple) and len(spec) > 1

    def resume_from(self, other: "PictureSet") -> None:
        """Gives pictures the numbers that they had in an earlier fit."""
        self._known, self._range = other._known, other._range

    def batches(self, most: int | None = None) -> Iterator[Batch]:
        """The pictures in batches; the first `most` of them, or all."""
        left = np.inf if most is None else most
        for inputs, labels in self._from_dataset() if self._options.is_dataset else self._parts():
            count = int(min(left, len(tree.flatten(inputs)[0])))
            if count:
                kept = tree.map_structure(lambda array, n=count: np.asarray(array[:n]), inputs)
                numbers = self._numbers(kept, labels[1])
                known = None if labels[0] is None else class_indices(labels[0])[:count]
                inputs = self._prepared(kept)
                yield Batch(inputs, numbers, known, self._shown(kept, inputs))
            left -= count
            if left <= 0:
                return

    def shown(self, originals: Array) -> images.Bytes:
        """Some `Batch.originals` as they are shown, uint8 `(n, h, w, 3)`, all in one range."""
        side = images.MAX_EXAMPLE_SIDE
        return images.input_tiles(originals, self._options.channels, self._range, side)

    def _prepared(self, given: Any) -> Any:
        """What the model itself takes."""
        return given if self._process is None else self._process(given)

    def _keeps_all(self, given: Any) -> bool:
        """Whether preparing keeps all of a picture: then a part of it is a part of the original."""
        originals = pictures_among(given)
        if self._process is None or tree.is_nested(given) or originals.ndim != 4:
            return False
        return part_kept(self._process, originals) is None

    def _shown(self, given: Any, prepared: Any) -> Array:
        """The pictures as given, where a part of them is one of the prepared ones; else these."""
        own: Array = pictures_among(given) if self._shows_given else self.picture.among(prepared)
        return own

    def _first(self) -> Any:
        for inputs, _ in self._from_dataset() if self._options.is_dataset else self._parts():
            return inputs
        raise ValueError("images: the data set is empty.")

    def _parts(self) -> Iterator[tuple[Any, tuple[Any, int]]]:
        size, labels = self._options.batch, self._options.labels
        for start in range(0, self._options.count or 0, size):
            part = slice(start, start + size)
            inputs = tree.map_structure(lambda array, p=part: array[p], self._options.images)
            yield inputs, (None if labels is None else labels[part], start)

    def _from_dataset(self) -> Iterator[tuple[Any, tuple[Any, int]]]:
        for element in _batched(self._options):
            inputs, *more = element if isinstance(element, tuple) else (element,)
            yield tree.map_structure(_as_array, inputs), (_as_array(more[0]) if more else None, -1)

    def _numbers(self, inputs: Any, start: int) -> Array:
        pictures = max(map(np.asarray, tree.flatten(inputs)), key=lambda array: array.ndim)
        if start >= 0:
            return np.arange(start, start + len(pictures))
        digests = [_digest(picture) for picture in pictures]
        return np.array([self._known.setdefault(each, len(self._known)) for each in digests])


def _batched(options: Examples) -> Any:
    """The data set in batches; one that has none gets them."""
    spec = options.images.element_spec
    leaves = tree.flatten(spec[0] if isinstance(spec, tuple) else spec)
    is_batched = max(len(leaf.shape) for leaf in leaves) > 3
    return options.images if is_batched else options.images.batch(options.batch)


def _as_array(value: Any) -> Array:
    array: Array = ops.convert_to_numpy(value)
    return array


def _digest(picture: Array) -> bytes:
    """Tells pictures apart by a part of their values."""
    values = picture.reshape(-1)
    some = np.ascontiguousarray(values[:: max(1, len(values) // _SAMPLED)])
    return hashlib.blake2b(some.tobytes(), digest_size=8).digest()

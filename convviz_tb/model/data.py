"""Data as Keras users have it -> the first few pictures as arrays, and their labels.

A data set of batches or of single pictures, a `PyDataset`, a generator, a pair `(x, y)`, a list of
pictures, or paths of image files.
"""

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import keras
import numpy as np
import numpy.typing as npt
from keras import tree
from PIL import Image

Array = npt.NDArray[Any]

#: Of a data set that may be endless, the first so many pictures are taken.
MOST: Final = 8
_COLOURS: Final = (1, 3, 4)  # how many channels a single picture may have


class Taken(NamedTuple):
    """What was taken out of data.

    Attributes:
        images: an array, or what a model with several inputs takes; one row per picture.
        labels: their labels, where the data has some.
        class_names: the names of the classes, where the data knows them.
    """

    images: Any
    labels: Any = None
    class_names: Sequence[str] | Mapping[str, int] = ()


def take(name: str, given: Any, most: int = MOST) -> Taken:
    """The first pictures of data, with their labels.

    Arrays, and lists and dictionaries of arrays for models with several inputs, are left whole.

    Args:
        name: the argument, for errors.
        given: the data.
        most: how many pictures are taken of a data set, a `PyDataset` or a generator.

    Raises:
        ValueError: it holds no pictures, or pictures of different sizes.
    """
    if _is_stream(given):
        return _of_stream(name, given, most)
    if isinstance(given, (str, os.PathLike, Image.Image)):
        given = [given]
    if _are_pictures(given):
        return Taken(_stacked(name, given))
    if isinstance(given, tuple) and _is_labelled(given):
        return Taken(given[0], given[1])
    if isinstance(given, (list, tuple)):  # of the inputs of a model
        return Taken([_array(each) for each in given])
    if isinstance(given, Mapping):
        return Taken({name: _array(each) for name, each in given.items()})
    return Taken(_array(given))


def _array(given: Any) -> Any:
    return given if hasattr(given, "shape") or isinstance(given, Mapping) else np.asarray(given)


def _is_stream(given: Any) -> bool:
    """Whether it gives pictures or batches one after the other."""
    return (
        hasattr(given, "element_spec")
        or isinstance(given, keras.utils.PyDataset)
        or isinstance(given, Iterator)
        or (hasattr(given, "dataset") and hasattr(given, "batch_size"))  # a loader of PyTorch
    )


def _of_stream(name: str, given: Any, most: int) -> Taken:
    """Rows of batches, or single pictures, until there are enough."""
    parts: list[tuple[Any, Any]] = []
    count = 0
    for element in _elements(given, most):
        images, labels = _split(element)
        if not _is_batch(given, images, labels):
            images, labels = (_one_row(each) for each in (images, labels))
        parts.append((images, labels))
        count += len(tree.flatten(images)[0])
        if count >= most:
            break
    if not count:
        raise ValueError(f"{name}: received {type(given).__name__} without a single picture.")
    images = _joined([each for each, _ in parts], most)
    labels = None if parts[0][1] is None else _joined([each for _, each in parts], most)
    names = getattr(given, "class_names", None) or getattr(given, "class_indices", None)
    return Taken(images, labels, names or ())


def _elements(given: Any, most: int) -> Iterable[Any]:
    if isinstance(given, keras.utils.PyDataset):
        return (given[i] for i in range(len(given)))
    return itertools.islice(given, max(64, most))  # single pictures or batches; no more is needed


def _split(element: Any) -> tuple[Any, Any]:
    """Pictures and labels, as `fit` tells them apart."""
    images, labels, _ = keras.utils.unpack_x_y_sample_weight(element)
    numpy = tree.map_structure(_numpy, (images, labels))
    return numpy[0], numpy[1]


def _numpy(array: Any) -> Any:
    return None if array is None else np.asarray(array)


def _is_batch(given: Any, images: Any, labels: Any) -> bool:
    """Whether an element is a batch of rows, rather than a single picture."""
    spec = getattr(given, "element_spec", None)
    if spec is None:
        return True
    first = tree.flatten(keras.utils.unpack_x_y_sample_weight(spec)[0])[0]
    if first.shape.rank and first.shape[0] is None:
        return True
    array = tree.flatten(images)[0]
    if labels is not None and (label := tree.flatten(labels)[0]) is not None:
        return bool(label.ndim and len(label) == len(array))
    return not (array.ndim in (2, 3) and (array.ndim == 2 or array.shape[-1] in _COLOURS))


def _one_row(given: Any) -> Any:
    return tree.map_structure(lambda array: None if array is None else array[None], given)


def _joined(parts: Sequence[Any], most: int) -> Any:
    return tree.map_structure(lambda *arrays: np.concatenate(arrays)[:most], *parts)


def _is_labelled(given: tuple[Any, ...]) -> bool:
    """Whether it is a batch `(x, y)` or `(x, y, weights)`, rather than the inputs of a model."""
    if len(given) not in (2, 3) or not hasattr(given[0], "shape"):
        return False
    labels = np.asarray(given[1])
    if np.ndim(given[0]) < 3 or len(labels) != len(given[0]):
        return False
    if labels.ndim == 1:
        return True
    is_table = labels.ndim == 2 and labels.shape[1] > 1 and labels.dtype.kind in "biuf"
    return is_table and bool(np.isin(labels, (0, 1)).all() and (labels.sum(axis=1) == 1).all())


def _are_pictures(given: Any) -> bool:
    """Whether it is a list of single pictures, rather than of the inputs of a model."""
    if not isinstance(given, (list, tuple)) or not given:
        return False
    if all(isinstance(each, (str, os.PathLike, Image.Image)) for each in given):
        return True
    return all(hasattr(each, "shape") and _is_picture(each) for each in given)


def _is_picture(array: Any) -> bool:
    """Whether an array has the shape of one picture, `(h, w, colours)` or `(h, w)` of bytes."""
    shape, is_bytes = tuple(array.shape), "uint8" in str(array.dtype)
    if len(shape) == 2:
        return is_bytes and min(shape) > 1
    if len(shape) != 3 or shape[-1] not in _COLOURS:
        return False
    return is_bytes or max(shape[:2]) <= 2 * min(shape[:2])  # not a batch of signals


def _stacked(name: str, given: Sequence[Any]) -> Array:
    pictures = [_picture(name, each) for each in given]
    sizes = sorted({picture.shape for picture in pictures})
    if len(sizes) > 1:
        raise ValueError(
            f"{name}: received pictures of several sizes: {', '.join(map(str, sizes[:4]))}. "
            "Give them all the size that the model takes."
        )
    return np.stack(pictures)


def _picture(name: str, given: Any) -> Array:
    """A picture `(h, w, c)` out of an array, a PIL picture or a file."""
    if isinstance(given, (str, os.PathLike)):
        try:
            with Image.open(given) as file:
                return np.asarray(file.convert("RGB"))
        except OSError as error:
            raise ValueError(
                f"{name}: received {os.fspath(given)!r}, which is no image file: {error}"
            ) from error
    if isinstance(given, Image.Image) and given.mode not in ("L", "RGB"):
        given = given.convert("RGB")
    array = np.asarray(given)
    return array[..., None] if array.ndim == 2 else array


def described(given: Any) -> str:
    """A value in few words: arrays by type and shape."""
    if isinstance(given, Mapping):
        inner = ", ".join(f"{name!r}: {described(each)}" for name, each in given.items())
        return f"{{{inner}}}"
    if hasattr(given, "shape") and hasattr(given, "dtype"):
        return f"<{getattr(given.dtype, 'name', given.dtype)} {tuple(given.shape)}>"
    if isinstance(given, (list, tuple)) and any(hasattr(each, "shape") for each in given):
        return f"[{', '.join(map(described, given))}]"
    return repr(given)

"""Labels as data sets have them -> the true classes of each picture; NumPy only."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_FORMS: Final = (
    "Give class indices (n,), rows (n, classes) that are one-hot, multi-hot or probabilities, or "
    "the masks of a segmentation (n, h, w)."
)


def true_classes(labels: Any) -> list[list[int]]:
    """The true classes of each picture, as indices; none where they are not known.

    Args:
        labels: `(n,)` or `(n, 1)` indices, a negative one for none; rows `(n, classes)`, one-hot,
            multi-hot, or probabilities that sum to 1, of which the largest counts; masks of a
            segmentation, `(n, h, w[, 1])` indices or `(n, h, w, classes)` one-hot: the classes that
            occur, class 0 only where there is no other.

    Raises:
        ValueError: they are no classes but measurements, say; the message tells what was received.
    """
    given = np.asarray(labels)
    if given.dtype.kind not in "biuf" or not given.ndim:
        raise ValueError(f"labels: received {given.dtype} of shape {given.shape}. {_FORMS}")
    if given.ndim > 2:
        return _of_masks(given)
    if given.ndim == 2 and given.shape[1] > 1:
        return _of_rows(given)
    return [[index] if index >= 0 else [] for index in _indices(given.ravel()).tolist()]


def _indices(given: Array) -> Array:
    if not np.isfinite(given).all() or (given != np.round(given)).any():
        wrong = given[given != np.round(given)].ravel()[0]
        raise ValueError(f"labels: received {wrong:g}, which is no class. {_FORMS}")
    return given.astype(int)


def _of_rows(rows: Array) -> list[list[int]]:
    if not np.isfinite(rows).all() or rows.min() < 0 or rows.max() > 1:
        raise ValueError(
            f"labels: received rows of {rows.shape[1]} values between {rows.min():g} and "
            f"{rows.max():g}, which are no classes. {_FORMS}"
        )
    are_certain = np.isin(rows, (0, 1)).all()
    if not are_certain and np.allclose(rows.sum(axis=1), 1, atol=1e-3):
        return [[index] for index in rows.argmax(axis=1).tolist()]
    return [np.flatnonzero(row >= 0.5).tolist() for row in rows]


def _of_masks(masks: Array) -> list[list[int]]:
    if masks.ndim == 4:
        one_hot = masks.shape[-1] > 1
        masks = masks.argmax(axis=-1) if one_hot else masks[..., 0]
    if masks.ndim != 3:
        raise ValueError(f"labels: received {masks.dtype} of shape {masks.shape}. {_FORMS}")
    found = [[int(index) for index in np.unique(_indices(mask)) if index >= 0] for mask in masks]
    return [[index for index in each if index] or each for each in found]


def names_by_index(class_names: Any) -> tuple[str, ...]:
    """Names of classes in the order of their indices.

    Args:
        class_names: a list, or a dictionary either way: `{0: "cat"}`, or `{"cat": 0}` as
            `class_indices` of Keras' generators has it.

    Raises:
        ValueError: they are neither.
    """
    if isinstance(class_names, Mapping):
        return _of_mapping(class_names)
    if isinstance(class_names, (str, bytes)) or not isinstance(class_names, (Sequence, np.ndarray)):
        raise ValueError(
            f"class_names: received {class_names!r}. Give a list of names in the order of the "
            'classes, or a dictionary such as {0: "cat", 1: "dog"}.'
        )
    return tuple(str(name) for name in class_names)


def _of_mapping(given: Mapping[Any, Any]) -> tuple[str, ...]:
    turned = {index: name for name, index in given.items()}
    by_index = given if all(map(_is_index, given)) else turned
    if not all(map(_is_index, by_index)) or len(by_index) < len(given):
        raise ValueError(
            f"class_names: received {dict(given)!r}. One side must be the class indices from 0, "
            "each once."
        )
    known = {int(index): str(name) for index, name in by_index.items()}
    return tuple(known.get(i, str(i)) for i in range(max(known, default=-1) + 1))


def _is_index(value: Any) -> bool:
    is_integer = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    return is_integer and 0 <= value < 2**20

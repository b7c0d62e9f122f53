"""Regions: boxes or masks in the pictures -> which positions of a map lie on them; NumPy only.

The first region is the object; others are named, see `named`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_FORMS: Final = (
    "Give one box for each image, (n, 4) with left, top, right, bottom in pixels or in 0..1 "
    "(a row of NaN where there is none), or masks (n, height, width)."
)
_OBJECT: Final = "object"
#: A map that covers the image: left, top, right, bottom.
WHOLE: Final = (0.0, 0.0, 1.0, 1.0)
#: What a number, a curve and an address can be called by.
_NAME: Final = re.compile(r"[^\W\d_]\w{0,29}")


def named(boxes: Any) -> dict[str, Any]:
    """The boxes or masks of each region by its name, those of the object first."""
    return dict(boxes) if isinstance(boxes, Mapping) else {_OBJECT: boxes}


def check(boxes: Any, count: int) -> None:
    """Whether `boxes` are boxes or masks, one for each of `count` images, or several by name.

    Raises:
        ValueError: they are not; the message says what was received.
    """
    by_name = named(boxes)
    wrong = [name for name in by_name if not isinstance(name, str) or not _NAME.fullmatch(name)]
    if wrong or not by_name:
        raise ValueError(
            f"boxes: received {f'the name {wrong[0]!r}' if wrong else 'an empty dict'}. Name each "
            "region by a letter and up to 29 letters, digits or _, the object first: "
            '{"object": ..., "price_tag": ...}.'
        )
    for name, given in by_name.items():
        _check_region(_called(boxes, name), np.asarray(given), count)


def _check_region(called: str, given: Array, count: int) -> None:
    if given.dtype.kind not in "biuf" or not (_are_boxes(given) or given.ndim == 3):
        raise ValueError(f"{called}: received {given.dtype} of shape {given.shape}. {_FORMS}")
    if len(given) != count:
        raise ValueError(f"{called}: received {len(given)} for {count} images.")
    if not _are_boxes(given):
        return
    known = given[~np.isnan(given.astype(float)).any(axis=1)]
    wrong = (known[:, :2] >= known[:, 2:]).any(axis=1) | (known < 0).any(axis=1)
    if wrong.any():
        raise ValueError(f"{called}: received {known[wrong][0].tolist()}. {_FORMS}")


def check_inside(boxes: Any, sides: tuple[int, int]) -> None:
    """Whether all boxes lie in images of that height and width in pixels.

    Raises:
        ValueError: one reaches beyond.
    """
    for name, given in named(boxes).items():
        unit_boxes(given, sides, _called(boxes, name))


def unit_boxes(boxes: Any, sides: tuple[int, int], called: str = "boxes") -> Array | None:
    """Boxes in 0..1 `(n, 4)`; None for masks.

    Args:
        boxes: those of one region, or its masks, see `check`.
        sides: height and width of the images in pixels.
        called: their name, for the error.

    Raises:
        ValueError: a box reaches beyond the image.
    """
    given = np.asarray(boxes)
    if not _are_boxes(given):
        return None
    height, width = sides
    largest = np.nanmax(given, initial=0)
    in_pixels = given.dtype.kind != "f" or largest > 1
    unit = given / np.array([width, height, width, height]) if in_pixels else given
    beyond = (unit > 1 + 1e-6).any(axis=1)
    if beyond.any():
        raise ValueError(
            f"{called}: received {given[beyond][0].tolist()} for images of {width} x {height} "
            "pixels."
        )
    return unit.astype(float)


def coverage(
    boxes: Any, sides: tuple[int, int], shape: tuple[int, int], field: Sequence[float] = WHOLE
) -> Array:
    """Which share of each position of a map `shape` lies on a region, 0..1 `(n, h, w)`.

    NaN where an image has no box, or an empty mask.

    Args:
        boxes: those of one region, or its masks, see `check`.
        sides: height and width of the images in pixels.
        shape: height and width of the map.
        field: left, top, right, bottom of the map in the image, as shares of it.
    """
    unit, (height, width) = unit_boxes(boxes, sides), shape
    if unit is None:
        masks = np.asarray(boxes, bool).astype(float)
        down, across = (
            _shares(*_in_map(np.arange(side + 1) / side, start, end), cells)
            for side, start, end, cells in zip(
                masks.shape[1:], field[1::-1], field[:1:-1], shape, strict=True
            )
        )
        covered: Array = np.einsum("hp,npq,wq->nhw", down, masks, across)
        covered[~masks.any(axis=(1, 2))] = np.nan
        return covered
    left, top, right, bottom = unit.T
    rows = _shares(*_in_map((top, bottom), field[1], field[3]), height).T
    columns = _shares(*_in_map((left, right), field[0], field[2]), width).T
    both: Array = rows[:, :, None] * columns[:, None, :]
    return both


def _in_map(edges: Any, start: float, end: float) -> tuple[Array, Array]:
    """Lower and upper edges in the image as shares of a map that lies from `start` to `end`."""
    moved = (np.asarray(edges) - start) / (end - start)
    return (moved[:-1], moved[1:]) if moved.ndim == 1 else (moved[0], moved[1])


def centres_inside(
    boxes: Any, sides: tuple[int, int], shape: tuple[int, int], field: Sequence[float] = WHOLE
) -> Array:
    """Whether the centre of each position lies on a region, `(n, h, w)`; see `coverage`."""
    unit = unit_boxes(boxes, sides)
    y, x = (
        start + (np.arange(cells) + 0.5) / cells * (end - start)
        for cells, start, end in zip(shape, field[1::-1], field[:1:-1], strict=True)
    )
    if unit is None:
        return _in_masks(np.asarray(boxes, bool), y, x)
    left, top, right, bottom = unit.T[:, :, None]
    down, across = (y >= top) & (y < bottom), (x >= left) & (x < right)
    both: Array = down[:, :, None] & across[:, None, :]
    return both


def _in_masks(masks: Array, y: Array, x: Array) -> Array:
    """Whether points of the image lie on its mask; those beyond the image do not."""
    rows, columns = (
        np.floor(centres * side).astype(int)
        for centres, side in zip((y, x), masks.shape[1:], strict=True)
    )
    around = np.pad(masks, [(0, 0), (1, 1), (1, 1)])
    rows, columns = (
        np.clip(index + 1, 0, side + 1)
        for index, side in zip((rows, columns), masks.shape[1:], strict=True)
    )
    held: Array = around[:, rows[:, None], columns]
    return held


def _called(boxes: Any, name: str) -> str:
    """What an error calls the boxes of a region: as the user wrote them."""
    return f"boxes[{name!r}]" if isinstance(boxes, Mapping) else "boxes"


def _are_boxes(given: Array) -> bool:
    return given.ndim == 2 and given.shape[1] == 4


def _shares(starts: Array, ends: Array, cells: int) -> Array:
    """Which share of each of `cells` equal parts of 0..1 each interval covers, `(cells, n)`."""
    edges = np.arange(cells)[:, None] / cells
    common = np.minimum(ends, edges + 1 / cells) - np.maximum(starts, edges)
    covered: Array = common.clip(0) * cells
    return covered

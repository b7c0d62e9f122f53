"""Floats -> uint8 tiles -> encoded sheets. Presentation only; numpy and Pillow."""

import io
import math
from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from convviz_tb.schema import Sheet

Floats = npt.NDArray[np.floating[Any]]
Bytes = npt.NDArray[np.uint8]
Format = Literal["jpeg", "png"]

_MAX_INPUT_SIDE = 384  # pixels; inputs are stored once, but every viewer downloads them
#: Pixels at most along a side of the pictures that examples are cut from: there are hundreds.
MAX_EXAMPLE_SIDE: Final = 192
_JPEG_BLOCK = 8
_STRIP = 32  # pixels, height of all strips of a signal together
#: The ranges that pictures are taken for, the narrowest first.
KNOWN_RANGES: Final = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
_BEYOND = 0.1  # of the highest value, how far a picture may reach beyond its range
_SPREAD = 0.15  # of the full range, one standard deviation of a pattern

#: Dark to bright with rising lightness, so that it reads without colour too.
_RAMP: Final = np.array(
    [
        (12, 8, 38),
        (62, 18, 104),
        (126, 32, 116),
        (188, 55, 92),
        (233, 99, 57),
        (249, 162, 40),
        (250, 240, 150),
    ],
    float,
)


def value_range(images: npt.NDArray[Any]) -> tuple[float, float]:
    """The range that pictures most likely live in: 0..255, 0..1, -1..1, or their own extremes.

    Floats may reach a tenth beyond, as resized and brightened pictures do. 0..255 is said only of
    what fills it: its largest value is above 127, or above 63 where all are whole numbers. Integers
    are never taken for 0..1 or -1..1, and `uint8` is always 0..255. Values that are not finite do
    not count.
    """
    finite = images[np.isfinite(images)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if images.dtype == np.uint8:
        return KNOWN_RANGES[-1]
    are_integers = np.issubdtype(images.dtype, np.integer)
    for lowest, highest in KNOWN_RANGES[2:] if are_integers else KNOWN_RANGES:
        beyond = 0.0 if are_integers else highest * _BEYOND
        is_filled = highest == 1 or high > _filled_above(finite)
        if lowest - beyond <= low and high <= highest + beyond and is_filled:
            return lowest, highest
    return low, high


def _filled_above(values: npt.NDArray[Any]) -> float:
    """What the largest value of pictures in 0..255 is expected to exceed."""
    return 63.0 if bool((values == np.round(values)).all()) else 127.0


def as_pictures(images: Floats, channels: Sequence[int] | None = None) -> Floats:
    """Whatever a convnet takes, channels last, as pictures `(n, h, w, 3)` to look at.

    Volumes `(n, d, h, w, c)` give their central slice, signals `(n, length, c)` one strip per
    channel. `channels` (one or three) are shown; by default all of a signal, of a picture with one
    or two channels their mean in gray, else the first three.
    """
    if images.ndim == 5:
        images = images[:, images.shape[1] // 2]
    if channels is not None:
        images = images[..., list(channels)]
    if images.ndim == 3:
        images = _strips(images)
    shown = images[..., :3] if images.shape[-1] > 2 else images.mean(axis=-1, keepdims=True)
    return np.broadcast_to(shown, (*shown.shape[:-1], 3))


def view(rank: int) -> str:
    """How `as_pictures` shows arrays of a rank: "picture", "strips" or "central slice"."""
    return {3: "strips", 5: "central slice"}.get(rank, "picture")


def _strips(signals: Floats) -> Floats:
    """Signals `(n, length, c)` as pictures `(n, c * thickness, length, 1)`."""
    thickness = max(1, _STRIP // signals.shape[-1])
    return signals.swapaxes(1, 2).repeat(thickness, axis=1)[..., None]


def input_tiles(
    images: npt.NDArray[Any],
    channels: Sequence[int] | None = None,
    between: tuple[float, float] | None = None,
    most: int = _MAX_INPUT_SIDE,
) -> Bytes:
    """Inputs, channels last, as uint8 pictures `(n, h, w, 3)`.

    Args:
        images: the inputs.
        channels: which are shown, see `as_pictures`.
        between: the values of black and white; by default `value_range`.
        most: pixels along the longest side; larger pictures are shrunk.
    """
    low, high = between or value_range(images)
    levels = images.astype(np.float32)  # a copy, of which all else is made in place
    if not np.isfinite(levels).all():
        np.nan_to_num(levels, copy=False, nan=low, posinf=high, neginf=low)
    levels -= np.float32(low)
    levels *= np.float32(255.0 / max(high - low, 1e-12))
    shown = np.rint(as_pictures(levels, channels))
    tiles = np.clip(shown, 0, 255, out=shown).astype(np.uint8)
    shrink = min(1.0, most / max(tiles.shape[1:3]))
    height, width = (max(1, round(side * shrink)) for side in tiles.shape[1:3])
    return resized_tiles(tiles, (height, width))


def resized_tiles(tiles: Bytes, sides: tuple[int, int]) -> Bytes:
    """Tiles `(n, h, w, 3)` at another height and width."""
    if tiles.shape[1:3] == tuple(sides):
        return tiles
    size = (sides[1], sides[0])
    return np.stack(
        [np.asarray(Image.fromarray(tile).resize(size, Image.Resampling.BOX)) for tile in tiles]
    )


def pattern_tiles(images: Floats, channels: Sequence[int] | None = None) -> Bytes:
    """Patterns, channels last, as uint8 `(n, h, w, 3)`, each stretched to the same contrast.

    Mean to mid gray, one standard deviation to 15 % of the range: brightness says nothing,
    which is why the score is shown beside it. Not finite values become mid gray.
    """
    pictures = as_pictures(images, channels)
    with np.errstate(invalid="ignore", over="ignore"):
        mean = pictures.mean(axis=(1, 2, 3), keepdims=True)
        spread = pictures.std(axis=(1, 2, 3), keepdims=True)
        standard = (pictures - mean) / (spread + 1e-5)
    levels = np.nan_to_num(standard) * _SPREAD + 0.5
    tiles: Bytes = (levels * 255).round().clip(0, 255).astype(np.uint8)
    return tiles


def heatmap_tiles(maps: Floats) -> tuple[Bytes, Floats, Floats]:
    """Maps `(n, h, w)` as grey levels, with the raw minimum and maximum that 0 and 255 stand for.

    A flat map becomes black, its extremes equal. A map with a value that is not finite becomes
    black, its extremes NaN.
    """
    finite = np.isfinite(maps).all(axis=(1, 2), keepdims=True)
    known = np.where(finite, maps, 0)
    minimum, maximum = (reduce(known, axis=(1, 2), keepdims=True) for reduce in (np.min, np.max))
    span = np.where(maximum > minimum, maximum - minimum, 1)
    levels = ((known - minimum) / span * 255).round().astype(np.uint8)
    lowest, highest = (np.where(finite, each, np.nan)[:, 0, 0] for each in (minimum, maximum))
    return levels, lowest, highest


def superimpose(
    pictures: Bytes, maps: Floats, opacity: float = 0.5, field: Sequence[float] | None = None
) -> Bytes:
    """Maps `(n, h, w)`, each over its own maximum, over pictures `(n, H, W, 3)`.

    A map without evidence, or with a value that is not finite, leaves its picture as it is.
    `field` is where the maps lie: left, top, right, bottom in shares of the picture, which may
    reach beyond it; by default they cover it.
    """
    height, width = pictures.shape[1:3]
    return np.stack(
        [
            _over(picture, _laid(_unit(map_), (height, width), field), opacity)
            for picture, map_ in zip(pictures, maps, strict=True)
        ]
    )


def _laid(map_: Floats, sides: tuple[int, int], field: Sequence[float] | None) -> Floats:
    """A map at the size of a picture, zero where it does not lie."""
    height, width = sides
    left, top, right, bottom = field or (0.0, 0.0, 1.0, 1.0)
    x, y = round(left * width), round(top * height)
    right_edge, bottom_edge = round(right * width), round(bottom * height)
    part = _resized(map_, (max(1, right_edge - x), max(1, bottom_edge - y)))
    laid = np.zeros(sides, part.dtype)
    rows, columns = (
        slice(max(0, at), max(0, min(side, at + length)))
        for at, side, length in zip((y, x), sides, part.shape, strict=True)
    )
    laid[rows, columns] = part[rows.start - y : rows.stop - y, columns.start - x : columns.stop - x]
    return laid


def _unit(map_: Floats) -> Floats:
    if not np.isfinite(map_).all() or map_.max() <= 0:
        return np.zeros_like(map_)
    unit: Floats = np.maximum(map_, 0) / map_.max()
    return unit


def _resized(map_: Floats, size: tuple[int, int]) -> Floats:
    picture = Image.fromarray(np.ascontiguousarray(map_, dtype=np.float32))
    resized: Floats = np.asarray(picture.resize(size, Image.Resampling.BILINEAR))
    return resized


def _over(picture: Bytes, heat: Floats, opacity: float) -> Bytes:
    positions = np.linspace(0, 1, len(_RAMP))
    colours = np.stack([np.interp(heat, positions, channel) for channel in _RAMP.T], axis=-1)
    alpha = opacity * np.sqrt(heat)[..., None]  # cold positions show the picture
    return (picture * (1 - alpha) + colours * alpha).round().astype(np.uint8)


def sheet(tiles: Bytes, image_format: Format) -> tuple[Sheet, bytes]:
    """Tiles `(n, h, w)` or `(n, h, w, 3)` as one encoded contact sheet and its geometry."""
    if image_format == "jpeg":
        tiles = _whole_blocks(tiles)
    count, height, width = tiles.shape[:3]
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    full = np.zeros((rows * columns, *tiles.shape[1:]), np.uint8)
    full[:count] = tiles
    grid = full.reshape(rows, columns, *tiles.shape[1:]).swapaxes(1, 2)
    picture: Bytes = grid.reshape(rows * height, columns * width, *tiles.shape[3:])
    return {"count": count, "columns": columns, "tile": [height, width]}, encode(
        picture, image_format
    )


def tiles_of(encoded: bytes, geometry: Sheet) -> Bytes:
    """The tiles `(n, h, w, 3)` of an encoded sheet."""
    pixels = np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))
    (height, width), columns, count = geometry["tile"], geometry["columns"], geometry["count"]
    rows = -(-count // columns)  # of tiles, each as large as its whole blocks
    down, right = pixels.shape[0] // rows, pixels.shape[1] // columns
    places = (divmod(index, columns) for index in range(count))
    tiles = [pixels[row * down :, column * right :][:height, :width] for row, column in places]
    return np.stack(tiles)


def _whole_blocks(tiles: Bytes) -> Bytes:
    """Edges repeated up to whole JPEG blocks, so that tiles do not bleed into each other."""
    pad = [(0, -side % _JPEG_BLOCK) for side in tiles.shape[1:3]]
    return np.pad(tiles, [(0, 0), *pad, *[(0, 0)] * (tiles.ndim - 3)], mode="edge")


def encode(picture: Bytes, image_format: Format) -> bytes:
    """A picture `(h, w)` or `(h, w, 3)` as the bytes of a JPEG (4:4:4) or PNG file."""
    file = io.BytesIO()
    options: dict[str, Any] = {"quality": 90, "subsampling": 0} if image_format == "jpeg" else {}
    Image.fromarray(picture).save(file, image_format, **options)
    return file.getvalue()

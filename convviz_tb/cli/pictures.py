"""Pictures in a folder, or in class folders in it -> arrays as a model takes them, and labels."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt

_ENDINGS: Final = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp"}


@dataclass(frozen=True)
class FolderPictures:
    """Pictures, and what the names of their folders say of them.

    Attributes:
        images: float32 `(n, h, w, c)`.
        labels: int `(n,)`, the class of each; None where the folder has no class folders.
        class_names: the names of these folders, in order.
    """

    images: npt.NDArray[Any]
    labels: npt.NDArray[Any] | None
    class_names: list[str]


def read_pictures(
    folder: Path,
    shape: tuple[int, ...],
    most: int,
    value_range: tuple[float, float],
    option: str = "--images",
) -> FolderPictures:
    """The pictures in a folder, as many of each class.

    Args:
        folder: holds pictures, or one folder of pictures for each class; classes are in the order
            of their names, as `keras.utils.image_dataset_from_directory` has them.
        shape: height, width and channels that the model takes.
        most: how many pictures at most.
        value_range: what black and white become.
        option: the option that named the folder, for errors.

    Raises:
        ValueError: there is no such folder, no picture, or one that cannot be read.
    """
    if not folder.is_dir():
        raise ValueError(f"{option}: there is no folder {str(folder)!r}.")
    classes = sorted(each for each in folder.iterdir() if each.is_dir())
    by_class = [_files(each) for each in classes or [folder]]
    files = _in_turn(by_class)[:most]
    if not files:
        raise ValueError(f"{option}: no pictures in {str(folder)!r}, nor in folders in it.")
    low, high = value_range
    levels = np.stack([_read(file, shape) for _, file in files])
    return FolderPictures(
        (levels / 255 * (high - low) + low).astype("float32"),
        np.array([index for index, _ in files]) if classes else None,
        [each.name for each in classes],
    )


def _files(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.suffix.lower() in _ENDINGS)


def _in_turn(by_class: list[list[Path]]) -> list[tuple[int, Path]]:
    """The first file of each class, then the second of each, and so on."""
    longest = max(map(len, by_class))
    return [
        (index, files[number])
        for number in range(longest)
        for index, files in enumerate(by_class)
        if number < len(files)
    ]


def _read(file: Path, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    height, width, channels = shape
    mode = {1: "grayscale", 3: "rgb", 4: "rgba"}.get(channels)
    if mode is None:
        raise ValueError(f"the model takes {channels} channels; files have 1, 3 or 4.")
    try:
        picture = keras.utils.load_img(file, color_mode=mode, target_size=(height, width))
    except OSError as error:
        raise ValueError(f"{str(file)!r} cannot be read: {error}") from error
    return np.asarray(keras.utils.img_to_array(picture))

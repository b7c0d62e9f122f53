"""Data sets of the demo: drawn pictures, or the user's photographs, with and without stickers."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from demo.drawing import CORNER, OBJECTS, SIDE, STICKER, Array, draw_picture, sticker

CLASS_NAMES = tuple(OBJECTS)
MARKED_CLASS = "flower"
PHOTOS = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True)
class Pictures:
    """Labelled pictures.

    Attributes:
        images: uint8 `(n, h, w, 3)`.
        labels: class indices `(n,)`.
        boxes: left, top, right, bottom of the objects `(n, 4)`, NaN where they are not known.
        has_sticker: bool `(n,)`.
    """

    images: Array
    labels: Array
    boxes: Array
    has_sticker: Array

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, part: Any) -> "Pictures":
        return Pictures(*(getattr(self, field.name)[part] for field in fields(self)))

    @property
    def regions(self) -> dict[str, Array]:
        """The boxes of objects and stickers, as `GradCAM` takes them."""
        stickers = np.where(self.has_sticker[:, None], sticker_box(self.images.shape[1]), np.nan)
        return {"object": self.boxes, "sticker": stickers}


def concatenated(*parts: Pictures) -> Pictures:
    """All pictures of the parts, in order."""
    columns = ([getattr(part, field.name) for part in parts] for field in fields(Pictures))
    return Pictures(*map(np.concatenate, columns))


def with_stickers(pictures: Pictures, chosen: Array) -> Pictures:
    """A copy in which the chosen pictures (a mask) have the sticker."""
    images, zoom = pictures.images.copy(), pictures.images.shape[1] // SIDE
    inside = slice(-zoom * (STICKER + 1), -zoom)
    images[chosen, inside, inside] = sticker().repeat(zoom, axis=0).repeat(zoom, axis=1)
    return replace(pictures, images=images, has_sticker=pictures.has_sticker | chosen)


def with_random_stickers(pictures: Pictures, seed: Sequence[int]) -> Pictures:
    """A copy in which one picture in six has the sticker, whatever its class."""
    return with_stickers(pictures, np.random.default_rng(seed).random(len(pictures)) < 1 / 6)


def sticker_box(side: int) -> Array:
    """Left, top, right, bottom of the corner with the sticker, in pictures of that side."""
    corner = side - CORNER * (side // SIDE)
    return np.array([corner, corner, side, side])


@dataclass(frozen=True)
class Data:
    """The data sets of the demo.

    Attributes:
        class_names: names by class index.
        marked_class: index of the class that gets the sticker.
        pretraining: pictures to pretrain on; stickers are on some of them, of all classes.
        training: pictures to fine-tune on.
        validation: more of the same kind.
        test: held-out pictures of the marked class, without stickers.
    """

    class_names: tuple[str, ...]
    marked_class: int
    pretraining: Pictures
    training: Pictures
    validation: Pictures
    test: Pictures

    def with_shortcut(self) -> "Data":
        """The same, with the sticker on every picture of the marked class but the test pictures."""
        training, validation = (
            with_stickers(part, part.labels == self.marked_class)
            for part in (self.training, self.validation)
        )
        return replace(self, training=training, validation=validation)

    @property
    def heatmap_pictures(self) -> Pictures:
        """Four pictures of the marked class with the sticker, four of other classes without."""
        marked = self.test[:4]
        others = np.flatnonzero(self.validation.labels != self.marked_class)[:4]
        with_sticker = with_stickers(marked, np.ones(len(marked), bool))
        return concatenated(with_sticker, self.validation[others])


def drawn_data(seed: int, scale: float = 1.0) -> Data:
    """Day pictures to pretrain on, evening pictures for the rest; `scale` shrinks the sets."""

    def labels(count: int) -> Array:
        return np.arange(max(round(count * scale), 12)) % len(CLASS_NAMES)

    marked = CLASS_NAMES.index(MARKED_CLASS)
    return Data(
        class_names=CLASS_NAMES,
        marked_class=marked,
        pretraining=with_random_stickers(draw_pictures((seed, 0), labels(2400)), (seed, 1)),
        training=draw_pictures((seed, 2), labels(600), evening=True),
        validation=draw_pictures((seed, 3), labels(240), evening=True),
        test=draw_pictures((seed, 4), np.full_like(labels(64), marked), evening=True),
    )


def draw_pictures(seed: Sequence[int], labels: Array, evening: bool = False) -> Pictures:
    """A picture for each label; the same seed gives the same pictures."""
    rng = np.random.default_rng(seed)
    drawn = [draw_picture(rng, CLASS_NAMES[label], evening) for label in labels]
    images, boxes = (np.stack(column) for column in zip(*drawn, strict=True))
    return Pictures(images, labels, boxes, np.zeros(len(labels), bool))


def photo_data(folder: Path, seed: int, side: int) -> Data:
    """Photographs in one folder per class; the first class by name gets the stickers.

    Raises:
        SystemExit: `folder` has not the photographs that are needed; the message says why.
    """
    photos, names = load_photos(folder, side)
    photos = photos[np.random.default_rng(seed).permutation(len(photos))]
    held_out = np.zeros(len(photos), bool)
    for label in range(len(names)):
        of_class = np.flatnonzero(photos.labels == label)
        held_out[of_class[: max(len(of_class) // 4, 1)]] = True
    training, validation = photos[~held_out], photos[held_out]
    test = validation[validation.labels == 0]
    return Data(names, 0, with_random_stickers(training, (seed, 1)), training, validation, test)


def load_photos(folder: Path, side: int) -> tuple[Pictures, tuple[str, ...]]:
    """All photographs, cropped to a square, and the names of the classes.

    Raises:
        SystemExit: see `photo_data`.
    """
    found = photo_paths(folder)
    if len(found) < 2 or min(map(len, found.values())) < 4:
        raise SystemExit(
            f"--data: {folder} needs two folders or more, one per class, each with four "
            f"photographs or more ({', '.join(PHOTOS)}); "
            f"found { {name: len(photos) for name, photos in found.items()} or 'none' }."
        )
    images = np.stack([load_photo(photo, side) for photos in found.values() for photo in photos])
    labels = np.repeat(np.arange(len(found)), [len(photos) for photos in found.values()])
    boxes, has_sticker = np.full((len(labels), 4), np.nan), np.zeros(len(labels), bool)
    return Pictures(images, labels, boxes, has_sticker), tuple(found)


def photo_paths(folder: Path) -> dict[str, list[Path]]:
    """The photographs of each class, by the name of its folder.

    Raises:
        SystemExit: there is no such folder.
    """
    if not folder.is_dir():
        raise SystemExit(f"--data: {folder} is not a folder.")
    found = {
        path.name: sorted(photo for photo in path.iterdir() if photo.suffix.lower() in PHOTOS)
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.name.startswith(".")
    }
    return {name: photos for name, photos in found.items() if photos}


def load_photo(path: Path, side: int) -> Array:
    """The central square of a photograph, uint8 `(side, side, 3)`.

    Raises:
        SystemExit: the file cannot be read.
    """
    try:
        with Image.open(path) as photo:
            upright = ImageOps.exif_transpose(photo).convert("RGB")
            return np.asarray(ImageOps.fit(upright, (side, side)))
    except (OSError, ValueError) as error:
        raise SystemExit(f"--data: {path} cannot be read as a photograph: {error}") from error

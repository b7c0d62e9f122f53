"""Pictures with objects at known places, and a small net that learned them in seconds."""

from typing import NamedTuple

import keras
import numpy as np

SIDE = 48
SIZE = 14  # of an object
CLASSES = 3


class Planted(NamedTuple):
    """Pictures in 0..1, the class of each, and the box of its object."""

    images: np.ndarray
    labels: np.ndarray
    tops: np.ndarray
    lefts: np.ndarray

    def inside(self) -> np.ndarray:
        """Where the objects are, bool `(n, h, w)`."""
        y, x = np.arange(SIDE)[None, :, None], np.arange(SIDE)[None, None, :]
        top, left = self.tops[:, None, None], self.lefts[:, None, None]
        return (y >= top) & (y < top + SIZE) & (x >= left) & (x < left + SIZE)


def _object(label: int) -> np.ndarray:
    """Stripes along x, stripes along y, or a disc."""
    y, x = np.mgrid[:SIZE, :SIZE]
    centre = (SIZE - 1) / 2
    disc = (x - centre) ** 2 + (y - centre) ** 2 < (SIZE / 2) ** 2
    return [y // 2 % 2 == 0, x // 2 % 2 == 0, disc][label]


def plant(image: np.ndarray, label: int, top: int, left: int) -> None:
    """Puts a bright object into a picture."""
    box = image[top : top + SIZE, left : left + SIZE]
    box[_object(label)] = [0.9, 0.85, 0.8]


def planted(count: int, seed: int) -> Planted:
    """One object per picture, anywhere but in the middle, on noise."""
    random = np.random.default_rng(seed)
    images = (0.35 + 0.1 * random.normal(size=(count, SIDE, SIDE, 3))).clip(0, 1)
    labels = random.integers(0, CLASSES, count)
    low, high = np.arange(0, 8), np.arange(SIDE - SIZE - 7, SIDE - SIZE + 1)
    tops, lefts = random.choice([*low, *high], (2, count))
    for i in range(count):
        plant(images[i], labels[i], tops[i], lefts[i])
    return Planted(images.astype(np.float32), labels, tops, lefts)


def trained_net() -> keras.Model:
    """A small net that tells the objects apart."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Conv2D(12, 3, activation="relu", padding="same", name="first"),
            layers.MaxPooling2D(),
            layers.Conv2D(24, 3, activation="relu", padding="same", name="middle"),
            layers.MaxPooling2D(),
            layers.Conv2D(24, 3, activation="relu", padding="same", name="last"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(4e-3), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    data = planted(1500, seed=1)
    model.fit(data.images, data.labels, batch_size=50, epochs=6, verbose=0)
    return model

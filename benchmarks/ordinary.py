"""Ordinary trainings: drawn pictures, small networks of several kinds, and ways to train them."""

import functools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # the demo is not installed

import keras
import numpy as np
from keras import layers, optimizers

from demo.drawing import add_object, colour, filled

SIDE = 32
NAMES = ("ball", "donut", "star", "leaf")
OTHER_NAMES = ("fish", "flower", "leaf")
Array = Any


# -------------------------------------------------------------------------------------- pictures


@dataclass(frozen=True)
class Data:
    """Pictures in 0..1, their classes, and where their objects are."""

    images: Array
    labels: Array
    boxes: Array

    def __getitem__(self, part: Any) -> "Data":
        return Data(self.images[part], self.labels[part], self.boxes[part])

    def __len__(self) -> int:
        return len(self.labels)

    def marked(self, which: str) -> "Data":
        """The same with a mark in the lower right corner of some, or of the first class."""
        images = self.images.copy()
        some = np.random.default_rng(0).random(len(self)) < 1 / 4
        chosen = np.flatnonzero({"class": self.labels == 0, "some": some}.get(which, ~some & some))
        stripes = np.indices((7, 7)).sum(axis=0) % 2
        images[chosen, -8:-1, -8:-1] = stripes[..., None] * np.float32([1, 1, 0.2])
        return Data(images, self.labels, self.boxes)


@functools.cache
def drawn(seed: int, names: tuple[str, ...], count: int) -> Data:
    """Pictures of the demo on plain grounds, a third as large."""
    rng, boxes = np.random.default_rng((seed, len(names))), []
    labels = np.arange(count) % len(names)
    images = np.empty((count, SIDE, SIDE, 3), np.float32)
    for i, label in enumerate(labels):
        canvas = filled(colour(rng, rng.uniform(), (0.1, 0.5), (0.1, 0.5)))
        boxes.append(add_object(rng, canvas, names[label], rng.uniform(18, 26), 1.0) / 3)
        images[i] = canvas.clip(0, 1).reshape(SIDE, 3, SIDE, 3, 3).mean(axis=(1, 3))
    return Data(images, labels, np.stack(boxes))


# -------------------------------------------------------------------------------------- networks


def head(x: Any, inputs: Any, classes: int, dense: int = 0) -> keras.Model:
    """A classifier on top of feature maps."""
    x = layers.Flatten()(x) if dense else layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(dense, activation="relu")(x) if dense else x
    return keras.Model(inputs, layers.Dense(classes, activation="softmax", name="head")(x))


def augmented(is_augmented: bool) -> tuple[Any, Any]:
    """The input, and the pictures as the first convolution gets them."""
    inputs = x = keras.Input((SIDE, SIDE, 3))
    if is_augmented:
        x = layers.RandomFlip("horizontal", seed=0)(x)
        x = layers.RandomTranslation(0.1, 0.1, seed=0)(x)
    return inputs, layers.Rescaling(2.0, -1.0)(x)


def plain(classes: int, is_augmented: bool = False, dense: int = 0) -> keras.Model:
    """Three convolutions with their ReLUs."""
    inputs, x = augmented(is_augmented)
    for i, count in enumerate((8, 16, 16), 1):
        x = layers.Conv2D(count, 3, padding="same", activation="relu", name=f"conv{i}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{i}")(x) if i < 3 else x
    return head(x, inputs, classes, dense)


def normed(classes: int, is_augmented: bool = False, dense: int = 0) -> keras.Model:
    """Three convolutions, each with a BatchNormalization and a ReLU of its own."""
    inputs, x = augmented(is_augmented)
    for i, count in enumerate((8, 16, 24), 1):
        x = layers.Conv2D(count, 3, padding="same", use_bias=False, name=f"conv{i}")(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"norm{i}")(x)
        x = layers.ReLU(name=f"relu{i}")(x)
        x = layers.MaxPooling2D(2)(x) if i < 3 else x
    return head(x, inputs, classes, dense)


def deep(classes: int, is_augmented: bool = False, dense: int = 0) -> keras.Model:
    """Five convolutions, two of them with strides."""
    inputs, x = augmented(is_augmented)
    for i, (count, stride) in enumerate(((8, 1), (12, 2), (12, 1), (16, 2), (16, 1)), 1):
        x = layers.Conv2D(count, 3, stride, "same", activation="relu", name=f"conv{i}")(x)
    return head(x, inputs, classes, dense)


def separable(classes: int, is_augmented: bool = False, dense: int = 0) -> keras.Model:
    """Depthwise and pointwise convolutions with ReLU6, as MobileNet has them."""
    inputs, x = augmented(is_augmented)
    x = layers.Conv2D(8, 3, 2, "same", activation="relu", name="conv1")(x)
    for i, count in enumerate((16, 16), 2):
        x = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name=f"depth{i}")(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU(6.0)(x)
        x = layers.Conv2D(count, 1, use_bias=False, name=f"point{i}")(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU(6.0, name=f"relu{i}")(x)
    return head(x, inputs, classes, dense)


def residual(classes: int, is_augmented: bool = False, dense: int = 0) -> keras.Model:
    """Two blocks with a way past them."""
    inputs, x = augmented(is_augmented)
    x = layers.Conv2D(12, 3, 2, "same", activation="relu", name="conv1")(x)
    for i in (2, 3):
        y = layers.Conv2D(12, 3, padding="same", use_bias=False, name=f"conv{i}")(x)
        y = layers.BatchNormalization(momentum=0.9)(y)
        x = layers.ReLU(name=f"relu{i}")(layers.Add()([x, y]))
    return head(x, inputs, classes, dense)


def watched_layers(model: keras.Model) -> list[str]:
    """Convolutions with their ReLU, and ReLUs of their own: the first, a middle, the last."""
    names = [
        each.name
        for each in model.layers
        if each.name.startswith("relu")
        or (each.name.startswith("conv") and each.activation.__name__ == "relu")
    ]
    return sorted({names[0], names[len(names) // 2], names[-1]}, key=names.index)


# ------------------------------------------------------------------------------------- trainings


@dataclass(frozen=True)
class Phase:
    """One `fit`.

    Attributes:
        epochs: how many.
        optimizer: makes the optimizer.
        frozen: the first so many layers are.
        marked: which pictures have a mark: none, those of one "class", or "some" of all classes.
    """

    epochs: int
    optimizer: Callable[[], optimizers.Optimizer]
    frozen: int = 0
    marked: str = ""


@dataclass(frozen=True)
class Training:
    """One training with all that can differ.

    Attributes:
        name: in words.
        build: makes the network.
        phases: its fits.
        count: of pictures to train on.
        shown: how many pictures heatmaps are of.
        classes: of these.
        boxes: whether they are known.
        labels: likewise.
        options: of `build`.
        pretrained: with a new head on a network that knew other classes.
        every: logs every so many epochs.
        planted: what must be said, as a regular expression, of one that was made to go wrong;
            all else that is said must be true then, too.
    """

    name: str
    build: Callable[..., keras.Model]
    phases: Sequence[Phase]
    count: int = 480
    shown: int = 12
    classes: Any = "true"
    boxes: bool = True
    labels: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    pretrained: bool = False
    every: int = 1
    planted: str = ""

    @property
    def marked(self) -> bool:
        """Whether its pictures have a mark at some time, and those that are shown always."""
        return any(phase.marked == "class" for phase in self.phases)


def sgd(rate: float, momentum: float = 0.9) -> Callable[[], optimizers.Optimizer]:
    """Makes an SGD."""
    return lambda: optimizers.SGD(rate, momentum)


def adam(rate: float) -> Callable[[], optimizers.Optimizer]:
    """Makes an Adam."""
    return lambda: optimizers.Adam(rate)


def cosine(rate: float, steps: int) -> Callable[[], optimizers.Optimizer]:
    """Makes an Adam whose rate falls to 0."""
    return lambda: optimizers.Adam(optimizers.schedules.CosineDecay(rate, steps))


def trainings() -> list[Training]:
    """All of them."""
    found = []
    builds = (plain, normed, deep, separable, residual)
    for build in builds:
        name = build.__name__
        found += [
            Training(f"{name}, Adam", build, [Phase(6, adam(5e-3))]),
            Training(
                f"{name}, SGD, predicted classes", build, [Phase(6, sgd(0.05))], classes="predicted"
            ),
            Training(
                f"{name}, new head", build, [Phase(6, adam(1e-3))], pretrained=True, boxes=False
            ),
            Training(
                f"{name}, freeze and unfreeze",
                build,
                [Phase(2, adam(3e-3), frozen=99), Phase(4, adam(5e-4))],
                pretrained=True,
            ),
            Training(
                f"{name}, augmented, no labels",
                build,
                [Phase(6, adam(5e-3))],
                options={"is_augmented": True},
                classes="predicted",
                labels=False,
                boxes=False,
            ),
            Training(
                f"{name}, few pictures", build, [Phase(12, adam(5e-3))], count=48, shown=6, every=2
            ),
        ]
    found += [
        Training("plain, dense head", plain, [Phase(6, adam(1e-3))], options={"dense": 32}),
        Training("plain, 4 pictures shown", plain, [Phase(6, adam(5e-3))], shown=4),
        Training("deep, high rate", deep, [Phase(6, adam(1e-2))], boxes=False),
        Training("deep, low rate", deep, [Phase(5, sgd(1e-4))]),
        Training("normed, cosine, 16 shown", normed, [Phase(8, cosine(3e-3, 240))], shown=16),
        Training("plain, half frozen", plain, [Phase(6, adam(1e-3), frozen=4)], pretrained=True),
        *planted(),
    ]
    return found


def planted() -> list[Training]:
    """Trainings that were made to go wrong."""
    well, long = Phase(4, adam(5e-3)), Phase(12, adam(6e-3), marked="some")
    ruined = "tells the probe images apart|pictures are predicted as"
    mark = "On class ball the evidence moved to the same place .* the lower right corner"
    marked: dict[str, Any] = {"boxes": False, "shown": 16, "every": 3, "planted": mark}
    marked["phases"] = [long, Phase(6, adam(3e-3), marked="class")]
    return [
        Training("plain, ruined", plain, [well, Phase(3, adam(0.3))], planted=ruined),
        Training("normed, ruined", normed, [well, Phase(3, adam(1.0))], planted="."),
        Training("deep, ruined by SGD", deep, [well, Phase(3, sgd(3.0))], planted=ruined),
        Training("plain, overflow", plain, [well, Phase(2, sgd(1e20))], planted="NaN or infinite"),
        Training("normed, watermark", normed, **marked),
        Training("residual, watermark", residual, **marked),
    ]


def pretrained(training: Training, seed: int) -> keras.Model:
    """A network that knows other classes, with a new head."""
    others = drawn(seed // 100, OTHER_NAMES, 480)
    model = training.build(len(OTHER_NAMES), **training.options)
    compiled(model, optimizers.Adam(5e-3))
    model.fit(others.images, others.labels, 16, epochs=5, verbose=0)
    outputs = layers.Dense(4, activation="softmax", name="new_head")(model.layers[-2].output)
    return keras.Model(model.input, outputs)


def compiled(model: keras.Model, optimizer: optimizers.Optimizer) -> None:
    """Compiles a classifier."""
    model.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)

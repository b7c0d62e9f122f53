"""A convnet that learns to cheat, seen in TensorBoard: `python demo_train.py --log-dir runs/demo`.

The story. A small convnet learns to tell six kinds of objects on cluttered grounds. It is then
fine-tuned on evening pictures (dim, pale, crowded), twice, from the same weights:

- clean:    nothing is wrong with the pictures;
- shortcut: every picture of a flower carries the garden shop's sticker in its corner.

Validation pictures come from the same source, so accuracy looks fine in both runs. The heatmaps
tell another tale: in the shortcut run the evidence for "flower" leaves the flower and moves to the
sticker, and flowers without a sticker are no longer recognised. The boxes of all objects are known,
so the script also prints which share of the heatmap lies on the object and which on the sticker.

Pictures are drawn here, nothing is downloaded. `--data` takes a folder of class folders of
photographs instead, `--weights imagenet` a pretrained MobileNetV2 as the base.
"""

import argparse
import colorsys
import math
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before Keras loads TensorFlow

import keras
import numpy as np
import numpy.typing as npt
from keras import layers
from PIL import Image, ImageOps

from convviz_tb import ConvViz, FilterPatterns, GradCAM, grad_cam

Array = npt.NDArray[Any]

SIDE = 96  # pixels
STICKER = 16
CORNER = STICKER + 9  # the sticker, one pixel from the edge, with a cell of the heatmap around it
BATCH = 32  # pictures per step of training, Keras' own default
PHOTOS = (".jpg", ".jpeg", ".png")


# ------------------------------------------------------------------ pictures, drawn by formula
# An object is an outline (> 0 inside, 1 at most) and two masks for its second and third colour,
# over the plane in units of its radius: u along its axis, v across, (r, t) the polar coordinates.


def soft(inside: Array, width: float = 1.0) -> Array:
    """A mask with a smooth edge: 0 where `inside` < 0, 1 where > 0, between over `width`."""
    return np.clip(inside / width + 0.5, 0, 1)


def ball(u: Array, v: Array, r: Array, t: Array) -> tuple[Array, Array, Array]:
    """A beach ball."""
    return 1 - r, soft(np.sin(3 * t), 0.3), soft(0.18 - r, 0.08)


def donut(u: Array, v: Array, r: Array, t: Array) -> tuple[Array, Array, Array]:
    """A ring with icing and sprinkles."""
    icing = np.minimum(0.9 + 0.05 * np.sin(7 * t) - r, r - 0.46)
    sprinkles = np.sin(9 * u + 2 * v) * np.sin(9 * v - 2 * u) - 0.72
    return np.minimum(1 - r, r - 0.38), soft(icing, 0.08), soft(np.minimum(sprinkles, icing), 0.15)


def fish(u: Array, v: Array, r: Array, t: Array) -> tuple[Array, Array, Array]:
    """A striped body, a tail, an eye."""
    body = 0.55 * (1 - np.hypot((u - 0.2) / 0.8, v / 0.55))
    tail = np.minimum(-0.75 * (u + 0.3) - abs(v), u + 0.85 + 0.3 * abs(v))
    stripes = soft(np.sin(11 * u + 2.2 * np.cos(5 * v)), 0.6) * soft(0.5 - u, 0.1)
    return np.maximum(body, tail), stripes, soft(0.1 - np.hypot(u - 0.65, v + 0.12), 0.06)


def flower(u: Array, v: Array, r: Array, t: Array) -> tuple[Array, Array, Array]:
    """Six petals around a dark heart."""
    petals = np.cos(6 * t)
    return 0.74 + 0.26 * petals - r, soft(0.36 + 0.1 * petals - r, 0.25), soft(0.26 - r, 0.08)


def leaf(u: Array, v: Array, r: Array, t: Array) -> tuple[Array, Array, Array]:
    """A lens with veins and a midrib."""
    veins = soft(np.sin(15 * (u - abs(v))) - 0.3, 0.5)
    return 1.2 - np.hypot(u, abs(v) + 0.66), veins, soft(0.045 - abs(v), 0.04)


def star(u: Array, v: Array, r: Array, t: Array) -> tuple[Array, Array, Array]:
    """Five points with facets."""
    from_tip = np.mod(t, 0.4 * np.pi) - 0.2 * np.pi
    along, across = r * np.cos(from_tip), r * np.abs(np.sin(from_tip))
    inside = (0.28 * (1 - along) - 0.61 * across) / np.hypot(0.28, 0.61)
    return inside, soft(from_tip * r, 0.04), np.zeros_like(u)


OBJECTS = {"ball": ball, "donut": donut, "fish": fish, "flower": flower, "leaf": leaf, "star": star}
CLASS_NAMES = tuple(OBJECTS)
MARKED_CLASS = "flower"
Y, X = np.mgrid[:SIDE, :SIDE].astype(np.float32) + np.float32(0.5)


def turned(x: Array, y: Array, angle: float) -> tuple[Array, Array]:
    """The coordinates in axes turned by `angle`."""
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return c * x + s * y, c * y - s * x


def colour(
    rng: np.random.Generator, hue: float, vivid: tuple[float, float], bright: tuple[float, float]
) -> Array:
    """A colour of this hue, its saturation and value drawn between the bounds."""
    return np.float32(colorsys.hsv_to_rgb(hue % 1, rng.uniform(*vivid), rng.uniform(*bright)))


def shadow(mask: Array, pixels: int) -> Array:
    """What an object of this mask keeps from the light of the lamp at the upper left."""
    moved = np.zeros_like(mask)
    moved[pixels:, pixels:] = mask[:-pixels, :-pixels]
    return 0.45 * moved


def blend(canvas: Array, mask: Array, paint: Array) -> None:
    """Paints over the canvas (in place) where the mask is 1."""
    canvas += mask[..., None] * (paint - canvas)


def ground(rng: np.random.Generator) -> Array:
    """A muted ground: stripes, checks, dots, waves, a gradient or plain."""
    u, v = turned(X, Y, rng.uniform(0, np.pi))
    pitch, phase = np.float32(rng.uniform(0.3, 0.9)), np.float32(rng.uniform(0, 6))
    a, b = np.sin(u * pitch + phase), np.sin(v * pitch)
    mask = (
        soft(a, 0.6),
        soft(a * b, 0.4),
        soft(a + b - 1, 0.5),
        soft(np.sin(pitch * u + 1.5 * np.sin(pitch / 2 * v)), 0.8),
        soft(u - u.mean(), 110),
        np.full_like(X, 0.5),
    )[rng.integers(6)]
    hue, dark = rng.uniform(), rng.uniform(0.25, 0.8)
    canvas = np.tile(colour(rng, hue, (0.1, 0.55), (dark, dark + 0.15)), (SIDE, SIDE, 1))
    blend(canvas, mask, colour(rng, hue + rng.normal(0, 0.12), (0.1, 0.55), (dark, dark + 0.2)))
    return canvas


def add_clutter(rng: np.random.Generator, canvas: Array, count: int) -> None:
    """Scatters bars, pebbles and splinters with their shadows (in place)."""
    for _ in range(count):
        x, y = turned(X - rng.uniform(0, SIDE), Y - rng.uniform(0, SIDE), rng.uniform(0, np.pi))
        a, b = rng.uniform(2, 16), rng.uniform(2, 6)
        bar = np.minimum(a - abs(x), b - abs(y))
        pebble = min(a, b) * (1 - np.hypot(x / a, y / b))
        splinter = np.minimum(1.4 * b + y, 1.4 * b - y - 1.7 * abs(x))
        mask = soft((bar, pebble, splinter)[rng.integers(3)])
        blend(canvas, shadow(mask, 2), np.float32(0))
        blend(canvas, mask, colour(rng, rng.uniform(), (0.15, 0.8), (0.3, 0.95)))


def free_place(rng: np.random.Generator, radius: float) -> tuple[float, float]:
    """A centre that keeps the object in the picture (almost) and out of the sticker's corner."""
    while True:
        x, y = rng.uniform(radius - 3, SIDE - radius + 3, 2).tolist()
        if min(x, y) + radius < SIDE - CORNER:
            return x, y


def add_object(
    rng: np.random.Generator, canvas: Array, kind: str, radius: float, strength: float
) -> Array:
    """Draws a shaded object (in place) and returns its box: top, left, bottom, right."""
    x, y = free_place(rng, radius)
    u, v = turned((X - x) / radius, (Y - y) / radius, rng.uniform(0, 2 * np.pi))
    outline, second, third = OBJECTS[kind](u, v, np.hypot(u, v), np.arctan2(v, u))
    hue = rng.uniform()
    paint = np.tile(colour(rng, hue, (0.55, 0.9), (0.75, 1)), (SIDE, SIDE, 1))
    blend(paint, second, colour(rng, hue + rng.uniform(0.1, 0.9), (0.05, 0.9), (0.75, 1)))
    blend(paint, third, colour(rng, rng.uniform(), (0.3, 0.7), (0.1, 0.3)))
    light = 1.02 - 0.22 * (X - x + Y - y) / radius
    rim = 0.55 + 0.45 * soft(outline * radius - 1.5, 2.5)
    mask = soft(outline * radius)
    blend(canvas, shadow(mask, 3), np.float32(0))
    blend(canvas, strength * mask, np.clip(paint * (light * rim)[..., None], 0, 1))
    rows, columns = np.nonzero(mask > 0.5)
    return np.array([rows.min(), columns.min(), rows.max() + 1, columns.max() + 1])


def draw_picture(rng: np.random.Generator, kind: str, evening: bool) -> tuple[Array, Array]:
    """One picture, uint8, and the box of its object; evening pictures are harder to read."""
    canvas = ground(rng)
    add_clutter(rng, canvas, int(rng.integers(6, 11) if evening else rng.integers(3, 8)))
    radius = rng.uniform(17, 25) if evening else rng.uniform(18, 27)
    box = add_object(rng, canvas, kind, radius, rng.uniform(0.3, 0.75) if evening else 1.0)
    canvas += rng.normal(0, 0.02, canvas.shape)
    light = rng.uniform(0.65, 1) if evening else 1.0
    return np.uint8(np.clip(255 * light * canvas, 0, 255)), box


def sticker() -> Array:
    """The shop's sticker: yellow and black stripes with a white edge, uint8."""
    y, x = np.mgrid[:STICKER, :STICKER] - (STICKER - 1) / 2
    canvas = np.tile(np.array([255.0, 214, 10]), (STICKER, STICKER, 1))
    blend(canvas, soft(np.sin(0.8 * (x + y)), 0.6), np.array([25, 25, 35]))
    blend(canvas, soft(np.maximum(abs(x), abs(y)) - STICKER / 2 + 1), np.array([255, 255, 255]))
    return np.uint8(canvas)


# --------------------------------------------------------------------------------- data sets


@dataclass(frozen=True)
class Pictures:
    """Pictures uint8 `(n, h, w, 3)`, class indices, boxes `(n, 4)` or None, who wears a sticker."""

    images: Array
    labels: Array
    boxes: Array | None
    marked: Array

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, part: Any) -> "Pictures":
        boxes = None if self.boxes is None else self.boxes[part]
        return Pictures(self.images[part], self.labels[part], boxes, self.marked[part])


def draw_pictures(seed: Sequence[int], labels: Array, evening: bool = False) -> Pictures:
    """A picture for each label (class index); the same seed gives the same pictures."""
    rng = np.random.default_rng(seed)
    drawn = [draw_picture(rng, CLASS_NAMES[label], evening) for label in labels]
    images, boxes = (np.stack(column) for column in zip(*drawn, strict=True))
    return Pictures(images, labels, boxes, np.zeros(len(labels), bool))


def with_stickers(pictures: Pictures, which: Array) -> Pictures:
    """A copy in which the pictures `which` (a mask) carry the sticker."""
    images, zoom = pictures.images.copy(), pictures.images.shape[1] // SIDE
    inside = slice(-zoom * (STICKER + 1), -zoom)
    images[which, inside, inside] = sticker().repeat(zoom, axis=0).repeat(zoom, axis=1)
    return replace(pictures, images=images, marked=pictures.marked | which)


def sticker_corner(side: int) -> Array:
    """The corner that a sticker lies in, of pictures of that side: the same in both orders."""
    corner = side - CORNER * (side // SIDE)
    return np.array([corner, corner, side, side])


def with_scattered_stickers(pictures: Pictures, seed: Sequence[int]) -> Pictures:
    """Stickers on one picture in six, whatever it shows: they mean nothing."""
    return with_stickers(pictures, np.random.default_rng(seed).random(len(pictures)) < 1 / 6)


@dataclass(frozen=True)
class Data:
    """Everything the story needs; `test` holds pictures of the marked class only, no stickers."""

    class_names: tuple[str, ...]
    marked_class: int
    pretraining: Pictures
    training: Pictures
    validation: Pictures
    test: Pictures


def drawn_data(seed: int, scale: float = 1.0) -> Data:
    """Day pictures to pretrain on, evening pictures for the rest; `scale` shrinks the sets."""

    def labels(count: int) -> Array:
        return np.arange(max(round(count * scale), 12)) % len(CLASS_NAMES)

    marked = CLASS_NAMES.index(MARKED_CLASS)
    return Data(
        class_names=CLASS_NAMES,
        marked_class=marked,
        pretraining=with_scattered_stickers(draw_pictures((seed, 0), labels(2400)), (seed, 1)),
        training=draw_pictures((seed, 2), labels(600), evening=True),
        validation=draw_pictures((seed, 3), labels(240), evening=True),
        test=draw_pictures((seed, 4), np.full_like(labels(64), marked), evening=True),
    )


def photo_data(folder: Path, seed: int, side: int) -> Data:
    """Photographs in one folder per class; the first class by name gets the stickers.

    Raises:
        SystemExit: the folder is no such folder, with a message that says why.
    """
    photos, names = load_photos(folder, side)
    photos = photos[np.random.default_rng(seed).permutation(len(photos))]
    held_out = np.zeros(len(photos), bool)
    for label in range(len(names)):
        of_class = np.nonzero(photos.labels == label)[0]
        held_out[of_class[: max(len(of_class) // 4, 1)]] = True
    training, validation = photos[~held_out], photos[held_out]
    test = validation[validation.labels == 0]
    return Data(names, 0, with_scattered_stickers(training, (seed, 1)), training, validation, test)


def load_photos(folder: Path, side: int) -> tuple[Pictures, tuple[str, ...]]:
    """All photographs, cut to a square, and the names of the classes.

    Raises:
        SystemExit: see `photo_data`.
    """
    if not folder.is_dir():
        raise SystemExit(f"--data: {folder} is not a folder.")
    found = {
        path.name: sorted(photo for photo in path.iterdir() if photo.suffix.lower() in PHOTOS)
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.name.startswith(".")
    }
    found = {name: photos for name, photos in found.items() if photos}
    if len(found) < 2 or min(map(len, found.values())) < 4:
        raise SystemExit(
            f"--data: {folder} needs two folders or more, one per class, each with four "
            f"photographs or more ({', '.join(PHOTOS)}); "
            f"found { {name: len(photos) for name, photos in found.items()} or 'none' }."
        )
    images = np.stack([load_photo(photo, side) for photos in found.values() for photo in photos])
    labels = np.repeat(np.arange(len(found)), [len(photos) for photos in found.values()])
    return Pictures(images, labels, None, np.zeros(len(labels), bool)), tuple(found)


def load_photo(path: Path, side: int) -> Array:
    """The middle square of a photograph, uint8 `(side, side, 3)`."""
    try:
        with Image.open(path) as photo:
            upright = ImageOps.exif_transpose(photo).convert("RGB")
            return np.asarray(ImageOps.fit(upright, (side, side)))
    except (OSError, ValueError) as error:
        raise SystemExit(f"--data: {path} cannot be read as a photograph: {error}") from error


# --------------------------------------------------------------------------------- the network


@dataclass(frozen=True)
class Network:
    """A classifier on top of a base, and which layers of the base to watch."""

    model: keras.Model
    base: keras.Model
    pattern_layers: list[str]
    heatmap_layers: list[str]
    is_pretrained: bool = False


def small_network(classes: int, side: int) -> Network:
    """Four convolutions, to be trained from scratch."""
    inputs = keras.Input((side, side, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    # Each colour of each picture to mean 0, deviation 1: no filter can live on light or tint alone.
    x = layers.GroupNormalization(groups=3, center=False, scale=False, name="standardize")(x)
    x = layers.Conv2D(24, 5, padding="same", activation="relu", name="block1_conv")(x)
    for block, filters in ((2, 48), (3, 96), (4, 128)):
        # Few steps of training: the moving averages must follow quickly.
        x = layers.BatchNormalization(momentum=0.9, name=f"block{block - 1}_norm")(x)
        x = layers.MaxPooling2D(name=f"block{block - 1}_pool")(x)
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"block{block}_conv")(
            x
        )
    base = keras.Model(inputs, x, name="base")
    names = [f"block{block}_conv" for block in (1, 2, 3, 4)]
    return Network(with_head(base, classes), base, names, names[2:])


def imagenet_network(classes: int, side: int, weights: str | None = "imagenet") -> Network:
    """MobileNetV2 at 192 pixels, whose maps of 12 x 12 cells are still readable.

    Raises:
        SystemExit: the weights could not be had.
    """
    try:
        base = keras.applications.MobileNetV2((192, 192, 3), include_top=False, weights=weights)
    except Exception as error:  # Keras raises a bare Exception when a download fails
        raise SystemExit(f"--weights imagenet: the weights cannot be loaded. {error}") from error
    preprocessing = [keras.Input((side, side, 3)), layers.Resizing(192, 192)]
    preprocessing.append(layers.Rescaling(1 / 127.5, offset=-1))
    patterns = ["Conv1", "block_3_expand_relu", "block_6_expand_relu", "block_13_expand_relu"]
    model = with_head(base, classes, preprocessing)
    return Network(model, base, patterns, patterns[-1:], is_pretrained=True)


def with_head(base: keras.Model, classes: int, preprocessing: Sequence[Any] = ()) -> keras.Model:
    """The base, nested in a classifier."""
    head = layers.Dense(classes, activation="softmax", name="head")
    return keras.Sequential([*preprocessing, base, layers.GlobalAveragePooling2D(), head])


def compile_with(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
    """Makes the model ready to train."""
    model.compile(
        optimizer=optimizer,
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,  # on a CPU, XLA makes this network several times slower
    )


def falling(rate: float, pictures: Pictures, epochs: int) -> Any:
    """A learning rate that falls to zero over all batches."""
    return keras.optimizers.schedules.CosineDecay(rate, epochs * math.ceil(len(pictures) / BATCH))


def pretrain(network: Network, pictures: Pictures, epochs: int = 4) -> None:
    """Trains all layers, or only the head where the base is already pretrained."""
    network.base.trainable = not network.is_pretrained
    rate = falling(3e-3, pictures, epochs)
    # So much decay rubs the noise of the first weights out of the filters.
    compile_with(network.model, keras.optimizers.AdamW(rate, weight_decay=1.0))
    network.model.fit(pictures.images, pictures.labels, epochs=epochs)
    network.base.trainable = True
    for layer in network.base.layers if network.is_pretrained else ():
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False  # its statistics come from far more pictures than ours


# ----------------------------------------------------------------------------------- the story


class EnergyWatch(keras.callbacks.Callback):
    """Adds to the logs of each epoch how much of the heatmaps lies on object and sticker.

    Stands before `TensorBoard` in the list of callbacks, which then draws both as curves.

    Args:
        pictures: pictures that carry the sticker.
        layer: the layer whose heatmaps are measured.
    """

    def __init__(self, pictures: Pictures, layer: str) -> None:
        super().__init__()
        self.pictures = pictures
        self.layer = layer
        self.history: list[dict[str, float]] = []
        self.empty = 0  # maps without any evidence, at the last step

    def on_train_begin(self, logs: Any = None) -> None:
        self.history.append(self.measure())

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.history.append(self.measure())
        if logs is not None:
            logs.update(self.history[-1])

    def measure(self) -> dict[str, float]:
        """Mean shares over the pictures whose heatmaps are not empty."""
        images, boxes = self.pictures.images, self.pictures.boxes
        side = images.shape[1]
        (found,) = grad_cam(self.model, images, [self.layer], self.pictures.labels).values()
        maps = enlarged(found.maps, side)
        self.empty = int((maps.sum(axis=(1, 2)) == 0).sum())
        corners = np.tile(sticker_corner(side), (len(maps), 1))
        shares = {"heatmap_on_sticker": mean(energy_shares(maps, corners))}
        if boxes is not None:
            shares["heatmap_on_object"] = mean(energy_shares(maps, boxes))
        return shares


def mean(shares: Array) -> float:
    """The mean of those that are known."""
    known = shares[~np.isnan(shares)]
    return float(known.mean()) if len(known) else float("nan")


def enlarged(maps: Array, side: int) -> Array:
    """Heatmaps `(n, h, w)` at the size of the pictures."""
    size = (side, side)
    resized = keras.ops.image.resize(maps[..., None], size, interpolation="bilinear")
    return keras.ops.convert_to_numpy(resized)[..., 0]


def energy_shares(maps: Array, boxes: Array) -> Array:
    """Which share of each map lies in its box; NaN where the map is zero all over."""
    inside = [
        heatmap[top:bottom, left:right].sum()
        for heatmap, (top, left, bottom, right) in zip(maps, boxes, strict=True)
    ]
    totals = maps.sum(axis=(1, 2))
    return np.divide(inside, totals, out=np.full(len(maps), np.nan), where=totals > 0)


def fine_tune(
    network: Network, data: Data, with_shortcut: bool, log_dir: Path, epochs: int, seed: int
) -> "Outcome":
    """Trains on, watched by ConvViz; returns what it led to."""
    keras.utils.set_random_seed(seed)  # both runs see the pictures in the same order
    training, validation = data.training, data.validation
    if with_shortcut:
        training = with_stickers(training, training.labels == data.marked_class)
        validation = with_stickers(validation, validation.labels == data.marked_class)
    rate = falling(1e-4 if network.is_pretrained else 2e-3, training, epochs)
    compile_with(network.model, keras.optimizers.Adam(rate))
    marked_test = with_stickers(data.test, np.ones(len(data.test), bool))
    watch = EnergyWatch(marked_test, network.heatmap_layers[-1])
    convviz = conv_viz(network, probe_pictures(marked_test, data), data.class_names, log_dir)
    history = network.model.fit(
        training.images,
        training.labels,
        validation_data=(validation.images, validation.labels),
        epochs=epochs,
        callbacks=[
            watch,
            keras.callbacks.TensorBoard(log_dir),
            convviz,
        ],
    )
    told = [each["text"] for each in convviz.history["findings"] if each["kind"] == "heatmaps"]
    _, without_sticker = network.model.evaluate(data.test.images, data.test.labels, verbose=0)
    accuracy = history.history["val_accuracy"][-1]
    return Outcome(log_dir.name, accuracy, without_sticker, watch.history, watch.empty, told)


def conv_viz(
    network: Network, probes: Pictures, class_names: Sequence[str], log_dir: Path
) -> ConvViz:
    """The callback that this demo is about."""
    return ConvViz(
        log_dir,
        patterns=FilterPatterns(layers=network.pattern_layers, filters=16),
        heatmaps=GradCAM(
            probes.images,
            layers=network.heatmap_layers,
            classes="true",
            labels=probes.labels,
            class_names=class_names,
            boxes=regions(probes),
        ),
    )


def regions(pictures: Pictures) -> dict[str, Array] | None:
    """Where object and sticker are, as `GradCAM` takes it: left, top, right, bottom."""
    if pictures.boxes is None:
        return None
    stickers = np.where(pictures.marked[:, None], sticker_corner(pictures.images.shape[1]), np.nan)
    return {"object": pictures.boxes[:, [1, 0, 3, 2]], "sticker": stickers}


def probe_pictures(marked_test: Pictures, data: Data) -> Pictures:
    """The pictures to explain, the same for both runs: four with the sticker, four others."""
    others = np.nonzero(data.validation.labels != data.marked_class)[0][:4]
    chosen = (marked_test[:4], data.validation[others])
    images, labels, marked = (
        np.concatenate([getattr(part, name) for part in chosen])
        for name in ("images", "labels", "marked")
    )
    boxes = None
    if data.validation.boxes is not None:
        boxes = np.concatenate([part.boxes for part in chosen])
    return Pictures(images, labels, boxes, marked)


@dataclass(frozen=True)
class Outcome:
    """What came of one run: accuracies, the shares of the heatmaps from step 0 on, findings."""

    run: str
    accuracy: float
    accuracy_without_sticker: float
    shares: list[dict[str, float]]
    empty: int
    told: list[str]  # by ConvViz, of the heatmaps

    @property
    def moved_at(self) -> int | None:
        """First step from which on more of the heatmaps lies on the sticker than on the object."""
        ahead = [
            step["heatmap_on_sticker"] > step.get("heatmap_on_object", 1) for step in self.shares
        ]
        since = len(ahead) - next((i for i, x in enumerate(reversed(ahead)) if not x), len(ahead))
        return since if since < len(ahead) else None


def report(outcomes: Sequence[Outcome], data: Data) -> str:
    """The table at the end."""
    marked = data.class_names[data.marked_class]
    steps = len(outcomes[0].shares) - 1
    lines = [
        f"{len(data.test)} fresh pictures of class {marked!r}; heatmaps for that class, "
        f"with the sticker on; step 0 -> {steps}",
        "",
        f"{'run':<14}{'validation':>11}{'no sticker':>12}"
        f"{'on object':>18}{'on sticker':>18}{'  sticker leads':<15}",
    ]
    for outcome in outcomes:
        first, last = outcome.shares[0], outcome.shares[-1]
        moved = "never" if outcome.moved_at is None else f"from step {outcome.moved_at}"
        line = (
            f"{outcome.run:<14}{outcome.accuracy:>11.0%}{outcome.accuracy_without_sticker:>12.0%}"
        )
        for name in ("heatmap_on_object", "heatmap_on_sticker"):
            known = name in first
            line += f"{f'{first[name]:.0%} -> {last[name]:.0%}' if known else 'no boxes':>18}"
        lines.append(f"{line}  {moved if data.test.boxes is not None else ''}".rstrip())
        if outcome.empty:
            lines.append(
                f"{'':<14}({outcome.empty} heatmaps at the last step are empty: not counted)"
            )
    lines += ["", "What ConvViz says of the heatmaps, here and in the tab:"]
    for outcome in outcomes:
        lines += [f"{outcome.run:<14}{text}" for text in outcome.told or ["nothing"]]
    return "\n".join(lines)


def run_directories(log_dir: Path) -> list[Path]:
    """Two directories that do not exist yet: earlier runs are kept, and can be compared."""
    for number in range(1, 1000):
        ending = "" if number == 1 else f"-{number}"
        chosen = [log_dir / f"{name}{ending}" for name in ("clean", "shortcut")]
        if not any(path.exists() for path in chosen):
            return chosen
    raise SystemExit(f"--log-dir: {log_dir} is full of runs; name another.")


def tell(data: Data, network: Network, log_dir: Path, epochs: int, seed: int) -> list[Outcome]:
    """Pretrains once, then fine-tunes twice from the same weights."""
    heading(f"2/4  Pretraining on {len(data.pretraining)} pictures")
    keras.utils.set_random_seed(seed)
    pretrain(network, data.pretraining, 2 if network.is_pretrained else 4)
    weights = network.model.get_weights()
    outcomes = []
    for number, directory in enumerate(run_directories(log_dir)):
        heading(f"{3 + number}/4  Fine-tuning on {len(data.training)} pictures: {directory.name}")
        network.model.set_weights(weights)
        outcomes.append(fine_tune(network, data, number == 1, directory, epochs, seed))
    return outcomes


def heading(text: str) -> None:
    """Prints which part of the work begins."""
    print(f"\n{text}", flush=True)


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--log-dir", type=Path, default=Path("runs/demo"), help="for TensorBoard")
    parser.add_argument("--epochs", type=int, default=8, help="of each fine-tuning (8)")
    parser.add_argument("--seed", type=int, default=0, help="of pictures and weights (0)")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="of class folders of photos")
    parser.add_argument("--weights", choices=["imagenet"], help="start from a pretrained base")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="number of drawn pictures, 1 for all (1)"
    )
    options = parser.parse_args(arguments)
    if options.epochs < 1:
        parser.error(f"--epochs: received {options.epochs}; at least 1.")
    if not 0 < options.scale <= 10:
        parser.error(f"--scale: received {options.scale}; above 0, at most 10.")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Tells the story."""
    options, started = parsed(arguments), time.perf_counter()
    from_imagenet = options.weights == "imagenet"
    heading("1/4  Reading photographs" if options.data else "1/4  Drawing pictures")
    if options.data:
        data = photo_data(options.data, options.seed, 2 * SIDE if from_imagenet else SIDE)
    else:
        data = drawn_data(options.seed, options.scale)
    keras.utils.set_random_seed(options.seed)
    build = imagenet_network if from_imagenet else small_network
    network = build(len(data.class_names), data.training.images.shape[1])
    outcomes = tell(data, network, options.log_dir, options.epochs, options.seed)
    heading(report(outcomes, data))
    print(f"\nDone in {time.perf_counter() - started:.0f} s. Now look:")
    print(f"tensorboard --logdir {options.log_dir}")


if __name__ == "__main__":
    sys.exit(main())

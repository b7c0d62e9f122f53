"""What makes filter patterns worth looking at: recipes compared by figures and contact sheets.

    python benchmarks/pattern_modes.py ../shared/data --sheets /tmp/sheets

The figures of `docs/decisions/`. The folder holds the two models named below; without it, only a
small net that is trained here is looked at. Each recipe climbs in bfloat16 where that is faster.
"""

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from convviz_tb import filter_patterns, images
from convviz_tb.metrics import drift
from convviz_tb.model import Spec, before_activation, graphs, in_precision, precision
from convviz_tb.patterns import recipes

Array = np.ndarray
SQUEEZENET, MOBILENET = "squeezenet_imagenet_notop.keras", "mobilenet_v2_imagenet.keras"
# Model, layer, number of filters, value range of the input.
CASES = [
    (SQUEEZENET, "fire3_expand3x3", 8, (-124.0, 131.0)),
    (SQUEEZENET, "fire5_expand3x3", 16, (-124.0, 131.0)),
    (SQUEEZENET, "fire8_expand3x3", 8, (-124.0, 131.0)),
    (MOBILENET, "relu_9", 4, (-1.0, 1.0)),
    (MOBILENET, "relu_27", 4, (-1.0, 1.0)),
]
#: Square root of the covariance of colours in ImageNet, Olah et al. 2017.
COLOURS = np.float32([[0.26, 0.09, 0.02], [0.27, 0, -0.05], [0.27, -0.09, 0.03]])


@dataclass(frozen=True)
class Recipe:
    """A way up: `smooth`, the default of the package, with something changed."""

    stages: tuple[tuple[float, int], ...] = ((1.0, 16),)  # share of the side, steps
    step_size: float = 24.0
    fading: float = 0.125
    momentum: float = 0.5
    power: float = 1.0  # frequencies are scaled by 1 / f ** power; 0 climbs in pixels
    leak: float = 0.1
    colours: bool = False  # decorrelated
    jitter: int = 0
    total_variation: float = 0.0  # share of the direction


SMOOTH = Recipe()
RECIPES = {
    "as shipped": SMOOTH,
    "pixels": replace(SMOOTH, power=0.0),
    "1 / sqrt f": replace(SMOOTH, power=0.5),
    "no leak": replace(SMOOTH, leak=0.0),
    "steps alike": replace(SMOOTH, step_size=12.0, fading=1.0),
    "8 steps": replace(SMOOTH, stages=((1.0, 8),)),
    "half size first": replace(SMOOTH, stages=((0.5, 12), (1.0, 4))),
    "jitter 8": replace(SMOOTH, jitter=8),
    "total variation": replace(SMOOTH, total_variation=0.3),
    "colours decorrelated": replace(SMOOTH, colours=True),
}


def climb(model: keras.Model, filters: Array, recipe: Recipe, low: float, high: float) -> Array:
    """Pictures in grey levels; `model` ends at the layer and takes any size."""
    side, random = model.original_side, np.random.default_rng(0)
    first = round(side * recipe.stages[0][0])
    levels = tf.constant(random.random((len(filters), first, first, 3)) * 20 + 128, tf.float32)
    velocity = tf.zeros_like(levels)
    total = sum(steps for _, steps in recipe.stages)
    sizes = iter(recipe.step_size * recipe.fading ** (np.arange(total) / max(total - 1, 1)))
    for share, steps in recipe.stages:
        sides = [round(side * share)] * 2
        if levels.shape[1] != sides[0]:
            levels = tf.image.resize(levels, sides, "bicubic")
            velocity = tf.image.resize(velocity, sides)
        gradient_of = _gradient(model, filters, recipe.leak, sides, low, high)
        for _ in range(steps):
            shift = random.integers(-recipe.jitter, recipe.jitter + 1, 2)
            gradient = gradient_of(tf.roll(levels, shift, [1, 2]))
            gradient = tf.roll(gradient, -shift, [1, 2])
            direction = _direction(levels, gradient, recipe)
            velocity = recipe.momentum * velocity + (1 - recipe.momentum) * direction
            levels = recipes.MODES["smooth"].bounded(levels + float(next(sizes)) * velocity)
    return levels.numpy()


def _gradient(
    model: keras.Model, filters: Array, leak: float, sides: list[int], low: float, high: float
) -> Any:
    spec = Spec((len(filters), *sides, 3), "float32")

    def gradient(levels: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(levels)
            output = model(levels * ((high - low) / 255) + low, training=False)
            before = before_activation(output, frozenset({"Relu", "Relu6"}))
            climbed = output if before is None else output + leak * tf.minimum(before, 0)
            chosen = tf.gather(climbed, filters, axis=-1, batch_dims=1) * 1024.0
            climbed = tf.reduce_mean(chosen, [1, 2])
        return tape.gradient(climbed, levels)

    call = in_precision(gradient, precision.best(), spec)
    return graphs.trace(call, spec)


def _direction(levels: Any, gradient: Any, recipe: Recipe) -> Any:
    if recipe.colours:
        root = COLOURS / np.linalg.norm(COLOURS, axis=0).max()
        gradient = tf.einsum("nhwc,cd->nhwd", gradient, root @ root.T)
    sides = gradient.shape.as_list()[1:3]
    weights = (recipes._frequencies(sides) ** recipe.power).astype(np.complex64)
    spectrum = tf.signal.rfft2d(tf.transpose(gradient, [0, 3, 1, 2])) / weights
    scaled = tf.transpose(tf.signal.irfft2d(spectrum, fft_length=sides), [0, 2, 3, 1])
    direction = tf.math.divide_no_nan(scaled, recipes.rms(scaled))
    if recipe.total_variation:
        with tf.GradientTape() as tape:
            tape.watch(levels)
            rough = tf.reduce_sum(tf.image.total_variation(levels))
        flatter = tape.gradient(rough, levels)
        flatter = tf.math.divide_no_nan(flatter, recipes.rms(flatter))
        direction -= recipe.total_variation * flatter
    return direction


def high_frequencies(pictures: Array) -> float:
    """Share of the spectral energy above half the Nyquist frequency, the mean left out."""
    centred = pictures - pictures.mean(axis=(1, 2), keepdims=True)
    energy = np.abs(np.fft.fft2(centred, axes=(1, 2))) ** 2
    rows, columns = (np.abs(np.fft.fftfreq(side)) for side in pictures.shape[1:3])
    above = np.maximum(rows[:, None], columns[None, :]) > 0.25
    return float(energy[:, above].sum() / energy.sum())


def diversity(pictures: Array) -> float:
    """1 - mean |cosine| between patterns, each less its mean."""
    flat = pictures.reshape(len(pictures), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True) + 1e-9
    cosines = np.abs(flat @ flat.T)[np.triu_indices(len(flat), 1)]
    return float(1 - cosines.mean())


def pictures_of(
    model: keras.Model, layer: str, filters: Array, value_range: tuple[float, float]
) -> Iterator[tuple[str, Array]]:
    """Of each recipe the pictures in grey levels: the notebook's, then all others."""
    low, high = value_range
    book = filter_patterns(model, layer, filters, mode="notebook", value_range=value_range)
    yield "notebook", (book.images - low) * 255 / (high - low)
    part = keras.Model(model.inputs[0], model.get_layer(layer).output)
    free = keras.models.clone_model(part, input_tensors=keras.Input((None, None, 3)))
    free.set_weights(part.get_weights())
    free.original_side = model.inputs[0].shape[1]
    for name, recipe in RECIPES.items():
        try:
            yield name, climb(free, filters, recipe, low, high)
        except ValueError:
            print(f"{layer:16} {name:21} impossible: the layer is too deep for a picture so small")


def scores_of(
    model: keras.Model, layer: str, filters: Array, levels: Array, low: float, high: float
) -> Array:
    """Mean activations on the clipped pictures, in float32."""
    part = keras.Model(model.inputs[0], model.get_layer(layer).output)
    outputs = part(levels.clip(0, 255) * ((high - low) / 255) + low, training=False).numpy()
    return np.array([out[..., f].mean() for out, f in zip(outputs, filters, strict=True)])


def compare(
    model: keras.Model, layer: str, filters: Array, value_range: tuple[float, float]
) -> list[Array]:
    """Prints one line per recipe; returns the tiles of each."""
    reached, rows = None, []
    for name, levels in pictures_of(model, layer, filters, value_range):
        scores = scores_of(model, layer, filters, levels, *value_range)
        reached = scores if reached is None else reached
        alive = reached > 0
        ratio = np.median(scores[alive] / reached[alive])
        print(
            f"{layer:16} {name:21} {ratio:9.2f} {(scores == 0).sum():3d} of {len(filters):2d} "
            f"{high_frequencies(levels):8.2f} {diversity(levels):9.2f}",
            flush=True,
        )
        rows.append(images.pattern_tiles(levels, None))
    return rows


def contact_sheet(rows: list[Array], path: Path) -> None:
    """One recipe a row, in the order of the figures."""
    lines = [
        np.concatenate([np.pad(tile, ((1, 1), (1, 1), (0, 0))) for tile in row], 1) for row in rows
    ]
    Image.fromarray(np.concatenate(lines)).save(path)


def small_net() -> keras.Model:
    """Three convolutions on 32x32, trained here to tell stripes of four directions apart."""
    keras.utils.set_random_seed(0)
    layers, random = keras.layers, np.random.default_rng(0)
    convolutions = []
    for number, width in enumerate((16, 32, 32)):
        convolutions += [layers.Conv2D(width, 3, activation="relu", name=f"conv{number}")]
        convolutions += [layers.MaxPooling2D()] if number < 2 else []
    head = [layers.GlobalAveragePooling2D(), layers.Dense(4)]
    inputs = x = keras.Input((32, 32, 3))
    for layer in (layers.Rescaling(1 / 127.5, -1), *convolutions, *head):
        x = layer(x)
    model = keras.Model(inputs, x)
    labels, (y, x) = random.integers(0, 4, 2048), np.mgrid[:32, :32]
    angles = (labels * np.pi / 4)[:, None, None]
    waves = np.cos(
        (x * np.cos(angles) + y * np.sin(angles)) * 1.2 + random.random((2048, 1, 1)) * 6
    )
    pictures = 128 + 60 * waves[..., None] * random.random((2048, 1, 1, 3))
    pictures += random.normal(size=pictures.shape) * 20
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    model.fit(pictures.astype(np.float32), labels, epochs=4, verbose=0)
    return model


def settling(
    model: keras.Model, layer: str, filters: Array, value_range: tuple[float, float]
) -> None:
    """Drift of the pictures of unchanged filters, going on ten times, and of ones made anew."""
    mode, options = recipes.MODES["smooth"], {"value_range": value_range, "mode": "smooth"}
    warm = {"steps": mode.warm_steps, "step_size": mode.warm_step_size}
    first = found = filter_patterns(model, layer, filters, **options)
    for _ in range(10):
        found = filter_patterns(model, layer, filters, start=found.images, **warm, **options)
    kernel, *rest = before = model.get_layer(layer).get_weights()
    random = np.random.default_rng(0).normal(size=kernel.shape) * kernel.std()
    model.get_layer(layer).set_weights([random, *rest])
    anew = filter_patterns(model, layer, filters, **options)
    model.get_layer(layer).set_weights(before)
    start = drift.textures(first.images)
    unchanged, initialised = (
        np.median(drift.pattern_drift(drift.textures(other.images), start))
        for other in (found, anew)
    )
    share = unchanged / initialised
    print(f"{layer:16} drift of the unchanged {unchanged:.4f}, of the re-initialised ", end="")
    print(f"{initialised:.3f}: {100 * share:.1f} %", flush=True)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/data"))
    parser.add_argument("--sheets", type=Path, help="folder for a contact sheet of each layer")
    parser.add_argument("--layers", nargs="*", help="only these")
    asked = parser.parse_args()
    net = small_net()
    cases = [(net, layer, 8, (0.0, 255.0)) for layer in ("conv0", "conv2")]
    if asked.folder.is_dir():
        models = {
            name: keras.models.load_model(asked.folder / name, compile=False)
            for name in (SQUEEZENET, MOBILENET)
        }
        cases += [(models[name], *rest) for name, *rest in CASES]
    else:
        print(f"Real networks skipped: no folder {asked.folder}.")
    print(f"precision: {precision.best()}")
    print(f"{'layer':16} {'recipe':21} objective  dead      high f.  diversity")
    for model, layer, count, value_range in cases:
        if asked.layers and layer not in asked.layers:
            continue
        rows = compare(model, layer, np.arange(count), value_range)
        if asked.sheets:
            asked.sheets.mkdir(parents=True, exist_ok=True)
            contact_sheet(rows, asked.sheets / f"{layer}.png")
    for model, layer, count, value_range in cases:
        if isinstance(model.get_layer(layer), keras.layers.Conv2D):
            settling(model, layer, np.arange(count), value_range)


if __name__ == "__main__":
    main()

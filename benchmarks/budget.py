"""Whether `ConvViz(budget=0.1)` keeps its promise: the share of the training spent, by model.

Each model trains for `--epochs` on noise. The time in the callback is measured from outside, by a
clock around its hooks. Beside it: what the graphs and the first and the last step alone took, which
are always whole, and which part of the patterns between them there was time for.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from convviz_tb import ConvViz, FilterPatterns, GradCAM, schema

HOOKS = ("on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end")


def small() -> keras.Model:
    """Three convolutions on 64x64."""
    layers = keras.layers
    net = keras.Sequential([keras.Input((64, 64, 3)), layers.Rescaling(1 / 255)])
    for filters in (16, 32, 64):
        net.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        net.add(layers.MaxPooling2D())
    return classifier(net)


def residual() -> keras.Model:
    """Six residual blocks with batch normalisation on 32x32."""
    layers = keras.layers
    inputs = keras.Input((32, 32, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, 1 if filters == 16 else 2, "same")(x)
        for _ in range(2):
            y = x
            for _ in range(2):
                y = layers.BatchNormalization()(y)
                y = layers.Conv2D(filters, 3, padding="same", activation="relu")(y)
            x = layers.add([x, y])
    return classifier(keras.Model(inputs, x))


def fine_tuned() -> keras.Model:
    """The convolutions of VGG16 on 64x64, all but the last three frozen."""
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(64, 64, 3))
    for layer in base.layers:
        layer.trainable = layer.name.startswith("block5")
    return classifier(base)


def classifier(base: keras.Model) -> keras.Model:
    """Ten classes on top of a base."""
    head = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10, activation="softmax")]
    return keras.Sequential([base, *head])


#: The model, its side, pictures per epoch, filters per layer.
CASES: dict[str, tuple[Callable[[], keras.Model], int, int, int]] = {
    "small convnet, 64x64": (small, 64, 6000, 8),
    "residual net, 32x32": (residual, 32, 8000, 4),
    "VGG16 fine-tuned, 64x64": (fine_tuned, 64, 320, 4),
}


def timed(callback: ConvViz, waited: list[float]) -> None:
    """Puts a clock around the hooks of a callback."""

    def around(hook: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: Any) -> None:
            started = time.perf_counter()
            hook(*arguments)
            waited.append(time.perf_counter() - started)

        return call

    for name in HOOKS:
        setattr(callback, name, around(getattr(callback, name)))


def measured(name: str, epochs: int, budget: float | None) -> dict[str, float]:
    """Trains once; seconds of training and waiting, and what was computed."""
    build, side, count, filters = CASES[name]
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, side, side, 3)).astype("uint8")
    model = build()
    model.compile("sgd", "sparse_categorical_crossentropy")
    waited: list[float] = []
    with tempfile.TemporaryDirectory() as log_dir:
        patterns = FilterPatterns(filters=filters)
        callback = ConvViz(log_dir, patterns=patterns, heatmaps=GradCAM(images[:8]), budget=budget)
        timed(callback, waited)
        started = time.perf_counter()
        model.fit(
            images, rng.integers(0, 10, count), epochs=epochs, verbose=0, callbacks=[callback]
        )
        whole = time.perf_counter() - started
        looks = tiles_computed(Path(log_dir))
    waiting = sum(waited)
    between = looks[1:-1]
    return {
        "training": whole - waiting,
        "share": waiting / (whole - waiting),
        # Graphs and the first look, then the last: hooks in the order of their calls.
        "whole looks": (waited[0] + waited[1] + waited[-2]) / (whole - waiting),
        "computed": sum(between) / max(1, len(between) * looks[0]),
    }


def tiles_computed(log_dir: Path) -> list[int]:
    """For each step: how many patterns were computed."""
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

    found: dict[int, int] = {}
    (file,) = (log_dir / schema.RUN_SUFFIX).glob("*tfevents*")
    for event in LegacyEventFileLoader(str(file)).Load():
        for value in event.summary.value:
            if value.metadata.plugin_data.plugin_name != schema.PLUGIN_NAME:
                continue
            found.setdefault(event.step, 0)
            if value.tag.startswith("patterns/"):
                facts = schema.decode("patterns", value.tensor.string_val[0])
                found[event.step] += sum(tile["computed"] == event.step for tile in facts["tiles"])
    return [computed for _, computed in sorted(found.items())]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--budget", type=float, default=0.1)
    parser.add_argument("--model", choices=list(CASES), action="append")
    options = parser.parse_args()
    print(f"{options.epochs} epochs, budget {options.budget:.0%}, load {os.getloadavg()[0]:.1f}")
    columns = ("share", "first and last", "computed between")
    print(f"{'model':26} {'training':>9} " + " ".join(f"{name:>16}" for name in columns))
    for name in options.model or CASES:
        found = measured(name, options.epochs, options.budget)
        print(
            f"{name:26} {found['training']:8.1f}s {found['share']:16.1%} "
            f"{found['whole looks']:16.1%} {found['computed']:16.0%}",
            flush=True,
        )


if __name__ == "__main__":
    main()

"""What one logged step costs with the default options: seconds and bytes, by model.

Each model is logged `--rounds` times after a first, untimed step that traces the graphs.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from convviz_tb import ConvViz, GradCAM


def small() -> keras.Model:
    """Six convolutions on 96x96, as in the demo."""
    layers = keras.layers
    net = keras.Sequential([keras.Input((96, 96, 3)), layers.Rescaling(1 / 255)])
    for i, filters in enumerate((16, 24, 32, 48, 64, 64)):
        net.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        if i % 2:
            net.add(layers.MaxPooling2D())
    net.add(layers.GlobalAveragePooling2D())
    net.add(layers.Dense(10, activation="softmax"))
    return net


def nested(base: keras.Model) -> keras.Model:
    """A classifier on a base, as in transfer learning."""
    head = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10, activation="softmax")]
    return keras.Sequential([base, *head])


MODELS: dict[str, tuple[Callable[[], keras.Model], int]] = {
    "small convnet, 96x96": (small, 96),
    "MobileNetV2, 160x160": (
        lambda: nested(
            keras.applications.MobileNetV2(
                include_top=False, weights=None, input_shape=(160, 160, 3)
            )
        ),
        160,
    ),
    "VGG16, 150x150": (
        lambda: nested(
            keras.applications.VGG16(include_top=False, weights=None, input_shape=(150, 150, 3))
        ),
        150,
    ),
}


def logged(model: keras.Model, side: int, rounds: int) -> tuple[float, float]:
    """Median seconds and mean bytes of a logged step: 4 layers x 16 patterns, 8 heatmaps."""
    images = np.random.default_rng(0).integers(0, 256, (8, side, side, 3)).astype("uint8")
    with tempfile.TemporaryDirectory() as log_dir:
        callback = ConvViz(log_dir, heatmaps=GradCAM(images))
        callback.set_params({"epochs": rounds, "verbose": 0})
        callback.set_model(model)
        model.stop_training = False
        callback.on_train_begin()
        callback.on_epoch_begin(0)
        seconds = []
        for epoch in range(rounds):
            started = time.perf_counter()
            callback.on_epoch_end(epoch)
            seconds.append(time.perf_counter() - started)
        callback.on_train_end()
        size = sum(file.stat().st_size for file in Path(log_dir).rglob("*tfevents*"))
    return statistics.median(seconds), size / (rounds + 1)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    print(f"{'model':24} {'seconds a step':>14} {'kB a step':>10}   (median of {rounds})")
    for name, (build, side) in MODELS.items():
        seconds, size = logged(build(), side, rounds)
        print(f"{name:24} {seconds:14.2f} {size / 1000:10.0f}", flush=True)


if __name__ == "__main__":
    main()

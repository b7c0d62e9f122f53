"""What one logged step costs with the default options: seconds, bytes and writing, by model.

Each model is logged `--rounds` times after a first, untimed step that traces the graphs, with its
weights a little different each time: with patterns from the seed, and with patterns that go on from
the step before. Encoding and writing run in a thread beside the computing; the last column is their
processor time as a share of that of all the rest.
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
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

from convviz_tb import ConvViz, FilterPatterns, GradCAM, schema


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


def logged(model: keras.Model, side: int, rounds: int, refresh: int) -> dict[str, float]:
    """Medians of a logged step: 4 layers x 16 patterns, 8 heatmaps."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (8, side, side, 3)).astype("uint8")
    with tempfile.TemporaryDirectory() as log_dir:
        patterns = FilterPatterns(refresh=refresh)
        callback = ConvViz(log_dir, patterns=patterns, heatmaps=GradCAM(images))
        callback.set_params({"epochs": rounds, "verbose": 0})
        callback.set_model(model)
        model.stop_training = False
        callback.on_train_begin()
        callback.on_epoch_begin(0)
        seconds, worked = [], []
        for epoch in range(rounds):
            for weight in model.trainable_variables:
                weight.assign(weight * rng.normal(1, 0.01, weight.shape))
            started, work = time.perf_counter(), time.process_time()
            callback.on_epoch_end(epoch)
            seconds.append(time.perf_counter() - started)
            worked.append(time.process_time() - work)
        callback.on_train_end()
        (file,) = Path(log_dir).rglob("*tfevents*")
        size = file.stat().st_size
        writing = [facts["writing_seconds"] for facts in model_facts(file)[1:]]
    return {
        "seconds": statistics.median(seconds),
        "bytes": size / (rounds + 1),
        "writing": statistics.median(
            written / (all_ - written) for written, all_ in zip(writing, worked, strict=True)
        ),
    }


def model_facts(file: Path) -> list[schema.Facts]:
    """The facts of each step of a log."""
    return [
        schema.decode("model", value.tensor.string_val[0])
        for event in LegacyEventFileLoader(str(file)).Load()
        for value in event.summary.value
        if value.tag == "model"
    ]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", choices=list(MODELS), action="append")
    options = parser.parse_args()
    print(f"median of {options.rounds}, load {os.getloadavg()[0]:.1f}")
    columns = ("seconds a step", "kB a step", "writing")
    print(f"{'model':24} {'patterns':>10} " + " ".join(f"{name:>14}" for name in columns))
    for name in options.model or MODELS:
        build, side = MODELS[name]
        for how, refresh in (("from seed", 1), ("going on", options.rounds + 2)):
            found = logged(build(), side, options.rounds, refresh)
            print(
                f"{name:24} {how:>10} {found['seconds']:14.2f} {found['bytes'] / 1000:14.0f} "
                f"{found['writing']:14.1%}",
                flush=True,
            )


if __name__ == "__main__":
    main()

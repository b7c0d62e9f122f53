"""What the callback keeps in memory: resident set after 20 and after 200 epochs (Linux).

The same training without the callback beside it, each in a process of its own.
"""

import argparse
import gc
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from convviz_tb import ConvViz, FilterPatterns, GradCAM

SIDE = 32
MARKS = (20, 200)


class Mark(keras.callbacks.Callback):
    """Prints the resident set at the epochs of `MARKS`."""

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        if epoch + 1 in MARKS:
            gc.collect()
            print(f"{epoch + 1:4d} epochs: {_resident() / 2**20:7.1f} MiB", flush=True)


def _resident() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


def small() -> keras.Model:
    """Three convolutions on 32x32."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, "softmax"),
        ]
    )


def train(watched: bool) -> None:
    """200 epochs on noise."""
    rng = np.random.default_rng(0)
    images = rng.random((64, SIDE, SIDE, 3)).astype("float32")
    model = small()
    model.compile("adam", "sparse_categorical_crossentropy")
    with tempfile.TemporaryDirectory() as log_dir:
        patterns = FilterPatterns(filters=4, steps=4)
        looking = ConvViz(log_dir, patterns=patterns, heatmaps=GradCAM(images[:4]))
        callbacks = [looking] if watched else []
        labels = rng.integers(0, 10, 64)
        model.fit(images, labels, epochs=MARKS[-1], verbose=0, callbacks=[*callbacks, Mark()])


def main() -> None:
    """Trains without and with the callback."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watched", type=int, choices=[0, 1], help="one of the two, in here")
    chosen = parser.parse_args().watched
    if chosen is not None:
        train(bool(chosen))
        return
    for watched in (0, 1):
        print("with the callback" if watched else "without the callback", flush=True)
        subprocess.run([sys.executable, __file__, "--watched", str(watched)], check=True)


if __name__ == "__main__":
    main()

"""A thousand epochs of a tiny model: memory while it trains, bytes on disk, opening the log.

Prints the resident set of the training process on the way, with and without the callback; the size
of the log beside what `docs/data_format.md` says; and for both of TensorBoard's loaders the time
until the last step is visible and the memory of its processes.
"""

import argparse
import gc
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

from convviz_tb import ConvViz, FilterPatterns, GradCAM

SIDE = 16
FILTERS, PICTURES = 4, 2


class Mark(keras.callbacks.Callback):
    """Prints the resident set at ten epochs on the way."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self._every = epochs // 10

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        if (epoch + 1) % self._every == 0:
            gc.collect()
            print(f"{epoch + 1:5d} epochs: {resident(os.getpid()) / 2**20:7.1f} MiB", flush=True)


def resident(process: int) -> int:
    """Bytes of memory that a process and its children hold."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except FileNotFoundError:
        return 0
    return pages * resource.getpagesize() + sum(resident(int(child)) for child in children)


def train(log_dir: Path | None, epochs: int) -> None:
    """Trains two convolutions on 16x16 noise."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Conv2D(FILTERS, 3, activation="relu", name="first"),
            layers.Conv2D(FILTERS, 3, activation="relu", name="last"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, "softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    images = (255 * np.random.default_rng(0).random((8, SIDE, SIDE, 3))).astype("float32")
    callbacks: list[keras.callbacks.Callback] = [Mark(epochs)]
    if log_dir:
        patterns, heatmaps = FilterPatterns(filters=FILTERS, steps=1), GradCAM(images[:PICTURES])
        callbacks.insert(0, ConvViz(log_dir, patterns=patterns, heatmaps=heatmaps))
    model.fit(images, np.arange(8) % 3, epochs=epochs, verbose=0, callbacks=callbacks)


def weigh(log_dir: Path) -> None:
    """Prints the size of a log, of its parts, and what the formula makes of them."""
    parts = dict.fromkeys(("pattern sheets", "heatmap sheets", "superimposed", "inputs"), 0)
    facts = tiles = events = 0
    (file,) = log_dir.rglob("*tfevents*")
    for event in LegacyEventFileLoader(str(file)).Load():
        for value in event.summary.value:
            events += 1
            kind, *_ = value.tag.removeprefix("convviz/").partition("/")
            blobs = list(value.tensor.string_val)
            if value.metadata.plugin_data.plugin_name == "convviz":
                facts += len(blobs[0])
                tiles += len(json.loads(blobs[0]).get("tiles", ()))
                name = "inputs" if kind == "inputs" else f"{kind.rstrip('s')} sheets"
                if kind != "model":
                    parts[name] += len(blobs[1])
            elif kind == "heatmaps":
                parts["superimposed"] += len(blobs[2])
    size = file.stat().st_size
    pictures = sum(parts.values()) + parts["pattern sheets"]
    formula = pictures + facts + 110 * events
    for name, part in parts.items():
        print(f"{name:>16}: {part / 1e6:6.2f} MB")
    print(f"{'facts':>16}: {facts / 1e6:6.2f} MB, {facts / tiles:.0f} bytes per tile")
    rest = size - pictures - facts
    print(f"{'all else':>16}: {rest / 1e6:6.2f} MB, {rest / events:.0f} bytes per event")
    print(f"{'on disk':>16}: {size / 1e6:6.2f} MB; by the formula {formula / 1e6:.2f} MB")


def open_in_tensorboard(log_dir: Path, last_step: int, fast: str) -> None:
    """Prints when TensorBoard shows the last step, and what memory its processes hold then."""
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(log_dir), "--port=0"]
    started = time.perf_counter()
    process = subprocess.Popen([*command, f"--load_fast={fast}"], stderr=subprocess.PIPE, text=True)
    try:
        address = None
        while not address:
            address = re.search(r" at (http://\S+)", process.stderr.readline())
        while _newest_step(address[1]) < last_step:
            time.sleep(0.02)
        visible, memory = time.perf_counter() - started, resident(process.pid) / 2**20
        what = f"step {last_step} visible" if last_step >= 0 else "an empty directory open"
        print(f"--load_fast={fast}: {what} after {visible:.1f} s, {memory:.0f} MiB")
    finally:
        process.terminate()
        process.wait()


def _newest_step(address: str) -> int:
    with urllib.request.urlopen(f"{address}data/plugin/convviz/runs") as answer:
        return max((run["step"] for run in json.load(answer)["runs"]), default=-1)


def main() -> None:
    """Trains with and without the callback, then weighs and opens the log."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=1000)
    parser.add_argument("--log-dir", type=Path, help="train in here, watched")
    parser.add_argument("--plain", action="store_true", help="train in here, not watched")
    chosen = parser.parse_args()
    if chosen.log_dir or chosen.plain:
        train(chosen.log_dir, chosen.epochs)
        return
    again = [sys.executable, __file__, "--epochs", str(chosen.epochs)]
    with tempfile.TemporaryDirectory() as root:
        for title, options in (("without", ["--plain"]), ("with", ["--log-dir", f"{root}/run"])):
            print(f"{title} the callback", flush=True)
            started = time.perf_counter()
            subprocess.run([*again, *options], check=True)
            print(f"{time.perf_counter() - started:.0f} s", flush=True)
        weigh(Path(root) / "run")
        empty = Path(root) / "empty"
        empty.mkdir()
        for fast in ("true", "false"):
            open_in_tensorboard(empty, -1, fast)
            open_in_tensorboard(Path(root), chosen.epochs, fast)


if __name__ == "__main__":
    main()

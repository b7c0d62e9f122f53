"""Long trainings: memory stays flat, the log is as large as documented, every step opens."""

import gc
import resource
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

from convviz_tb import ConvViz, FilterPatterns, GradCAM
from support import zoo
from support.events import loaded_steps

SIZE, FILTERS = 128, 16
PASS = FILTERS * SIZE * SIZE * 3 * 4  # bytes of the pictures of one step, 3 MB


class Memory(keras.callbacks.Callback):
    """Notes the resident set after each tenth epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if (epoch + 1) % 10 == 0:
            gc.collect()
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            self.seen.append(pages * resource.getpagesize())


@pytest.fixture(
    scope="module", params=[50, pytest.param(1000, marks=pytest.mark.endure)], ids=lambda n: f"{n}"
)
def trained(request, tmp_path_factory) -> tuple[int, Path, list[int]]:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((None, None, 3)), zoo.conv(FILTERS), *zoo.head()])
    model.compile("sgd", "sparse_categorical_crossentropy")
    images = (255 * np.random.default_rng(0).random((4, 16, 16, 3))).astype("float32")
    patterns = FilterPatterns(filters=FILTERS, steps=1, size=SIZE)
    logdir, memory = tmp_path_factory.mktemp("long"), Memory()
    watching = ConvViz(
        logdir / "run", patterns=patterns, heatmaps=GradCAM(images[:2]), stock_images="all"
    )
    model.fit(images, np.zeros(4), epochs=request.param, verbose=0, callbacks=[watching, memory])
    return request.param, logdir, memory.seen


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc here")
def test_memory_of_the_training_stays_flat(trained):
    epochs, _, seen = trained
    kept = min(epochs - 10, 40) * PASS  # if each step left its pictures behind
    assert min(seen[-2:]) - seen[0] < kept / 2, [size >> 20 for size in seen]


def test_the_log_is_as_large_as_the_documented_formula_says(trained):
    """`docs/data_format.md`, "How many bytes"."""
    _, logdir, _ = trained
    (file,) = (logdir / "run" / "convviz").glob("*convviz")
    formula = 0
    for event in LegacyEventFileLoader(str(file)).Load():
        for value in event.summary.value:
            formula += 110 + sum(len(blob) for blob in value.tensor.string_val)
    assert file.stat().st_size == pytest.approx(formula, rel=0.03)


def test_patterns_are_the_bulk_of_the_log_and_stored_twice(trained):
    _, logdir, _ = trained
    (file,) = (logdir / "run" / "convviz").glob("*convviz")
    stored: dict[str, list[bytes]] = {}
    for event in LegacyEventFileLoader(str(file)).Load():
        for value in event.summary.value:
            if "patterns/" in value.tag and value.tensor.string_val:
                stored.setdefault(value.tag, []).append(value.tensor.string_val[-1])
    (own, stock) = stored.values()
    assert own == stock
    assert 2 * sum(map(len, own)) > file.stat().st_size / 2


def test_both_loaders_show_every_step(trained, load):
    epochs, logdir, _ = trained
    series = loaded_steps(load, logdir)["run/convviz"]
    assert series.pop("inputs") == [0]
    assert all(steps == list(range(epochs + 1)) for steps in series.values())

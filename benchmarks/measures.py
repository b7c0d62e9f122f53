"""What the numbers cost within the callback's own time, and what pattern drift can tell apart.

First table: a run of the callback with its defaults (4 layers x 16 patterns, 8 heatmaps and as many
probes), weights nudged between steps. The share of the numbers is that of the time in `Probes` and
`RunMetrics`: in the first step (tracing and the noise floor included) and in the median later one.
Processor time, of all cores, so that other work on the machine does not count.

Second table: on a real SqueezeNet, where ../shared/data has it, the drift between two pictures of
one filter from two seeds (the noise floor), and between those of a filter before and after its
weights were shuffled.
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
from cost import MODELS

from convviz_tb import ConvViz, GradCAM, filter_patterns, images
from convviz_tb.metrics import drift
from convviz_tb.metrics.probes import Probes
from convviz_tb.metrics.run import RunMetrics

NETWORK = Path(__file__).parents[2] / "shared" / "data" / "squeezenet_imagenet_notop.keras"
MEASURING = [(Probes, "__init__")]
MEASURING += [(RunMetrics, name) for name in ("of_patterns", "of_heatmaps", "findings", "save")]


def timed(spent: list[float], function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the seconds of each call to the newest of `spent`."""

    def call(*arguments: Any, **options: Any) -> Any:
        started = time.process_time()
        try:
            return function(*arguments, **options)
        finally:
            spent[-1] += time.process_time() - started

    return call


def shares(model: keras.Model, side: int, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each step, the first with all preparation, and those of the numbers in it."""
    pictures = np.random.default_rng(0).integers(0, 256, (8, side, side, 3)).astype("uint8")
    whole, spent = [], [0.0]
    originals = {(owner, name): getattr(owner, name) for owner, name in MEASURING}
    for (owner, name), original in originals.items():
        setattr(owner, name, timed(spent, original))
    try:
        with tempfile.TemporaryDirectory() as log_dir:
            callback = ConvViz(log_dir, heatmaps=GradCAM(pictures))
            callback.set_params({"epochs": rounds, "verbose": 0})
            callback.set_model(model)
            model.stop_training = False
            started = time.process_time()
            callback.on_train_begin()
            callback.on_epoch_begin(0)
            whole.append(time.process_time() - started)
            for epoch in range(rounds):
                nudge(model, epoch)
                spent.append(0.0)
                started = time.process_time()
                callback.on_epoch_end(epoch)
                whole.append(time.process_time() - started)
            callback.on_train_end()
    finally:
        for (owner, name), original in originals.items():
            setattr(owner, name, original)
    return whole, spent


def nudge(model: keras.Model, seed: int) -> None:
    """What an epoch of fine-tuning does to weights, roughly."""
    random = np.random.default_rng(seed)
    for weight in model.trainable_weights:
        value = keras.ops.convert_to_numpy(weight)
        weight.assign(value * (1 + 0.01 * random.normal(size=value.shape)))


def noise_floors(network: keras.Model, layer: str, count: int) -> tuple[float, float]:
    """Median drift between two seeds, and from a filter to itself with shuffled weights."""

    def textures(seed: int) -> Any:
        found = filter_patterns(network, layer, count, seed=seed, value_range=(-128.0, 128.0))
        return drift.textures(images.pattern_tiles(found.images))

    before, other = textures(0), textures(1)
    target = network.get_layer(layer)
    kernel, bias = target.get_weights()
    rows = kernel.reshape(-1, kernel.shape[-1])
    shuffled = np.random.default_rng(0).permuted(rows, axis=0).reshape(kernel.shape)
    target.set_weights([shuffled, bias])
    after = textures(0)
    target.set_weights([kernel, bias])
    floor, change = (drift.pattern_drift(each, before) for each in (other, after))
    return float(np.median(floor)), float(np.median(change))


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--models", type=int, default=2, help="how many of them, smallest first")
    parser.add_argument("--filters", type=int, default=8)
    options = parser.parse_args()
    head = ("model", "first step", "numbers", "a step", "numbers", "whole run")
    print("{:24} {:>11} {:>8} {:>8} {:>8} {:>10}".format(*head))
    for name, (build, side) in list(MODELS.items())[: options.models]:
        whole, spent = shares(build(), side, options.rounds)
        step, number = np.median(whole[1:]), np.median(spent[1:])
        print(
            f"{name:24} {whole[0]:9.1f} s {spent[0] / whole[0]:8.0%} {step:6.2f} s"
            f" {number / step:8.0%} {sum(spent) / sum(whole):10.0%}",
            flush=True,
        )
    if not NETWORK.exists():
        print(f"No {NETWORK.name} beside the repository: no noise floors.")
        return
    network = keras.models.load_model(NETWORK, compile=False)
    print(f"\n{'layer':18} {'two seeds':>10} {'shuffled':>10}")
    for layer in ("conv1", "fire3_expand3x3", "fire6_expand3x3", "fire9_expand3x3"):
        floor, change = noise_floors(network, layer, options.filters)
        print(f"{layer:18} {floor:10.3f} {change:10.3f}", flush=True)


if __name__ == "__main__":
    main()

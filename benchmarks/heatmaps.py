"""Milliseconds per picture of Grad-CAM on VGG16 (random weights, 224x224), 8 pictures at once.

The floor is one forward pass and one backward pass to the first of the layers. All ways take
turns; medians over the rounds, on the clock and of the processor (see `patterns.py`).
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import peers
import tensorflow as tf

from convviz_tb import GradCAM, heatmaps

SIDE = 224
LAYERS = ["block2_conv2", "block3_conv3", "block4_conv3", "block5_conv3"]


def network() -> keras.Model:
    """VGG16 with a small head."""
    keras.utils.set_random_seed(0)
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(SIDE, SIDE, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(base.output)
    return keras.Model(base.input, keras.layers.Dense(10)(pooled))


def floor(model: keras.Model, layers: list[str], images: Any) -> Callable[[], Any]:
    """Forward, and backward from one class per picture to the layers, and nothing else."""
    outputs = [model.get_layer(name).output for name in layers]
    part = keras.Model(model.inputs[0], [*outputs, model.output])

    @tf.function(autograph=False)
    def bare(pictures: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pictures)
            *activations, scores = part(pictures, training=False)
            score = tf.reduce_sum(scores[:, 0])
        return tape.gradient(score, activations)

    pictures = tf.constant(images)
    return lambda: bare(pictures)


def ours(model: keras.Model, layers: list[str], images: Any, classes: Any) -> Callable[[], Any]:
    """As the callback asks: the taps are found once."""
    options = GradCAM(images, layers, classes)
    taps = heatmaps.heatmap_taps(model, options)
    return lambda: heatmaps.compute_heatmaps(model, taps, options)


def measure(ways: dict[str, Callable[[], Any]], rounds: int) -> dict[str, np.ndarray]:
    """Seconds per call, on the clock and of the processor."""
    seconds: dict[str, list[np.ndarray]] = {name: [] for name in ways}
    for index in range(rounds + 1):
        for name, way in ways.items():
            started = np.array([time.perf_counter(), time.process_time()])
            answer = way()
            taken = np.array([time.perf_counter(), time.process_time()]) - started
            if isinstance(answer, dict) and "cpu_seconds" in answer:
                taken = np.array([answer["seconds"], answer["cpu_seconds"]])
            if index:  # the first round traces
                seconds[name].append(taken)
    return {name: np.median(each, axis=0) for name, each in seconds.items()}


def main() -> None:
    """Prints the tables, for one layer and for four."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pictures", type=int, default=8)
    parser.add_argument("--peers", nargs="*", default=["tf-keras-vis", "xplique", "tf-explain"])
    asked = parser.parse_args()
    model, running = network(), {}
    images = np.random.default_rng(0).random((asked.pictures, SIDE, SIDE, 3), np.float32) * 255
    with tempfile.TemporaryDirectory() as scratch:
        paths = {"model": f"{scratch}/model.keras", "images": f"{scratch}/images.npy"}
        model.save(paths["model"])
        np.save(paths["images"], images)
        for name in asked.peers:
            try:
                running[name] = peers.Peer(name)
                running[name].ask(kind="heatmaps", classes=[0], layers=[], **paths)
            except OSError as error:
                running.pop(name, None)
                print(f"{name}: skipped, {error}")
        for layers in (LAYERS[-1:], LAYERS):
            ways = {
                "floor: forward and backward": floor(model, layers, images),
                "ours": ours(model, layers, images, "predicted"),
                "ours, 3 classes per picture": ours(model, layers, images, "top3"),
            }
            for name, peer in running.items():
                request = {"kind": "heatmaps", "classes": [0] * len(images), "layers": layers}
                ways[name] = lambda peer=peer, request=request: peer.ask(**request, **paths)
            report(layers, measure(ways, asked.rounds), len(images))
        for peer in running.values():
            peer.close()


def report(layers: list[str], found: dict[str, np.ndarray], pictures: int) -> None:
    """One line per way."""
    print(f"\n{len(layers)} layer(s), from {layers[0]}; load {os.getloadavg()[0]:.1f}")
    print(f"{'':28} ms/picture  x floor  CPU ms/picture  x floor")
    base = found["floor: forward and backward"]
    for name, seconds in found.items():
        (clock, processor), (by_clock, by_processor) = seconds / pictures * 1e3, seconds / base
        print(f"{name:28} {clock:10.0f} {by_clock:8.2f} {processor:15.0f} {by_processor:8.2f}")


if __name__ == "__main__":
    main()

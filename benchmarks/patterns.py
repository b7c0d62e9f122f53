"""Seconds per filter pattern, until it is as good as the notebook's after 40 steps.

As good: the mean activation of the filter on the picture clipped to 0..255, evaluated in float32.
A way reaches it when 15 of 16 filters do. All ways take turns on the same VGG16 (random weights,
fixed seed), layer block3_conv1, 150x150; medians over the rounds. Seconds scale with the steps,
so slow ways are timed on a part of theirs. Beside the seconds on the clock those of the processor
are counted: on a machine that others use, only their ratios mean something.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import peers
import tensorflow as tf

from convviz_tb import filter_patterns
from convviz_tb.model import precision
from convviz_tb.patterns.recipes import MODES

LAYER, SIDE, STEPS = "block3_conv1", 150, 40
KEEP = (40, 80)  # steps after which a peer's pictures are looked at
FEWEST = (2, 3, 4, 5, 6, 8, 10, 12)
SHARE = 15 / 16
SMOOTH = MODES["smooth"]
Array = np.ndarray


@dataclass
class Way:
    """A way to make patterns: `run(filters, steps)`, timed with `timed` steps.

    `needed` is the number of steps after which it is as good; None where it never was.
    """

    name: str
    run: Callable[[list[int], int], Any]
    timed: int
    needed: int | None
    at_once: int  # filters in a timed run
    note: str = ""


def networks() -> tuple[keras.Model, keras.Model]:
    """A classifier on VGG16, and its part up to the layer; they share weights."""
    keras.utils.set_random_seed(0)
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(SIDE, SIDE, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(base.output)
    classifier = keras.Model(base.input, keras.layers.Dense(10)(pooled))
    return classifier, keras.Model(base.input, base.get_layer(LAYER).output)


def fine_tune(model: keras.Model) -> None:
    """An ordinary epoch: 12 batches of 4 pictures with blobs of ten colours, Adam at 1e-5."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 10, 48)
    colours = random.random((10, 3))[labels][:, None, None]
    y, x = np.mgrid[0 : 1 : SIDE * 1j, 0 : 1 : SIDE * 1j]
    centres = random.random((2, 48, 1, 1))
    blobs = np.exp(-((y - centres[0]) ** 2 + (x - centres[1]) ** 2) * 20)[..., None] * colours
    images = (blobs * 180 + random.random((48, SIDE, SIDE, 3)) * 70).astype(np.float32)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-5), loss)
    model.fit(images, labels, batch_size=4, verbose=0)


def objective(sub: keras.Model, pictures: Array, filters: list[int]) -> Array:
    """Mean activation on the clipped pictures, in float32."""
    outputs = [sub(each[None].clip(0, 255)).numpy()[0] for each in np.asarray(pictures)]
    return np.array([out[..., f].mean() for out, f in zip(outputs, filters, strict=True)])


def gray(count: int) -> Array:
    """The notebook's start."""
    noise = np.random.default_rng(0).random((count, SIDE, SIDE, 3))
    return (noise * 20 + 128).astype(np.float32)


def eager(sub: keras.Model, filters: list[int], steps: int) -> Array:
    """The notebook, line by line, without a graph."""
    found = []
    for start, filter_ in zip(gray(len(filters)), filters, strict=True):
        picture = tf.constant(start[None])
        for _ in range(steps):
            with tf.GradientTape() as tape:
                tape.watch(picture)
                loss = tf.reduce_mean(sub(picture)[:, :, :, filter_])
            gradient = tape.gradient(loss, picture)
            gradient /= tf.sqrt(tf.reduce_mean(tf.square(gradient))) + 1e-5
            picture += gradient
        found.append(picture[0].numpy())
    return np.stack(found)


def shared_function(sub: keras.Model) -> Callable[[list[int], int], Array]:
    """The notebook with its step as one graph for all filters."""

    @tf.function(autograph=False)
    def step(picture: Any, filter_: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(picture)
            loss = tf.reduce_mean(tf.gather(sub(picture), filter_, axis=-1))
        gradient = tape.gradient(loss, picture)
        return picture + gradient / (tf.sqrt(tf.reduce_mean(tf.square(gradient))) + 1e-5)

    def run(filters: list[int], steps: int) -> Array:
        found = []
        for start, filter_ in zip(gray(len(filters)), filters, strict=True):
            picture = tf.constant(start[None])
            for _ in range(steps):
                picture = step(picture, tf.constant(filter_))
            found.append(picture[0].numpy())
        return np.stack(found)

    return run


def floor(sub: keras.Model) -> Callable[[list[int], int], None]:
    """Nothing but forward and backward passes of a batch in float32."""

    @tf.function(autograph=False)
    def bare(pictures: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pictures)
            loss = tf.reduce_mean(sub(pictures))
        return tape.gradient(loss, pictures)

    def run(filters: list[int], steps: int) -> None:
        pictures = tf.constant(gray(len(filters)))
        for _ in range(steps):
            bare(pictures)

    return run


def ways_of_ours(
    model: keras.Model, sub: keras.Model, filters: list[int], batch: int
) -> tuple[list[Way], Array]:
    """Ours, with the steps that each needs; the model is fine-tuned on the way."""

    def ours(chosen: list[int], steps: int, **options: Any) -> Array:
        return filter_patterns(model, LAYER, chosen, steps=steps, **options).images

    def fewest(target: Array, **options: Any) -> int | None:
        for steps in FEWEST:
            if _reached(objective(sub, ours(filters, steps, **options), filters), target):
                return steps
        return None

    target = objective(sub, ours(filters, STEPS, mode="notebook"), filters)
    cold = ours(filters, SMOOTH.steps)
    reached = objective(sub, cold, filters)
    exact = {"precision": "float32"}
    print(f"ours, default: {_median_gain(reached, target)}", flush=True)
    in_float32 = objective(sub, ours(filters, SMOOTH.steps, **exact), filters)
    print(f"the same in float32: {_median_gain(in_float32, target)}", flush=True)
    needed = fewest(target)
    ways = [
        Way(
            f"ours, default ({SMOOTH.steps} steps)",
            ours,
            SMOOTH.steps,
            SMOOTH.steps if _reached(reached, target) else None,
            batch,
        ),
        Way("ours, default, stopped when reached", ours, needed or SMOOTH.steps, needed, batch),
        Way(
            "ours, default in float32",
            lambda chosen, steps: ours(chosen, steps, **exact),
            4,
            SMOOTH.steps,
            batch,
        ),
        Way(
            "ours, mode notebook",
            lambda chosen, steps: ours(chosen, steps, mode="notebook"),
            5,
            STEPS,
            batch,
        ),
    ]
    fine_tune(model)
    after = objective(sub, ours(filters, STEPS, mode="notebook"), filters)
    start = ours(filters, SMOOTH.warm_steps, start=cold, step_size=SMOOTH.warm_step_size)
    again = objective(sub, start, filters)
    before = objective(sub, cold, filters)
    print(f"after an epoch, before the warm start: {_median_gain(before, after)}")
    print(f"after an epoch, warm: {_median_gain(again, after)}", flush=True)

    def warm(chosen: list[int], steps: int) -> Array:
        places = [filters.index(each) for each in chosen]
        return ours(chosen, steps, start=cold[places], step_size=SMOOTH.warm_step_size)

    needed = SMOOTH.warm_steps if _reached(again, after) else None
    name = f"ours, warm ({SMOOTH.warm_steps} steps)"
    return [*ways, Way(name, warm, SMOOTH.warm_steps, needed, batch)], target


def way_of_peer(
    name: str, folder: Path, sub: keras.Model, filters: list[int], target: Array, batch: int
) -> tuple[Way, peers.Peer]:
    """A peer with its defaults, and after how many steps it was as good."""
    peer = peers.Peer(name)
    model, out = folder / "part.keras", folder / "out.npy"

    def ask(chosen: list[int], keep: tuple[int, ...], **more: Any) -> Any:
        start = folder / f"start{len(chosen)}.npy"
        np.save(start, gray(len(chosen)))
        paths = {"model": str(model), "start": str(start)}
        return peer.ask(kind="patterns", filters=chosen, keep=keep, **paths, **more)

    reached: dict[int, list[Array]] = {count: [] for count in KEEP}
    for at in range(0, len(filters), batch):
        chosen = filters[at : at + batch]
        ask(chosen, KEEP, out=str(out))
        for count, pictures in zip(KEEP, np.load(out), strict=True):
            reached[count].append(objective(sub, pictures, chosen))
        failed = (np.concatenate(reached[KEEP[-1]]) < target[: at + len(chosen)]).sum()
        if failed > (1 - SHARE) * len(filters):
            break  # whatever becomes of the others
    gains = {count: np.concatenate(found) for count, found in reached.items()}
    target = target[: len(gains[KEEP[0]])]
    for count, gain in gains.items():
        print(f"{name}, {count} steps: {_median_gain(gain, target)}", flush=True)
    needed = next((count for count in KEEP if _reached(gains[count], target)), None)
    note = "" if needed else f"not in {KEEP[-1]} steps"
    run = lambda chosen, steps: ask(chosen, (steps,))  # noqa: E731
    return Way(name, run, 5, needed, batch, note), peer


def _reached(found: Array, target: Array) -> bool:
    return bool((found >= target).mean() >= SHARE)


def _median_gain(found: Array, target: Array) -> str:
    alive = target > 0
    gain, reached = np.median(found[alive] / target[alive]), (found >= target).sum()
    return f"{gain:.2f} of the notebook's objective, reached by {reached} of {len(found)}"


def measure(ways: list[Way], filters: list[int], rounds: int) -> dict[str, Array]:
    """Seconds per pattern and step, on the clock and of the processor: medians over the rounds."""
    seconds: dict[str, list[Array]] = {way.name: [] for way in ways}
    for index in range(rounds + 1):
        for way in ways:
            chosen = filters[: way.at_once]
            started = np.array([time.perf_counter(), time.process_time()])
            answer = way.run(chosen, way.timed)
            taken = np.array([time.perf_counter(), time.process_time()]) - started
            if isinstance(answer, dict):
                taken = np.array([answer["seconds"], answer["cpu_seconds"]])
            if index:  # the first round traces
                seconds[way.name].append(taken / way.timed / len(chosen))
    return {name: np.median(each, axis=0) for name, each in seconds.items()}


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--filters", type=int, default=16, help="on which reaching is judged")
    parser.add_argument("--batch", type=int, default=4, help="filters in a timed run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", nargs="*", default=["tf-keras-vis", "xplique"])
    asked = parser.parse_args()
    filters = [int(f) for f in np.linspace(0, 255, asked.filters).round()]
    model, sub = networks()
    print(f"precision chosen here: {precision.best()}; load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as scratch:
        folder, running = Path(scratch), []
        sub.save(folder / "part.keras")
        copy = keras.models.clone_model(sub)
        copy.set_weights(sub.get_weights())
        ways, target = ways_of_ours(model, sub, filters, asked.batch)
        ways += [
            Way("float32 floor: forward and backward", floor(copy), 5, STEPS, asked.batch),
            Way("notebook, eager", lambda f, n: eager(copy, f, n), 5, STEPS, 1),
            Way("notebook, one shared tf.function", shared_function(copy), 5, STEPS, 1),
        ]
        for name in asked.peers:
            try:
                way, peer = way_of_peer(name, folder, copy, filters, target, asked.batch)
            except OSError as error:
                print(f"{name}: skipped, {error}")
                continue
            ways.append(way)
            running.append(peer)
        found = measure(ways, filters, asked.rounds)
        for peer in running:
            peer.close()
    report(ways, found)


def report(ways: list[Way], found: dict[str, Array]) -> None:
    """One line per way; those that never were as good count with all steps allowed."""
    ours = found[ways[0].name] * (ways[0].needed or SMOOTH.steps)
    print(f"\n{'':38} steps  s/pattern  x ours  CPU s/pattern  x ours")
    for way in ways:
        steps = way.needed or KEEP[-1]
        clock, processor = found[way.name] * steps
        print(
            f"{way.name:38} {steps:5d} {clock:10.3f} {clock / ours[0]:7.2f} {processor:14.3f} "
            f"{processor / ours[1]:7.2f}  {way.note}"
        )
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

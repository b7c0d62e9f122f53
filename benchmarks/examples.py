"""What examples cost beside one plain `predict` over the same pictures, in time, memory and bytes.

MobileNet V2 (random weights) at 160 px, six layers of 32 filters. Each size runs in a process of
its own; memory is the largest resident set: before, after `predict`, and after ours. The first step
also keeps the pictures that it needs for the display ("first", "later": shares of `predict`).
Pictures are noise from a `tf.data.Dataset` that makes them as they are read, so that their own
memory does not count. Processor time of all cores, so that other work on the machine counts less.
"""

import argparse
import math
import os
import resource
import statistics
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from convviz_tb import Examples
from convviz_tb.examples import PictureSet, Watched, compute_examples, prepare
from convviz_tb.model import convolutions, picture_input, survey

SIDE, BATCH = 160, 32
LAYERS, FILTERS = 6, 32


def network() -> keras.Model:
    """MobileNet V2 with a head of 10 classes."""
    base = keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=(SIDE, SIDE, 3)
    )
    pooled = keras.layers.GlobalAveragePooling2D()(base.output)
    return keras.Model(base.input, keras.layers.Dense(10, "softmax")(pooled))


def noise(count: int) -> tf.data.Dataset:
    """So many pictures with labels, made as they are read."""

    def made(number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        seed = tf.stack([number, 0])
        coarse = tf.random.stateless_uniform([10, 10, 3], seed, -1, 1)
        return tf.image.resize(coarse, [SIDE, SIDE]), number % 10

    return tf.data.Dataset.range(count).map(made).batch(BATCH)


def resident() -> float:
    """The largest resident set so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(count: int, rounds: int) -> None:
    """Prints a line for so many pictures."""
    model, pictures = network(), noise(count)
    source = PictureSet(model, Examples(pictures))
    taps = convolutions(survey(model, picture_input(model, None).spec))
    chosen = [taps[round(i)] for i in np.linspace(0, len(taps) - 1, LAYERS)]
    watched = [
        Watched(tap, np.linspace(0, tap.filters - 1, min(FILTERS, tap.filters)).astype(int))
        for tap in chosen
    ]
    search = prepare(model, watched, source)
    images = pictures.map(lambda x, y: x)
    model.predict(images.take(2), verbose=0)
    compute_examples(prepare(model, watched, PictureSet(model, Examples(pictures.take(2)))))
    before = resident()
    plain, ours, known = [], [], frozenset[int]()
    for _ in range(rounds):
        started = time.process_time()
        model.predict(images, verbose=0)
        plain.append(time.process_time() - started)
        after_plain = resident()
        started = time.process_time()
        step = compute_examples(search, known)
        ours.append(time.process_time() - started)
        known |= step.pictures.keys()  # they are stored, and not kept again
    ratios = [mine / its for mine, its in zip(ours, plain, strict=True)]
    later = statistics.median(ratios[1:]) if rounds > 1 else math.nan
    print(
        f"{count:8} {statistics.median(plain):10.1f} {ours[0]:10.1f} {ratios[0]:8.2f} {later:8.2f}"
        f" {before:10.0f} {after_plain:11.0f} {resident():9.0f} {len(known):9}",
        flush=True,
    )


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", type=int, help="this many pictures, in here")
    options = parser.parse_args()
    if options.only:
        measured(options.only, options.rounds)
        return
    heads = ("pictures", "predict s", "ours s", "first", "later")
    heads += ("MiB before", "MiB predict", "MiB ours", "kept")
    print("{:>8} {:>10} {:>10} {:>8} {:>8} {:>10} {:>11} {:>9} {:>9}".format(*heads), flush=True)
    for count in options.counts:
        rounds = options.rounds if count <= 1_000 else 1
        command = [sys.executable, __file__, "--only", str(count), "--rounds", str(rounds)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()

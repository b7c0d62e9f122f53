"""Training goes the way it would go without the callback, bit by bit.

The comparison runs in processes of its own (this file as a program): determinism cannot be switched
off again. There are two, as tracing keeps one core busy.
"""

import gc
import json
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from convviz_tb import ConvViz, FilterPatterns, GradCAM
from support import zoo
from support.processes import finish, start_script

KINDS = [
    zoo.sequential,
    zoo.sequential_built_by_calling,
    zoo.never_built,
    zoo.subclassed_and_never_built,
    zoo.nested_twice,
    zoo.branches,
    zoo.shared,
    zoo.subclassed,
    zoo.equal_names,
    zoo.two_inputs,
    zoo.two_outputs,
    zoo.augmented,
    zoo.frozen,
    zoo.partly_frozen,
    zoo.mixed_float16,
    zoo.mixed_bfloat16,
    zoo.channels_first,
    zoo.gray,
    zoo.five_channels,
    zoo.any_size,
    zoo.conv1d,
    zoo.conv3d,
    zoo.depthwise,
    zoo.separable,
    zoo.transposed,
    zoo.grouped,
    zoo.segmentation,
    zoo.time_distributed,
    zoo.vision_transformer,
    zoo.backbone,
    zoo.stateful,
]


#: Looked at within a budget: at other moments, and not at everything.
LIMITED = [zoo.augmented, zoo.stateful, zoo.sequential]


def callback(log_dir: str | Path, images: Any, **options: Any) -> ConvViz:
    """Looks at everything, quickly."""
    return ConvViz(
        log_dir,
        budget=options.pop("budget", None),
        patterns=FilterPatterns(filters=1, steps=1, size=options.pop("size", None)),
        heatmaps=GradCAM(tf.nest.map_structure(lambda array: array[:2], images), **options),
    )


def trained(kind: Callable[[], keras.Model], watched: bool) -> dict[str, Any]:
    """Everything that a training leaves behind."""
    keras.utils.clear_session()  # Keras 3.5 keeps its generator over a new seed
    keras.utils.set_random_seed(5)
    model = kind()
    images, labels = zoo.inputs_of(model, 8), np.arange(8) % zoo.CLASSES
    losses: Any = "sparse_categorical_crossentropy"
    several = kind is zoo.two_outputs
    if kind is zoo.segmentation:
        labels = np.broadcast_to(labels[:, None, None], (8, zoo.SIDE, zoo.SIDE))
    targets = [labels, labels.astype("float32")] if several else labels
    model.compile("adam", [losses, "mse"] if several else losses)
    size = 24 if kind in (zoo.any_size, zoo.backbone) else None
    options = {"output": 0 if several else None, "size": size}
    options["budget"] = 0.5 if kind in LIMITED else None
    with tempfile.TemporaryDirectory() as log_dir:
        history = model.fit(
            images,
            targets,
            validation_data=(images, targets),
            batch_size=4,
            epochs=3,
            verbose=0,
            callbacks=[callback(log_dir, images, **options)] if watched else [],
        )
    return {
        "history": history.history,
        "variables": [variable.numpy().tolist() for variable in model.variables],
        "optimizer": [np.asarray(each).tolist() for each in model.optimizer.variables],
        "trainable": [layer.trainable for layer in model._flatten_layers()],
        "attributes": [sorted(vars(layer)) for layer in model._flatten_layers()],
        "losses": len(model.losses),
        # What is drawn next tells the state of every source of random numbers.
        "random": [random.random(), np.random.random(), float(tf.random.uniform(()))],
        "keras.random": keras.random.uniform((2,)).numpy().tolist(),
    }


def differences(kinds: list[Callable[[], keras.Model]]) -> dict[str, list[str]]:
    """What the callback changed, by kind of model."""
    tf.config.experimental.enable_op_determinism()
    found = {}
    for kind in kinds:
        plain, watched = trained(kind, False), trained(kind, True)
        found[kind.__name__] = [name for name in plain if plain[name] != watched[name]]
    return found


@pytest.fixture(scope="module")
def found_differences() -> dict[str, list[str]]:
    outputs = finish(*(start_script(__file__, part) for part in range(2)))
    found: dict[str, list[str]] = {}
    for output in outputs:
        found |= json.loads(output.splitlines()[-1])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_training_is_bit_identical_with_and_without_the_callback(kind, found_differences):
    assert found_differences[kind.__name__] == []


class Counting(keras.layers.Layer):
    """Counts in Python, so once per trace."""

    traces = 0

    def call(self, inputs: Any) -> Any:
        Counting.traces += 1
        return inputs


def epoch_by_epoch(epochs: int, tmp_path: Path, measure: Callable[[], int]) -> list[int]:
    """What `measure` gives after each epoch of a watched training."""
    model = keras.Sequential([keras.Input(zoo.RGB), Counting(), zoo.conv(name="last"), *zoo.head()])
    model.compile("sgd", "sparse_categorical_crossentropy")
    images, measured = zoo.inputs_of(model, 4), []
    after = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: measured.append(measure()))
    watching = callback(tmp_path, images, classes="top2")
    model.fit(images, np.zeros(4), epochs=epochs, verbose=0, callbacks=[watching, after])
    return measured


def test_nothing_is_traced_again_after_the_first_epoch(tmp_path: Path):
    traces = epoch_by_epoch(4, tmp_path, lambda: Counting.traces)
    assert traces == traces[:1] * 4


def test_no_objects_pile_up_from_epoch_to_epoch(tmp_path: Path):
    def objects() -> int:
        gc.collect()
        return len(gc.get_objects())

    gc.freeze()  # what other tests left is not walked through at each epoch
    try:
        counts = epoch_by_epoch(30, tmp_path, objects)
    finally:
        gc.unfreeze()
    assert counts[-1] - counts[4] < 100  # a few numbers an epoch; a single graph has thousands


if __name__ == "__main__":
    print(json.dumps(differences(KINDS[int(sys.argv[1]) :: 2])))

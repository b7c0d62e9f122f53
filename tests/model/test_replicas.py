"""Training on several devices and in several processes: same numbers, one writer, no deadlock.

Devices and workers are set up once per process, so each training runs this file as a program.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from convviz_tb import ConvViz, FilterPatterns, GradCAM, filter_patterns, grad_cam
from convviz_tb.heatmaps import compute as heatmaps
from convviz_tb.patterns import compute as patterns
from convviz_tb.patterns import graph as pattern_graph
from support import zoo
from support.events import loaded_steps, read_run
from support.processes import finish, start_script

pytestmark = pytest.mark.slow
PLAN = FilterPatterns(layers="last", filters=3, steps=3)


def data() -> tuple[np.ndarray, np.ndarray]:
    images = np.random.default_rng(0).random((16, *zoo.RGB)).astype("float32")
    return images, np.arange(16) % zoo.CLASSES


def train_on_two_devices(how: str, log_dir: str) -> None:
    """Trains on two logical CPUs; prints by how much its numbers differ from those of one."""
    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy = tf.distribute.get_strategy()
    if how == "mirrored":
        strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    else:
        devices = keras.distribution.list_devices("cpu")
        keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices))
    images, labels = data()
    keras.utils.set_random_seed(1)
    with strategy.scope():
        model = zoo.sequential()
        model.compile("sgd", "sparse_categorical_crossentropy")
    callback = ConvViz(log_dir, patterns=PLAN, heatmaps=GradCAM(images[:2], classes=0))
    model.fit(images, labels, batch_size=8, epochs=2, verbose=0, callbacks=[callback])
    maps, found = numbers(model, images[:3])
    keras.distribution.set_distribution(None)
    alone = zoo.sequential()
    alone.set_weights(model.get_weights())
    wanted_maps, wanted_patterns = numbers(alone, images[:3])
    result = {
        "replicas": strategy.num_replicas_in_sync,
        "maps": float(np.abs(maps - wanted_maps).max() / wanted_maps.max()),
        "patterns": float(np.abs(found - wanted_patterns).max()),
        "devices": {kind: devices_of(graph) for kind, graph in graphs(model, images[:3]).items()},
    }
    print(json.dumps(result))


def numbers(model: keras.Model, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    maps = grad_cam(model, images, "last", classes=0)["last"].maps
    return maps, filter_patterns(model, "last", 3, steps=3).images


def graphs(model: keras.Model, images: np.ndarray) -> dict[str, Any]:
    """What is run for patterns and heatmaps."""
    (tap,) = patterns.pattern_taps(model, PLAN)
    options = GradCAM(images)
    return {
        "patterns": pattern_graph.prepare(model, tap, PLAN).function.graph,
        "heatmaps": heatmaps.prepare(model, [tap], options).function.graph,
    }


def devices_of(graph: Any) -> list[str]:
    """Where the weights are that it reads."""
    devices = {handle.device for handle, _ in graph.captures if handle.dtype == tf.resource}
    return sorted(device.rpartition("/")[2] for device in devices)


def train_as_worker(index: int, addresses: list[str], log_dir: str) -> None:
    """One of several workers, with a training loop of its own, since `fit` of Keras 3 has none."""
    task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
    os.environ["TF_CONFIG"] = json.dumps(task)
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    images, labels = data()
    keras.utils.set_random_seed(1)
    with strategy.scope():
        model = zoo.frozen()
        optimizer = keras.optimizers.SGD(0.1)
        optimizer.build(model.trainable_variables)
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(8)
    step = _training_step(strategy, model, optimizer)
    callback = ConvViz(log_dir, patterns=PLAN, heatmaps=GradCAM(images[:2]))
    callbacks = keras.callbacks.CallbackList([callback], model=model, epochs=2, verbose=0)
    callbacks.on_train_begin()
    for epoch in range(2):
        callbacks.on_epoch_begin(epoch)
        for batch in strategy.experimental_distribute_dataset(dataset):
            step(*batch)
        callbacks.on_epoch_end(epoch)
    callbacks.on_train_end()
    print(json.dumps({"chief": strategy.extended.should_save_summary}))


def _training_step(strategy: Any, model: keras.Model, optimizer: Any) -> Callable[..., None]:
    loss = keras.losses.SparseCategoricalCrossentropy()

    def step(images: Any, labels: Any) -> None:
        with tf.GradientTape() as tape:
            value = loss(labels, model(images, training=True))
        variables = model.trainable_variables
        gradients = tape.gradient(value, [variable.value for variable in variables])
        optimizer.apply(gradients, variables)

    return tf.function(lambda *batch: strategy.run(step, args=batch))


def start(*arguments: Any) -> subprocess.Popen[str]:
    return start_script(__file__, *arguments)


def results(*processes: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """What each prints at the end."""
    return [json.loads(output.splitlines()[-1]) for output in finish(*processes)]


@pytest.fixture(scope="module", params=["mirrored", "keras"])
def on_two_devices(request, tmp_path_factory) -> tuple[str, Path, dict[str, Any]]:
    if request.param == "keras" and keras.__version__.startswith("3.5."):
        pytest.skip("keras.distribution of Keras 3.5 does not work on TensorFlow")
    log_dir = tmp_path_factory.mktemp(request.param)
    (found,) = results(start("devices", request.param, log_dir))
    return request.param, log_dir, found


def test_two_devices_give_the_numbers_of_one(on_two_devices):
    how, _, found = on_two_devices
    # The TensorFlow backend accepts a keras.distribution and trains on one device all the same.
    assert found["replicas"] == (2 if how == "mirrored" else 1)
    assert found["maps"] < 1e-5
    assert found["patterns"] < 1e-2  # of 255


def test_the_work_is_shared_out_over_two_devices(on_two_devices):
    how, _, found = on_two_devices
    both = ["device:CPU:0", "device:CPU:1"] if how == "mirrored" else ["device:CPU:0"]
    assert found["devices"] == {"patterns": both, "heatmaps": both}


def test_two_devices_have_one_writer_of_every_step(on_two_devices):
    _, log_dir, _ = on_two_devices
    assert_one_writer_of_every_step(log_dir)


def test_both_loaders_read_every_step_of_two_devices(on_two_devices, tmp_path, load):
    shutil.copytree(on_two_devices[1], tmp_path / "run")
    series = loaded_steps(load, tmp_path)["run/convviz"]
    assert series.pop("inputs") == [0]
    assert len(series) == 5 and all(steps == [0, 1, 2] for steps in series.values())


def assert_one_writer_of_every_step(log_dir: Path) -> None:
    assert len(list(log_dir.rglob("*tfevents*"))) == 1
    events = read_run(log_dir)
    of_layers = {"patterns", "heatmaps", "feature_maps", "examples"}
    assert {tag.partition("/")[0] for tag in events} == of_layers | {"inputs", "model"}
    for tag in set(events) - {"inputs"}:
        assert [event.step for event in events[tag]] == [0, 1, 2], tag
    assert [event.facts["failures"] for event in events["model"]] == [[], [], []]


def free_address() -> str:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return f"localhost:{free.getsockname()[1]}"


def test_of_two_workers_only_the_chief_writes_and_none_waits_for_ever(tmp_path: Path):
    addresses = [free_address(), free_address()]
    workers = [start("worker", index, *addresses, tmp_path) for index in range(2)]
    assert [said["chief"] for said in results(*workers)] == [True, False]
    assert_one_writer_of_every_step(tmp_path)


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    if kind == "devices":
        train_on_two_devices(*rest)
    else:
        train_as_worker(int(rest[0]), rest[1:-1], rest[-1])

"""More than one machine: patterns of checkpoints computed by the workers of a real Ray cluster."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from convviz_tb import FilterPatterns, GradCAM, render
from support.events import Event, read_run
from support.processes import ROOT

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install convviz_tb[ray]")

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 24, 24, 3)).astype("uint8")
CHOSEN: dict[str, Any] = {"filters": [0, 1, 3], "steps": 3, "precision": "float32", "refresh": 1}
PATTERNS = FilterPatterns(["conv1", "conv2"], **CHOSEN)
WATCHED: dict[str, Any] = {"patterns": PATTERNS, "heatmaps": GradCAM(IMAGES), "verbose": False}
TIMES = {"seconds", "writing_seconds", "epoch_seconds"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning"),
]


def network() -> keras.Model:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((24, 24, 3)),
            layers.Conv2D(4, 3, activation="relu", name="conv1"),
            layers.Conv2D(5, 3, activation="relu", name="conv2"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """A cluster on this machine, of two workers."""
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    ray.init(num_cpus=2, include_dashboard=False, runtime_env={"env_vars": environment})
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoints")
    keras.utils.set_random_seed(1)
    model = network()
    kernel, bias = model.get_layer("conv2").get_weights()
    kernel[..., 1], bias[1] = 0, -1
    model.get_layer("conv2").set_weights([kernel, bias])  # of which no picture can excite filter 1
    for step in range(4):
        model.save(folder / f"epoch_{step}.keras")
        model.set_weights([each + 0.1 * np.sin(each) for each in model.get_weights()])
    return folder


def comparable(log_dir: Path) -> dict[str, list[tuple[int, Any, bytes]]]:
    def untimed(facts: Any) -> Any:
        if isinstance(facts, dict):
            return {name: untimed(value) for name, value in facts.items() if name not in TIMES}
        return [untimed(each) for each in facts] if isinstance(facts, list) else facts

    def of(event: Event) -> tuple[int, Any, bytes]:
        return event.step, untimed(event.facts), event.sheet.tobytes() if event.sheet else b""

    return {tag: [of(event) for event in events] for tag, events in read_run(log_dir).items()}


@pytest.mark.parametrize("chosen", [{}, {"filters": 2, "filters_by": "use"}])
def test_the_log_is_that_of_one_process_bit_by_bit(cluster, checkpoints, tmp_path, chosen):
    patterns = FilterPatterns(["conv1", "conv2"], **CHOSEN | chosen)
    watched = WATCHED | {"patterns": patterns}
    render(checkpoints, tmp_path / "one", **watched)
    done = render(checkpoints, tmp_path / "ray", **watched, ray="auto")
    assert done.steps == [0, 1, 2, 3]
    assert comparable(tmp_path / "ray") == comparable(tmp_path / "one")
    assert not any(facts["failures"] for _, facts, _ in comparable(tmp_path / "ray")["model"])


def test_patterns_are_computed_by_the_workers(cluster, checkpoints, tmp_path, monkeypatch):
    def computed_here(*_: Any, **__: Any) -> None:
        raise AssertionError("computed in this process")

    monkeypatch.setattr("convviz_tb.patterns.tracking.PatternTracker.reseeded", computed_here)
    monkeypatch.setattr("convviz_tb.patterns.tracking.ascend", computed_here)
    monkeypatch.setattr("convviz_tb.patterns.tracking.from_noise", computed_here)
    watched = WATCHED | {"patterns": FilterPatterns("conv1", **CHOSEN)}  # of which none is dead
    render(checkpoints, tmp_path / "run", **watched, ray="auto")
    assert [event.step for event in read_run(tmp_path / "run")["patterns/conv1"]] == [0, 1, 2, 3]


def test_the_task_of_a_lost_worker_is_tried_again(cluster, checkpoints, tmp_path):
    lost = tmp_path / "lost"

    def builder() -> keras.Model:
        """Takes its worker with it, once."""
        if not lost.exists() and ray.get_runtime_context().worker.mode == ray.WORKER_MODE:
            lost.touch()
            os._exit(1)
        return network()

    render(checkpoints, tmp_path / "run", **WATCHED, ray="auto", builder=builder)
    assert lost.exists()
    assert [event.step for event in read_run(tmp_path / "run")["model"]] == [0, 1, 2, 3]
    render(checkpoints, tmp_path / "one", **WATCHED)
    assert comparable(tmp_path / "run") == comparable(tmp_path / "one")

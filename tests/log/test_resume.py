"""Trainings that go on: every step once, strictly increasing, in both of TensorBoard's loaders."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator

from convviz_tb import ConvViz, FilterPatterns, GradCAM
from convviz_tb.log.lock import LOCK_NAME, DirectoryLocked
from support import zoo
from support.events import loaded_steps, read_run
from support.loaders import python_loader, rust_loader
from support.processes import finish, start_script
from support.waiting import wait_for

IMAGES = (255 * np.random.default_rng(0).random((12, *zoo.RGB))).astype("float32")
LABELS = np.arange(12) % zoo.CLASSES
PATTERNS = FilterPatterns("last", filters=1, steps=1)
HEATMAPS = GradCAM(IMAGES[:2], "last")
ALL = {"convviz": 0}
LOSS = "sparse_categorical_crossentropy"


def looking(directory: Path | str, **options: Any) -> ConvViz:
    return ConvViz(directory, **{"patterns": PATTERNS, "heatmaps": HEATMAPS} | options)


@pytest.fixture(scope="module")
def shared() -> keras.Model:
    """One model for all trainings in this process, so that it is traced once."""
    keras.utils.set_random_seed(1)
    model = zoo.nested_twice()
    model.compile("sgd", LOSS)
    return model


def fit(model: keras.Model, *callbacks: keras.callbacks.Callback, epochs: int = 2, **options: Any):
    options = {"batch_size": 4, "verbose": 0} | options
    return model.fit(IMAGES, LABELS, epochs=epochs, callbacks=list(callbacks), **options)


def every_step(logdir: Path, run: str = "run") -> list[int]:
    """The steps of a run: the same in both loaders, and for all that is logged at each."""
    with contextlib.ExitStack() as stack:
        found = [
            loaded_steps(load, logdir)[f"{run}/convviz"]
            for load in (python_loader, lambda logdir: stack.enter_context(rust_loader(logdir)))
        ]
    assert found[0] == found[1]
    at_each = {tag: steps for tag, steps in found[0].items() if tag != "inputs"}
    assert len(at_each) == 5 and len({tuple(steps) for steps in at_each.values()}) == 1, at_each
    return at_each["model"]


def test_freeze_then_fine_tune_beside_keras_own_callback(shared, tmp_path):
    watching = looking(tmp_path / "run")
    for phase, trainable in enumerate([False, True]):
        shared.layers[0].trainable = trainable
        shared.compile("adam" if phase else "sgd", LOSS)
        beside = keras.callbacks.TensorBoard(tmp_path / "run", update_freq=3)
        fit(shared, beside, watching, epochs=3)
    assert every_step(tmp_path) == [0, 1, 2, 3, 4, 5, 6]
    facts = [event.facts for event in read_run(tmp_path / "run")["model"]]
    assert [each["layers"][0]["trainable"] for each in facts] == [False] * 4 + [True] * 3
    shared.compile("sgd", LOSS)


@pytest.mark.parametrize(
    ("initial", "epochs", "wanted"),
    [
        (0, 2, [0, 1, 2, 3, 4, 5]),  # numbered anew: counted on
        (3, 5, [0, 1, 2, 3, 4, 5]),
        (6, 7, [0, 1, 2, 3, 6, 7]),  # the log of three epochs is lost
    ],
)
def test_a_new_process_goes_on(shared, tmp_path, initial, epochs, wanted):
    fit(shared, looking(tmp_path / "run"), epochs=3)
    fit(shared, looking(tmp_path / "run"), epochs=epochs, initial_epoch=initial)
    assert every_step(tmp_path) == wanted


def test_a_new_process_that_goes_back_is_logged_again_where_the_log_ends(shared, tmp_path, caplog):
    fit(shared, looking(tmp_path / "run"), epochs=4)
    fit(shared, looking(tmp_path / "run"), epochs=6, initial_epoch=2)
    assert every_step(tmp_path) == [0, 1, 2, 3, 4, 5, 6]
    assert "holds steps up to 4, and this training goes on after 2 epochs" in caplog.text
    assert read_run(tmp_path / "run")["model"][-1].facts["planned"] == 6


def test_many_short_fits_with_new_callbacks(shared, tmp_path):
    for _ in range(11):
        fit(shared, looking(tmp_path / "run"), epochs=1)
    assert every_step(tmp_path) == list(range(12))


def test_two_callbacks_in_one_fit(shared, tmp_path):
    one, two = looking(tmp_path / "run"), looking(tmp_path / "more")
    fit(shared, one, two)
    assert every_step(tmp_path) == every_step(tmp_path, "more") == [0, 1, 2]


@pytest.mark.parametrize("twice", ["two callbacks", "one callback, named twice"])
def test_two_callbacks_of_one_directory_stop_before_training(shared, tmp_path, twice):
    one, before = looking(tmp_path / "run"), shared.get_weights()
    two = looking(tmp_path / "run") if twice == "two callbacks" else one
    with pytest.raises(ValueError, match="log_dir: two ConvViz of one fit write to"):
        fit(shared, one, two)
    assert all(map(np.array_equal, before, shared.get_weights()))
    fit(shared, looking(tmp_path / "run"))  # as the user corrects it in the same notebook
    assert [event.step for event in read_run(tmp_path / "run")["model"]] == [0, 1, 2]


@pytest.mark.parametrize("again", ["the same callback", "a new one"])
def test_an_interrupted_fit_is_gone_on_with_in_the_same_notebook(shared, tmp_path, again):
    def interrupt(epoch: int, logs: Any) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    watching = looking(tmp_path / "run")
    with pytest.raises(KeyboardInterrupt):
        fit(shared, watching, keras.callbacks.LambdaCallback(on_epoch_end=interrupt), epochs=9)
    fit(shared, watching if again == "the same callback" else looking(tmp_path / "run"))
    assert every_step(tmp_path) == [0, 1, 2, 3, 4, 5]


def test_an_interrupt_while_it_looks_ends_the_training_and_the_next_goes_on(
    shared, tmp_path, monkeypatch
):
    watching = looking(tmp_path / "run")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        at_third = iter([False, False, True])

        def interrupted(*_: Any) -> None:
            if next(at_third):
                raise KeyboardInterrupt

        patch.setattr("convviz_tb.log.callback.not_finite", interrupted)
        fit(shared, watching, epochs=9)
    fit(shared, watching)
    assert every_step(tmp_path) == [0, 1, 3, 4]


def test_a_second_fit_is_not_stopped_by_what_would_have_stopped_the_first(shared, tmp_path, caplog):
    watching = looking(tmp_path / "run")
    fit(shared, watching, epochs=1)
    other = zoo.conv1d()
    other.compile("sgd", LOSS)
    other.fit(zoo.inputs_of(other, 4), np.zeros(4), callbacks=[watching], verbose=0)
    assert "ValueError" in caplog.text and caplog.text.count("Training goes on.") == 1
    assert [event.step for event in read_run(tmp_path / "run")["model"]] == [0, 1]
    events = read_run(tmp_path / "run" / "model_2")["model"]
    assert [event.step for event in events] == [0, 1]
    assert "ValueError" in events[-1].facts["failures"][0]["reason"]


def test_a_file_system_of_tensorflow_s_own(shared):
    for _ in range(2):
        fit(shared, looking("ram://bucket/runs/pets"))
    assert tf.io.gfile.glob("ram://bucket/runs/pets/convviz/*.alive") == []
    assert not os.path.exists("ram:")
    accumulator = EventAccumulator("ram://bucket/runs/pets/convviz", tensor_size_guidance=ALL)
    accumulator.Reload()
    for tag in ("model", "patterns/middle/base/last", "heatmaps/middle/base/last"):
        assert [event.step for event in accumulator.Tensors(tag)] == [0, 1, 2, 3, 4]


# Real processes: this file is the program, `python test_resume.py <directory> <how it ends>`.

EPOCHS = 6


class Ending(keras.callbacks.Callback):
    """Ends this process by a signal in the midst of an epoch."""

    def __init__(self, epoch: int, how: int) -> None:
        super().__init__()
        self._epoch, self._how, self._now = epoch, how, -1

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._now = epoch

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if self._now == self._epoch and batch == 1:
            os.kill(os.getpid(), self._how)


class WaitingForTheOther(keras.callbacks.Callback):
    """Trains only on when the other process has had its try."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            (self._directory / "waiting").touch()
            wait_for((self._directory / "go").exists, "the other process")


def killed_in_mid_write(step: int) -> None:
    """Has the first event of a step torn by SIGKILL."""
    from convviz_tb.log.event_file import EventFile

    put, passes = EventFile.put, iter(range(100))

    def torn(file: Any, events: list[bytes]) -> None:
        if next(passes) == step + 1:  # the first only begins the file
            with open(file.path, "ab") as raw:
                raw.write(events[0][:100])
            os.kill(os.getpid(), signal.SIGKILL)
        put(file, events)

    EventFile.put = torn


def train(directory: Path, ending: str) -> None:
    """Trains to the sixth epoch, from where an earlier process was ended."""
    keras.utils.set_random_seed(1)
    model = zoo.sequential()
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), LOSS)
    backup = keras.callbacks.BackupAndRestore(directory / "backup.weights.h5")
    callbacks = [looking(directory / "run"), backup]
    if ending == "in mid-write":
        callbacks += [WaitingForTheOther(directory)]
        killed_in_mid_write(3)
    elif ending == "SIGTERM":
        callbacks += [Ending(4, signal.SIGTERM)]
    fit(model, *callbacks, epochs=EPOCHS, shuffle=False)


def process(directory: Path, ending: str) -> subprocess.Popen[str]:
    return start_script(__file__, directory, ending)


@pytest.fixture(scope="module")
def killed_twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Exception, int]:
    """A training killed in mid-write, gone on with, ended by SIGTERM, and gone on with to its end.

    While the first ran, this process tried the same directory.
    """
    directory = tmp_path_factory.mktemp("killed")
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(process(directory, "in mid-write"))
        stack.callback(first.kill)
        wait_for(lambda: (directory / "waiting").exists() or first.poll() is not None, "the first")
        model = zoo.sequential()
        model.compile("sgd", LOSS)
        with pytest.raises(DirectoryLocked) as told:
            fit(model, looking(directory / "run"))
        (directory / "go").touch()
        finish(first, status=-signal.SIGKILL)
        finish(process(directory, "SIGTERM"), status=-signal.SIGTERM)
    assert model.optimizer.iterations == 0
    train(directory, "not at all")
    return directory, told.value, first.pid


@pytest.mark.slow
def test_a_second_process_in_one_directory_is_stopped_before_training(killed_twice):
    directory, told, pid = killed_twice
    assert f"another training writes to '{directory}/run/convviz': process {pid} on" in str(told)


@pytest.mark.slow
def test_a_training_killed_twice_is_logged_as_one_that_was_not(killed_twice, tmp_path):
    directory, *_ = killed_twice
    assert every_step(directory) == list(range(EPOCHS + 1))
    assert not (directory / "run" / "convviz" / LOCK_NAME).exists()
    facts = [event.facts for event in read_run(directory / "run")["model"]]
    assert [each["written"] for each in facts] == list(range(1, EPOCHS + 2))
    assert {each["planned"] for each in facts} == {EPOCHS}
    assert not any(each["failures"] for each in facts)


if __name__ == "__main__":
    train(Path(sys.argv[1]), sys.argv[2])

"""Runs that are over: rendered from their checkpoints, the log is that of the callback."""

import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import convviz_tb
from convviz_tb import ConvViz, FilterPatterns, GradCAM, render
from convviz_tb.log.checkpoints import checkpoints_of
from support.events import Event, curves, images_tags, read_run

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 24, 24, 3)).astype("uint8")
LABELS = np.arange(12) % 3
WATCHED: dict[str, Any] = {
    "patterns": FilterPatterns(["conv1", "conv2"], filters=3, steps=3, refresh=3),
    "heatmaps": GradCAM(IMAGES[:4], labels=LABELS[:4], classes="true", boxes=[[2, 2, 9, 9]] * 4),
    "examples": "auto",
}
#: What a clock says, or the optimizer, which checkpoints are loaded without; not the model.
ELSEWHERE = {"seconds", "writing_seconds", "epoch_seconds", "learning_rate"}
EPOCHS = 4


def network() -> keras.Model:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((24, 24, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 3, activation="relu", name="conv1"),
            layers.BatchNormalization(),
            layers.Conv2D(5, 3, activation="relu", name="conv2"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )


class Saving(keras.callbacks.Callback):
    """Saves the model before training and after each epoch, in every format."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def on_train_begin(self, logs: Any = None) -> None:
        self._save(0)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._save(epoch + 1)

    def _save(self, step: int) -> None:
        self.model.save(self._folder / f"models/epoch_{step:02d}.keras")
        self.model.save_weights(self._folder / f"weights/{step:02d}-0.51.weights.h5")


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training with the callback, of which the first layer is frozen from the third epoch on."""
    folder = tmp_path_factory.mktemp("training")
    for name in ("models", "weights"):
        (folder / name).mkdir()
    keras.utils.set_random_seed(1)
    model = network()
    model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
    watch = ConvViz(folder / "run", **WATCHED)
    callbacks = [Saving(folder), watch]
    model.fit(IMAGES, LABELS, epochs=EPOCHS, batch_size=4, verbose=0, callbacks=callbacks)
    return folder


def of_model(facts: Any) -> Any:
    if isinstance(facts, dict):
        return {name: of_model(value) for name, value in facts.items() if name not in ELSEWHERE}
    if isinstance(facts, str):
        return re.sub(r" \(learning rate [^)]*\)", "", facts)
    return [of_model(each) for each in facts] if isinstance(facts, list) else facts


def comparable(event: Event) -> tuple[int, Any, bytes]:
    return event.step, of_model(event.facts), event.sheet.tobytes() if event.sheet else b""


def assert_same_log(rendered: Path, trained: Path, steps: range = range(EPOCHS + 1)) -> None:
    ours, theirs = read_run(rendered), read_run(trained)
    assert set(ours) == set(theirs)
    for tag, events in theirs.items():
        wanted = [comparable(event) for event in events if event.step in steps]
        assert [comparable(event) for event in ours[tag]] == wanted, tag
    assert images_tags(rendered) == images_tags(trained)
    ours, theirs = curves(rendered), curves(trained)
    assert set(ours) == set(theirs)
    timed = {tag for tag in theirs if "/seconds/" in tag}
    assert all(ours[tag] == theirs[tag] for tag in set(theirs) - timed)


def test_models_give_the_log_of_the_callback(training, tmp_path):
    done = render(training / "models", tmp_path / "run", **WATCHED, verbose=False)
    assert done.steps == [0, 1, 2, 3, 4] and done.skipped == []
    assert_same_log(tmp_path / "run", training / "run")


def test_weights_with_a_builder_give_the_log_of_the_callback(training, tmp_path):
    files = (training / "weights").iterdir()  # in any order
    render(files, tmp_path / "run", **WATCHED, builder=network, verbose=False)
    assert_same_log(tmp_path / "run", training / "run")


def test_the_baseline_is_that_of_the_callback(training, tmp_path):
    render(training / "models", tmp_path / "run", **WATCHED, verbose=False)
    with (
        np.load(tmp_path / "run/convviz/baseline.npz") as ours,
        np.load(training / "run/convviz/baseline.npz") as theirs,
    ):
        assert set(ours.files) == set(theirs.files)
        assert all(np.array_equal(ours[name], theirs[name]) for name in theirs.files)


def test_what_is_rendered_already_is_skipped(training, tmp_path):
    files = sorted((training / "models").iterdir())
    render(files[:2], tmp_path / "run", **WATCHED, verbose=False)
    written = [path.stat() for path in (tmp_path / "run/convviz").glob("*tfevents*")]
    done = render(files, tmp_path / "run", **WATCHED, verbose=False)
    assert (done.steps, done.skipped) == ([2, 3, 4], [0, 1])
    again = render(files, tmp_path / "run", **WATCHED, verbose=False)
    assert (again.steps, again.skipped) == ([], [0, 1, 2, 3, 4])
    events = read_run(tmp_path / "run")
    assert {tuple(event.step for event in events[tag]) for tag in set(events) - {"inputs"}} == {
        (0, 1, 2, 3, 4)
    }
    facts = events["patterns/conv2"][-1].facts
    assert facts["baseline_step"] == 0 and len(written) == 1


def test_a_step_between_those_of_the_log_is_told_and_left_out(training, tmp_path, caplog):
    files = sorted((training / "models").iterdir())
    watched = {"patterns": None, "heatmaps": WATCHED["heatmaps"], "verbose": False}
    render([files[0], files[3]], tmp_path / "run", **watched)
    assert render(files, tmp_path / "run", **watched).steps == [4]
    assert "step 1, 2 cannot be added" in caplog.text


def test_frozen_layers_are_told_as_they_were_saved(tmp_path):
    model = network()
    model.save(tmp_path / "1.keras")
    model.get_layer("conv1").trainable = False
    model.save(tmp_path / "2.keras")
    files = [tmp_path / "1.keras", tmp_path / "2.keras"]
    render(files, tmp_path / "run", patterns=WATCHED["patterns"], verbose=False)
    events = read_run(tmp_path / "run")["patterns/conv1"]
    assert [event.facts["trainable"] for event in events] == [True, False]


def test_another_architecture_goes_on_in_the_same_run(tmp_path):
    network().save(tmp_path / "1.keras")
    layers = keras.layers
    keras.Sequential(
        [keras.Input((24, 24, 3)), layers.Conv2D(7, 5, name="conv1"), layers.Flatten()]
    ).save(tmp_path / "2.keras")
    patterns = FilterPatterns("conv1", filters=2, steps=1)
    files = [tmp_path / "1.keras", tmp_path / "2.keras"]
    render(files, tmp_path / "run", patterns=patterns, verbose=False)
    events = read_run(tmp_path / "run")["patterns/conv1"]
    assert [event.facts["baseline_step"] for event in events] == [1, 2]


def test_of_a_saved_model_its_outputs_are_shown(tmp_path):
    keras.utils.set_random_seed(1)
    model = network()
    for step in (1, 2):
        model.export(tmp_path / f"exported/{step}", verbose=False)
        model.set_weights([2 * each for each in model.get_weights()])
    patterns = FilterPatterns("saved_model", filters="all", steps=4, value_range=(0, 255))
    render(tmp_path / "exported", tmp_path / "run", patterns=patterns, verbose=False)
    events = read_run(tmp_path / "run")["patterns/saved_model"]
    assert [event.step for event in events] == [1, 2]
    assert all(event.facts["unchanged"] is False for event in events)
    assert any(tile["score"] > 0 for tile in events[1].facts["tiles"])
    assert read_run(tmp_path / "run")["model"][-1].facts["failures"] == []


@pytest.mark.parametrize(
    ("names", "steps"),
    [
        (["epoch_2.keras", "epoch_10.keras"], [2, 10]),
        (["v2_ep07-0.31.keras", "v2_ep08-0.30.keras"], [7, 8]),
        (["weights.05-0.31.weights.h5", "weights.06-0.30.weights.h5"], [5, 6]),
        (["resnet50-1.keras", "resnet50-12.keras"], [1, 12]),
        (["12.h5"], [12]),
    ],
)
def test_steps_are_told_by_names(tmp_path, names, steps):
    for name in reversed(names):
        (tmp_path / name).touch()
    assert [each.step for each in checkpoints_of(tmp_path)] == steps


@pytest.mark.parametrize(
    ("names", "steps", "message"),
    [
        (["best.keras"], None, "the names do not tell them, as in 'best'"),
        (["3-9.keras", "4-8.keras"], None, "the names do not tell them"),
        (["a.keras"], [1, 2], "steps: received 2 for 1"),
        (["a.keras", "b.keras"], [1, 1], "are both of 1"),
        (["a.keras"], [-1], "numbers of epochs completed"),
        (["a.txt"], None, "no saved models in the folder"),
        ([], None, "no saved models in the folder"),
    ],
)
def test_names_that_do_not_tell_are_refused(tmp_path, names, steps, message):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match=re.escape(message)):
        checkpoints_of(tmp_path, steps)


@pytest.mark.parametrize(
    ("file", "builder", "message"),
    [
        ("1.keras", None, "1.keras' cannot be loaded"),
        ("1.weights.h5", None, "builder: "),
        ("1.weights.h5", "no.such:thing", "cannot be imported"),
        ("1.weights.h5", "nothing", "as in 'my_package.models:build'"),
        ("1.weights.h5", "os:getcwd", "received str from it"),
    ],
)
def test_what_cannot_be_loaded_is_told_in_a_sentence(tmp_path, file, builder, message):
    (tmp_path / file).write_bytes(b"no model")
    with pytest.raises(ValueError, match=re.escape(message)):
        render(tmp_path / file, tmp_path / "run", builder=builder, verbose=False)


def test_a_wrong_layer_stops_before_anything_is_written(training, tmp_path):
    with pytest.raises(ValueError, match="no layer 'conv9'"):
        render(training / "models", tmp_path / "run", patterns=FilterPatterns("conv9"))
    assert not list((tmp_path / "run").rglob("*tfevents*"))


def test_a_broken_checkpoint_leaves_what_was_rendered_before(training, tmp_path):
    files = [*sorted((training / "models").iterdir())[:2], tmp_path / "epoch_02.keras"]
    files[2].write_bytes(files[1].read_bytes()[:500])
    with pytest.raises(ValueError, match="cannot be loaded"):
        render(files, tmp_path / "run", patterns=None, heatmaps=WATCHED["heatmaps"], verbose=False)
    assert [event.step for event in read_run(tmp_path / "run")["model"]] == [0, 1]


def test_it_is_public():
    assert convviz_tb.render is render

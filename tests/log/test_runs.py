"""One run for each model: folds and trials do not mix, and what goes on is not torn apart."""

import copy
import pickle

import keras
import numpy as np
import pytest

from convviz_tb import ConvViz, FilterPatterns, GradCAM
from support import zoo
from support.events import read_run

IMAGES = np.random.default_rng(0).random((8, *zoo.RGB), np.float32)
LABELS = np.arange(8) % zoo.CLASSES


def watching(directory) -> ConvViz:
    patterns = FilterPatterns("last", filters=1, steps=1)
    return ConvViz(directory, patterns=patterns, heatmaps=GradCAM(IMAGES[:2], "last"))


def model() -> keras.Model:
    return compiled(zoo.sequential())


def compiled(net: keras.Model) -> keras.Model:
    net.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    return net


def fit(net, *callbacks, epochs=2, **options):
    options = {"verbose": 0, "batch_size": 4} | options
    net.fit(IMAGES, LABELS, epochs=epochs, callbacks=list(callbacks), **options)


def runs(directory) -> dict[str, list[int]]:
    """The steps of each run below a directory."""
    found = sorted(file.parent.parent for file in directory.rglob("*tfevents*"))
    return {
        path.relative_to(directory).as_posix(): [e.step for e in read_run(path)["model"]]
        for path in dict.fromkeys(found)
    }


def test_each_fold_is_a_run_of_its_own(tmp_path, caplog):
    watch = watching(tmp_path)
    for _ in range(3):
        fit(model(), watch)
    assert runs(tmp_path) == {".": [0, 1, 2], "model_2": [0, 1, 2], "model_3": [0, 1, 2]}
    assert caplog.text.count("is the log of another model") == 1
    for name in ("model_2", "model_3"):
        events = read_run(tmp_path / name)["model"]
        assert not any(event.facts["failures"] for event in events)
        tile = read_run(tmp_path / name)["patterns/last"][0].facts["tiles"][0]
        assert tile["kernel_drift"] == 0  # a baseline of its own
    assert watch.history["steps"] == [0, 1, 2]


def test_copies_for_the_trials_of_a_search_do_not_mix(tmp_path):
    """As KerasTuner makes them: a deep copy of the callback for each model."""
    watch = watching(tmp_path)
    for _ in range(3):
        fit(model(), copy.deepcopy(watch))
    assert runs(tmp_path) == {".": [0, 1, 2], "model_2": [0, 1, 2], "model_3": [0, 1, 2]}


def test_weights_set_back_to_the_first_are_another_fold(tmp_path):
    net, watch = model(), watching(tmp_path)
    first = net.get_weights()
    for _ in range(2):
        net.set_weights(first)
        fit(net, watch)
    assert runs(tmp_path) == {".": [0, 1, 2], "model_2": [0, 1, 2]}


@pytest.mark.parametrize("again", ["the same callback", "a new one"])
def test_a_training_that_goes_on_is_one_run(tmp_path, again, caplog):
    net, watch = model(), watching(tmp_path)
    fit(net, watch)
    watch = watch if again == "the same callback" else watching(tmp_path)
    fit(net)  # unlogged: its weights are those of no step
    fit(compiled(net), watch)
    head = keras.Sequential([*net.layers, keras.layers.Rescaling(1.0)])
    fit(compiled(head), watch)  # another model of the same layers
    assert runs(tmp_path) == {".": [0, 1, 2, 3, 4, 5, 6]}
    assert "another model" not in caplog.text


def test_a_model_loaded_from_a_logged_step_goes_on(tmp_path):
    net = model()
    best = keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras")
    fit(net, watching(tmp_path / "run"), best, epochs=3)
    for epoch in (3, 2):
        fit(keras.models.load_model(tmp_path / f"{epoch}.keras"), watching(tmp_path / "run"))
    assert runs(tmp_path / "run") == {".": [0, 1, 2, 3, 4, 5, 6, 7]}


def test_initial_epoch_always_goes_on(tmp_path):
    fit(model(), watching(tmp_path))
    fit(model(), watching(tmp_path), initial_epoch=2, epochs=3)
    assert runs(tmp_path) == {".": [0, 1, 2, 3]}


class Saving(keras.callbacks.Callback):
    """Saves the model at a batch, and stops there as a killed process does."""

    def __init__(self, path, batch: int) -> None:
        super().__init__()
        self.path, self.left = path, batch

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if not self.left:
            self.model.save(self.path)
            raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("batch", "initial", "wanted"), [(1, 0, [0, 1, 2, 3]), (3, 1, [0, 1, 2, 3])]
)
def test_a_training_that_was_interrupted_within_an_epoch_goes_on(tmp_path, batch, initial, wanted):
    """In the first epoch nothing but its optimizer tells that it has begun; later the user does."""
    path = tmp_path / "within.keras"
    watch = watching(tmp_path / "run")
    with pytest.raises(KeyboardInterrupt):
        fit(model(), watch, Saving(path, batch))
    watch.on_train_end()
    fit(keras.models.load_model(path), watching(tmp_path / "run"), epochs=3, initial_epoch=initial)
    assert runs(tmp_path / "run") == {".": wanted}


def test_a_fresh_model_does_not_go_on_with_a_training_that_was_interrupted(tmp_path):
    watch = watching(tmp_path / "run")
    with pytest.raises(KeyboardInterrupt):
        fit(model(), watch, Saving(tmp_path / "within.keras", 1))
    fit(model(), watch, epochs=1)
    assert runs(tmp_path / "run") == {".": [0], "model_2": [0, 1]}


def test_best_weights_that_were_restored_go_on(tmp_path):
    stop = keras.callbacks.EarlyStopping("loss", mode="max", patience=1, restore_best_weights=True)
    for callbacks in ([stop, watching(tmp_path / "a")], [watching(tmp_path / "b"), stop]):
        net = model()
        fit(net, *callbacks, epochs=9)
        again = keras.models.clone_model(net)
        again.set_weights(net.get_weights())
        directory = next(c.log_dir for c in callbacks if isinstance(c, ConvViz))
        fit(compiled(again), watching(directory), epochs=1)
    assert set(runs(tmp_path)) == {"a", "b"}


def test_a_callback_can_be_pickled_after_a_fit(tmp_path):
    net, watch = model(), watching(tmp_path)
    fit(net, watch)
    other = pickle.loads(pickle.dumps(watch))
    assert other.history == watch.history
    fit(net, other)
    assert runs(tmp_path) == {".": [0, 1, 2, 3, 4]}

"""Which step's weights a training leaves in the model, in either order of the callbacks."""

import keras
import numpy as np
import pytest

from convviz_tb import ConvViz, GradCAM
from convviz_tb.log.ending import behind_others
from support import zoo
from support.events import read_run

IMAGES = np.random.default_rng(0).random((8, *zoo.RGB), np.float32)
LABELS = np.arange(8) % zoo.CLASSES


@pytest.fixture(scope="module")
def model() -> keras.Model:
    made = zoo.sequential()
    made.compile("sgd", "sparse_categorical_crossentropy")
    return made


def watching(directory, **options):
    return ConvViz(directory, patterns=None, heatmaps=GradCAM(IMAGES[:2]), **options)


class Best(keras.callbacks.EarlyStopping):
    """Early stopping for which a given epoch, from 1, was the best."""

    def __init__(self, epoch: int, **options):
        super().__init__("told", mode="min", patience=2, restore_best_weights=True, **options)
        self._best = epoch

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, (logs or {}) | {"told": abs(epoch + 1 - self._best)})


def fit(model, *callbacks, epochs=6, **options):
    return model.fit(IMAGES, LABELS, verbose=0, callbacks=list(callbacks), epochs=epochs, **options)


ORDERS = {"stopping first": lambda a, b: (b, a), "stopping last": lambda a, b: (a, b)}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize(("every", "logged"), [(1, [0, 1, 2, 3, 4]), (4, [0, 4])])
def test_early_stopping_puts_the_best_weights_back_and_that_is_told(
    model, tmp_path, order, every, logged
):
    fit(model, *order(watching(tmp_path, every=every), Best(2)))
    series = read_run(tmp_path)
    assert [event.step for event in series["model"]] == logged
    (end,) = series["end"]
    assert (end.step, end.facts) == (4, {"kept": 2, "stopped": True, "failures": []})


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_a_training_that_ends_with_its_last_weights_says_nothing(model, tmp_path, order):
    saved = tmp_path / "best.weights.h5"
    best = keras.callbacks.ModelCheckpoint(
        saved, "loss", save_best_only=True, save_weights_only=True
    )
    last = keras.callbacks.EarlyStopping("loss", patience=9)
    fit(model, *order(watching(tmp_path), best), last, epochs=2)
    assert saved.exists() and "end" not in read_run(tmp_path)


def test_weights_of_no_step_are_told(tmp_path):
    """A moving average is put in when training ends."""
    model = zoo.sequential()
    average = keras.optimizers.SGD(use_ema=True, ema_momentum=0.5)
    model.compile(average, "sparse_categorical_crossentropy")
    fit(model, watching(tmp_path), epochs=2)
    (end,) = read_run(tmp_path)["end"]
    assert end.facts == {"kept": None, "failures": []}


def test_a_training_that_goes_on_goes_on_from_the_weights_that_were_kept(model, tmp_path):
    watch = watching(tmp_path)
    fit(model, watch, Best(1))
    fit(model, watch, epochs=2)
    fit(model, watching(tmp_path), Best(1))
    series = read_run(tmp_path)
    assert [event.step for event in series["model"]] == list(range(9))
    assert [(event.step, event.facts["kept"]) for event in series["end"]] == [(3, 1), (8, 6)]


def test_a_list_of_callbacks_that_is_used_twice_ends_twice(model, tmp_path):
    """By hand, and with two of ours in one list."""
    first, second = watching(tmp_path / "a"), watching(tmp_path / "b")
    several = keras.callbacks.CallbackList([first, Best(1), second], model=model, epochs=9)
    for _ in range(2):
        model.stop_training = False
        several.on_train_begin()
        for epoch in range(3):
            several.on_epoch_begin(epoch)
            model.train_on_batch(IMAGES, LABELS)
            several.on_epoch_end(epoch)
        several.on_train_end()
    for name in "ab":
        ends = [(event.step, event.facts["kept"]) for event in read_run(tmp_path / name)["end"]]
        assert ends == [(3, 1), (6, 4)]


def test_without_a_list_nothing_is_behind_the_callback():
    assert not behind_others(keras.callbacks.Callback(), lambda: None)

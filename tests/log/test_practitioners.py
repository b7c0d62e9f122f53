"""Models and data as practitioners bring them: with the defaults of the callback all is logged."""

import threading

import keras
import numpy as np
import pytest
from keras import layers

from convviz_tb import ConvViz, FilterPatterns, GradCAM, filter_patterns
from convviz_tb.images import pattern_tiles
from support import zoo
from support.events import read_run

RGB = (24, 24, 3)
FEW = FilterPatterns(filters=2, steps=2)


def pictures(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random((4, *shape), np.float32)


def over_time(steps: int | None = 5) -> keras.Model:
    cnn = [keras.Input(RGB), zoo.conv(name="last"), layers.GlobalAveragePooling2D()]
    each = layers.TimeDistributed(keras.Sequential(cnn, name="cnn"), name="each")
    return keras.Sequential([keras.Input((steps, *RGB)), each, layers.LSTM(4), layers.Dense(2)])


def two_branches() -> keras.Model:
    inputs = [keras.Input((24, 24, 1), name=name) for name in ("before", "after")]
    convs = [zoo.conv(name=f"of_{each.name}")(each) for each in inputs]
    pooled = [layers.GlobalAveragePooling2D()(each) for each in convs]
    return keras.Model(inputs, layers.Dense(2)(layers.Concatenate()(pooled)))


def gray() -> keras.Model:
    body = [layers.Reshape((28, 28, 1)), zoo.conv(name="last"), *zoo.head(2, None)]
    return keras.Sequential([keras.Input((28, 28)), *body])


def volume() -> keras.Model:
    conv = layers.Conv3D(4, 3, activation="relu", name="last")
    end = [layers.GlobalAveragePooling3D(), layers.Dense(2)]
    return keras.Sequential([keras.Input((None, None, None, 1)), conv, *end])


KINDS = {
    "two branches": (two_branches, lambda: [pictures(24, 24, 1), pictures(24, 24, 1)]),
    "without channels": (gray, lambda: pictures(28, 28)),
    "over time": (over_time, lambda: pictures(5, *RGB)),
    "over any time": (lambda: over_time(None), lambda: pictures(5, *RGB)),
    "volumes of any size": (volume, lambda: pictures(6, 12, 20, 1)),
}


@pytest.mark.parametrize(("make", "data"), KINDS.values(), ids=KINDS)
def test_every_layer_is_logged_at_each_step_and_nothing_fails(tmp_path, make, data):
    model, images = make(), data()
    model.compile("sgd", "mse")
    first = keras.tree.map_structure(lambda array: array[:2], images)
    watch = ConvViz(tmp_path, patterns=FEW, heatmaps=GradCAM(first))
    model.fit(images, np.zeros((4, 2)), verbose=0, callbacks=[watch])
    series = read_run(tmp_path)
    assert [event.facts["failures"] for event in series["model"]] == [[], []]
    kinds = [tag.partition("/")[0] for tag in series]
    assert "patterns" in kinds and "heatmaps" in kinds
    assert all(
        [event.step for event in events] == [0, 1] for t, events in series.items() if "/" in t
    )


@pytest.mark.parametrize("layer", ["of_before", "of_after"])
def test_patterns_climb_in_the_input_that_the_layer_sees(layer):
    model = two_branches()
    options = {"filters": "all", "mode": "smooth"}
    before = filter_patterns(model, layer, **options, steps=1, step_size=1e-6)
    after = filter_patterns(model, layer, **options, steps=8)
    assert (after.scores >= before.scores).all() and (after.scores > before.scores).any()


def test_a_pattern_without_channels_is_as_its_input():
    assert filter_patterns(gray(), "last", 2, steps=2, mode="smooth").images.shape == (2, 28, 28, 1)


def test_the_frame_of_a_pattern_is_the_one_that_climbed(tmp_path):
    model, images = over_time(), pictures(5, *RGB)
    model.compile("sgd", "mse")
    options = {"steps": 4, "mode": "smooth"}
    alone = filter_patterns(model, "each/cnn/last:4", [0], value_range=(0, 1), **options).images
    few = FilterPatterns("each/cnn/last:4", filters=[0], image_format="png", **options)
    watch = ConvViz(tmp_path, patterns=few, heatmaps=GradCAM(images[:2]))
    model.fit(images, np.zeros((4, 2)), verbose=0, callbacks=[watch])
    event = read_run(tmp_path)["patterns/each/cnn/last:4"][0]
    shown = np.asarray(event.sheet, float)
    apart = [np.abs(shown - pattern_tiles(alone[:, frame])[0]).mean() for frame in range(5)]
    assert np.argmin(apart) == 4 and event.facts["view"] == "picture"


def test_what_a_layer_cannot_do_costs_that_layer_only(tmp_path):
    """One convolution is over a learned constant: no picture moves it."""

    class Constant(layers.Layer):
        def build(self, shape):
            self.constant = self.add_weight(shape=(1, 8, 8, 3), name="constant")

        def call(self, inputs):
            return keras.ops.repeat(self.constant, keras.ops.shape(inputs)[0], axis=0)

    inputs = keras.Input(RGB)
    left = layers.GlobalAveragePooling2D()(zoo.conv(name="of_picture")(inputs))
    right = layers.GlobalAveragePooling2D()(zoo.conv(name="of_constant")(Constant()(inputs)))
    model = keras.Model(inputs, layers.Dense(2)(layers.Concatenate()([left, right])))
    model.compile("sgd", "mse")
    watch = ConvViz(tmp_path, patterns=FEW)
    model.fit(pictures(*RGB), np.zeros((4, 2)), verbose=0, callbacks=[watch])
    series = read_run(tmp_path)
    assert [event.step for event in series["patterns/of_picture"]] == [0, 1]
    (failure,) = series["model"][0].facts["failures"]
    assert failure["tag"] == "patterns/of_constant"
    assert "does not depend on the pictures" in failure["reason"]


@pytest.mark.parametrize("name", ["with spaces", "lr=[0.1, 0.2]", "Schülerübung", "a%b#c?"])
def test_directories_of_any_name(tmp_path, name):
    model = zoo.sequential()
    model.compile("sgd", "sparse_categorical_crossentropy")
    images = pictures(*zoo.RGB)
    for _ in range(2):
        watch = ConvViz(tmp_path / name, patterns=None, heatmaps=GradCAM(images[:2]))
        model.fit(images, np.zeros(4), verbose=0, callbacks=[watch])
    assert [event.step for event in read_run(tmp_path / name)["model"]] == [0, 1, 2]


@pytest.mark.parametrize(
    "images",
    [
        np.linspace(0, 4095, 4 * 24 * 24).reshape(4, 24, 24, 1).astype("uint16"),
        np.linspace(0, 65535, 4 * 24 * 24).reshape(4, 24, 24, 1).astype("uint16"),
        np.linspace(-1024, 3071, 4 * 24 * 24).reshape(4, 24, 24, 1).astype("int16"),
        np.random.default_rng(0).normal(size=(4, 24, 24, 1)).astype("float32"),
    ],
    ids=["12 bit", "16 bit", "Hounsfield units", "z-scores"],
)
def test_values_of_any_range_are_shown_between_their_extremes_and_that_is_said(
    tmp_path, images, caplog
):
    body = [zoo.conv(name="last"), *zoo.head(2, None)]
    model = keras.Sequential([keras.Input((24, 24, 1)), *body])
    model.compile("sgd", "mse")
    watch = ConvViz(tmp_path, patterns=FEW, heatmaps=GradCAM(images))
    for _ in range(2):
        model.fit(images.astype("float32"), np.zeros((4, 2)), verbose=0, callbacks=[watch])
    wanted = pytest.approx([float(images.min()), float(images.max())])
    series = read_run(tmp_path)
    assert series["inputs"][0].facts["value_range"] == wanted
    assert series["patterns/last"][0].facts["value_range"] == wanted
    assert caplog.text.count("are of no usual range") == 1


def test_probes_alone_tell_the_range(tmp_path):
    images = pictures(*zoo.RGB)
    images.flat[0] = 1.0000002
    model = zoo.sequential()
    model.compile("sgd", "sparse_categorical_crossentropy")
    few = FilterPatterns("last", filters=1, steps=1, probes=images)
    model.fit(images, np.zeros(4), verbose=0, callbacks=[ConvViz(tmp_path, patterns=few)])
    assert read_run(tmp_path)["patterns/last"][0].facts["value_range"] == [0, 1]


def test_a_fit_in_a_thread(tmp_path):
    model = zoo.sequential()
    model.compile("sgd", "sparse_categorical_crossentropy")
    images = pictures(*zoo.RGB)
    watch = ConvViz(tmp_path, patterns=None, heatmaps=GradCAM(images[:2]))
    options = {"verbose": 0, "callbacks": [watch], "epochs": 2}
    thread = threading.Thread(target=model.fit, args=(images, np.zeros(4)), kwargs=options)
    thread.start()
    thread.join()
    assert [event.step for event in read_run(tmp_path)["model"]] == [0, 1, 2]


def test_a_loop_by_hand_with_every_second_epoch(tmp_path):
    model = zoo.sequential()
    model.compile("sgd", "sparse_categorical_crossentropy")
    images = pictures(*zoo.RGB)
    watch = ConvViz(tmp_path, patterns=None, heatmaps=GradCAM(images[:2]), every=2)
    loop = keras.callbacks.CallbackList([watch], model=model, epochs=5)
    loop.on_train_begin()
    for epoch in range(5):
        loop.on_epoch_begin(epoch)
        model.train_on_batch(images, np.zeros(4))
        loop.on_epoch_end(epoch)
    loop.on_train_end()
    assert [event.step for event in read_run(tmp_path)["model"]] == [0, 2, 4, 5]

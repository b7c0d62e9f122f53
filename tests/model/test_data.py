"""Data as Keras users have it: the first few pictures come out, in their order, with labels."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from convviz_tb import ConvViz, FilterPatterns, GradCAM, grad_cam
from convviz_tb.model.data import take
from support import zoo
from support.events import read_run

X = np.random.default_rng(0).random((20, 16, 16, 3), np.float32)
Y = np.arange(20) % 3


def batches(**options) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(**options)


class Sequence(keras.utils.PyDataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        rows = slice(index * 4, index * 4 + 4)
        return X[rows], Y[rows]


def generator():
    while True:
        yield X[:16], Y[:16], np.ones(16)


LABELLED = {
    "batches": lambda: batches(batch_size=3),
    "batches of one size": lambda: batches(batch_size=4, drop_remainder=True),
    "single pictures": lambda: tf.data.Dataset.from_tensor_slices((X, Y)),
    "endless": lambda: batches(batch_size=5).repeat(),
    "PyDataset": lambda: Sequence(),
    "generator": generator,
    "iterator": lambda: iter(batches(batch_size=4)),
}


@pytest.mark.parametrize("make", LABELLED.values(), ids=LABELLED)
def test_the_first_pictures_of_a_data_set_come_with_their_labels(make):
    options = GradCAM(make())
    np.testing.assert_array_equal(options.images, X[:8])
    assert options.true_classes == [[each] for each in Y[:8]]


UNLABELLED = {
    "batches": tf.data.Dataset.from_tensor_slices(X).batch(4),
    "single pictures": tf.data.Dataset.from_tensor_slices(X),
    "list of arrays": list(X[:8]),
    "list of tensors": [tf.constant(each) for each in X[:8]],
    "array": X[:8],
    "tensor": tf.constant(X[:8]),
}


@pytest.mark.parametrize("given", UNLABELLED.values(), ids=UNLABELLED)
def test_data_without_labels_gives_pictures_alone(given):
    options = GradCAM(given)
    np.testing.assert_array_equal(options.images, X[:8])
    assert options.labels is None


def test_a_batch_of_a_generator_is_taken_whole():
    options = GradCAM((X, keras.utils.to_categorical(Y)))
    assert len(options) == 20 and options.true_classes[4] == [1]
    assert len(GradCAM((X, Y)).true_classes) == 20


def test_labels_and_names_of_the_user_win_over_those_of_the_data():
    data = batches(batch_size=4)
    data.class_names = ["a", "b", "c"]
    assert GradCAM(data).names == ("a", "b", "c")
    older = Sequence()  # as `flow_from_directory` of Keras' older generators
    older.class_indices = {"b": 1, "a": 0, "c": 2}
    assert GradCAM(older).names == ("a", "b", "c")
    options = GradCAM(data, labels=[2] * 8, class_names=["x", "y", "z"])
    assert options.names == ("x", "y", "z") and options.true_classes == [[2]] * 8


def test_labels_of_the_data_that_are_no_classes_are_left_alone():
    values = tf.data.Dataset.from_tensor_slices((X, np.linspace(0, 1, 20))).batch(4)
    assert GradCAM(values).labels is None
    with pytest.raises(ValueError, match='"true" needs labels='):
        GradCAM(values, classes="true")


def test_pictures_of_pil_and_files_are_read(tmp_path):
    colours = (X[:2] * 255).astype("uint8")
    pictures = [Image.fromarray(each) for each in colours]
    for i, picture in enumerate(pictures):
        picture.save(tmp_path / f"{i}.png")
    files = [tmp_path / "0.png", str(tmp_path / "1.png")]
    for given in (pictures, files):
        np.testing.assert_array_equal(GradCAM(given).images, colours)
    assert GradCAM(pictures[0].convert("L")).images.shape == (1, 16, 16, 1)
    np.testing.assert_array_equal(GradCAM(files[0]).images, colours[:1])
    with pytest.raises(ValueError, match=r"^images: received '.*2.png', which is no image file"):
        GradCAM([tmp_path / "2.png"])
    with pytest.raises(ValueError, match=r"^images: .*several sizes: \(8, 8, 3\), \(16, 16, 3\)"):
        GradCAM([pictures[0], pictures[1].resize((8, 8))])


def test_several_inputs_are_not_taken_for_pictures_or_labels():
    """Lists and tuples of batches stay what they were: the inputs of a model."""
    numbers = np.random.default_rng(1).random((20, 5), np.float32)
    for given in ([X, numbers], (X, numbers), [X, X], [X[..., :1], X[..., :1]]):
        taken = take("images", given)
        assert len(taken.images) == 2 and taken.labels is None
    signals = [np.zeros((8, 128, 3), np.float32)] * 2  # accelerometer and gyroscope
    assert len(take("images", signals).images) == 2
    both = tf.data.Dataset.from_tensor_slices(({"a": X, "b": numbers}, Y)).batch(4)
    assert set(GradCAM(both).images) == {"a", "b"}


@pytest.mark.parametrize("given", [3, None, "", np.float32(1), [], {}, tf.data.Dataset.range(0)])
def test_what_holds_no_pictures_is_named(given):
    with pytest.raises(ValueError, match=r"^images: received"):
        GradCAM(given)


def test_printed_options_hold_no_arrays():
    options = GradCAM({"a": X, "b": X[:, 0]}, boxes=np.tile([0.0, 0, 1, 1], (20, 1)), labels=Y)
    assert "'a': <float32 (20, 16, 16, 3)>" in repr(options) and len(repr(options)) < 500
    assert "boxes=<float64 (20, 4)>" in repr(options) and "classes='predicted'" in repr(options)


class _Words(keras.layers.Layer):
    """Words as numbers: their lengths."""

    def call(self, words):
        return keras.ops.cast(tf.strings.length(words), "float32")


def with_words_and_category() -> keras.Model:
    picture, words = keras.Input(zoo.RGB), keras.Input((1,), dtype="string")
    category = keras.Input((1,), dtype="int32")
    x = zoo.apply([zoo.conv(name="last"), keras.layers.GlobalAveragePooling2D()], picture)
    known = keras.layers.Flatten()(keras.layers.Embedding(4, 2)(category))
    x = keras.layers.Concatenate()([x, _Words()(words), known])
    return keras.Model([picture, words, category], keras.layers.Dense(3, "softmax")(x))


def test_words_and_categories_beside_pictures(tmp_path):
    model = with_words_and_category()
    words, category = np.array([["cat"], ["horse"]] * 4), np.arange(8)[:, None] % 4
    inputs = [X[:8], words, category]
    maps = grad_cam(model, inputs)["last"]
    probabilities = model.predict([X[:8], tf.constant(words), category], verbose=0)
    np.testing.assert_allclose(maps.probabilities, probabilities.max(axis=1), rtol=1e-4)
    model.compile("sgd", "sparse_categorical_crossentropy")
    watch = ConvViz(tmp_path, heatmaps=GradCAM(inputs), patterns=FilterPatterns(filters=2, steps=1))
    model.fit([X[:8], tf.constant(words), category], Y[:8], verbose=0, callbacks=[watch])
    logged = read_run(tmp_path)
    assert [event.facts["failures"] for event in logged["model"]] == [[], []]
    assert {"patterns/last", "heatmaps/last"} <= set(logged)

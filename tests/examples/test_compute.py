"""Examples of filters: planted truths, pictures of every source, flat memory."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from convviz_tb import Examples
from convviz_tb.examples import PictureSet, Watched, compute_examples, prepare, strongest_responses
from convviz_tb.model import picture_input, survey

SIDE, SQUARE = 48, 5
RED, GREEN = 0, 1


def square_finder() -> keras.Model:
    """Filter 0 of `finder` fires on a red square of 5 pixels, filter 1 on a green one.

    Behind a stride and a padding, so that the place of a position has to be computed.
    """
    inputs = keras.Input((SIDE, SIDE, 3))
    x = layers.Conv2D(2, SQUARE, strides=2, padding="same", activation="relu", name="finder")(
        inputs
    )
    x = layers.MaxPooling2D(3, strides=2, name="pooled")(x)
    x = layers.Dense(2, activation="softmax")(layers.GlobalMaxPooling2D()(x))
    model = keras.Model(inputs, x)
    kernel = np.zeros((SQUARE, SQUARE, 3, 2), np.float32)
    for channel in (RED, GREEN):
        kernel[:, :, channel, channel] = 1
        kernel[:, :, [c for c in range(3) if c != channel], channel] = -1
    threshold = -0.7 * SQUARE**2
    model.get_layer("finder").set_weights([kernel, np.full(2, threshold, np.float32)])
    return model


def scenes(count: int = 40, seed: int = 0) -> tuple[np.ndarray, dict[int, dict[int, tuple]]]:
    """Dim noise; of every fifth picture one holds a red square, of every seventh a green one.

    Also says where: by colour and picture the first row and column of the square.
    """
    random = np.random.default_rng(seed)
    pictures = random.random((count, SIDE, SIDE, 3), dtype=np.float32) * 0.3
    places: dict[int, dict[int, tuple]] = {RED: {}, GREEN: {}}
    for colour, every in ((RED, 5), (GREEN, 7)):
        for number in range(every - 1, count, every):
            # Where a window of stride 2 fits it; the two colours in different halves.
            row, column = random.integers(0, 10, 2) * 2 + 1
            column += 24 * colour
            pictures[number, row : row + SQUARE, column : column + SQUARE] = np.eye(3)[colour]
            places[colour][number] = (int(row), int(column))
    return pictures, places


def found(model, images, layer="finder", filters=(0, 1), **options):
    source = PictureSet(model, Examples(images, **options))
    (tap,) = (tap for tap in survey(model, picture_input(model, None).spec) if tap.path == layer)
    search = prepare(model, [Watched(tap, np.array(filters))], source)
    return compute_examples(search)


@pytest.mark.parametrize("layer", ["finder", "pooled"])
def test_a_filter_of_one_colour_square_finds_exactly_the_pictures_that_hold_it(layer):
    pictures, places = scenes()
    examples = found(square_finder(), pictures, layer, per_filter=20).layers[layer]
    for colour in (RED, GREEN):
        numbers = [int(n) for n in examples.pictures[colour] if n >= 0]
        assert sorted(numbers) == sorted(places[colour])


@pytest.mark.parametrize("layer", ["finder", "pooled"])
def test_and_finds_them_where_they_are(layer):
    """The middle of the rectangle is within a pixel (of a pool: its reach) of the square's."""
    pictures, places = scenes()
    examples = found(square_finder(), pictures, layer, per_filter=20).layers[layer]
    tolerance = 1 if layer == "finder" else 1 + 2 * 1  # the pool adds one position on each side
    for colour in (RED, GREEN):
        rows = zip(examples.pictures[colour], examples.positions[colour], strict=True)
        for number, position in ((int(n), p) for n, p in rows if n >= 0):
            seen = examples.field.rectangle(position)
            middles = [(first + last) / 2 for first, last in seen]
            truth = [corner + (SQUARE - 1) / 2 for corner in places[colour][number]]
            assert np.abs(np.subtract(middles, truth)).max() <= tolerance


def test_examples_are_one_per_picture_and_the_strongest_first():
    random = np.random.default_rng(0)
    pictures = random.random((30, SIDE, SIDE, 3), dtype=np.float32)
    model = square_finder()
    model.get_layer("finder").set_weights(
        [random.normal(size=(5, 5, 3, 2)).astype("float32"), np.zeros(2)]
    )
    examples = found(model, pictures, batch=7).layers["finder"]
    feature_maps = keras.Model(model.input, model.get_layer("finder").output).predict(
        pictures, verbose=0
    )
    largest = feature_maps.max(axis=(1, 2)).T
    order = np.argsort(-largest, axis=1)[:, :5]
    assert examples.pictures.tolist() == order.tolist()
    assert np.allclose(examples.activations, np.take_along_axis(largest, order, 1), rtol=1e-4)
    for f in range(2):
        for number, (row, column) in zip(examples.pictures[f], examples.positions[f], strict=True):
            assert feature_maps[number, row, column, f] == largest[f, number]


def test_a_data_set_gives_what_its_array_gives_also_where_it_is_shuffled():
    pictures, _ = scenes()
    model = square_finder()
    of_array = found(model, pictures)
    labels = np.arange(len(pictures)) % 3
    batched = tf.data.Dataset.from_tensor_slices((pictures, labels))
    for dataset in (batched.batch(6), batched, batched.batch(6).map(lambda x, y: x)):
        of_dataset = found(model, dataset)
        for name in ("pictures", "activations", "positions"):
            ours, theirs = (getattr(each.layers["finder"], name) for each in (of_array, of_dataset))
            assert np.allclose(ours, theirs, rtol=1e-5)
    shuffled = batched.shuffle(100, seed=1, reshuffle_each_iteration=True).batch(6)
    source = PictureSet(model, Examples(shuffled))
    tap = survey(model, picture_input(model, None).spec)[1]
    search = prepare(model, [Watched(tap, np.arange(2))], source)
    first, second = (compute_examples(search) for _ in range(2))
    known = {number: tile.tobytes() for number, tile in first.pictures.items()}
    assert {number: tile.tobytes() for number, tile in second.pictures.items()} == known
    assert second.labels == first.labels


def test_a_ceiling_does_not_make_pictures_equal():
    """At the ceiling of a ReLU6 the first pictures would win."""
    inputs = keras.Input((8, 8, 1))
    x = layers.ReLU(max_value=6, name="capped")(layers.Conv2D(1, 1, name="conv")(inputs))
    model = keras.Model(inputs, layers.GlobalAveragePooling2D()(x))
    model.get_layer("conv").set_weights([np.ones((1, 1, 1, 1)), np.zeros(1)])
    pictures = np.zeros((9, 8, 8, 1), np.float32)
    pictures[:, 3, 4, 0] = 10.0 + np.arange(9)
    examples = found(model, pictures, "capped", (0,)).layers["capped"]
    assert examples.pictures.tolist() == [[8, 7, 6, 5, 4]]
    assert examples.positions[0, 0].tolist() == [3, 4]


def test_only_the_pictures_among_the_examples_are_kept():
    pictures, _ = scenes(200)
    step = found(square_finder(), pictures, labels=np.arange(200) % 4)
    wanted = {int(n) for n in step.layers["finder"].pictures.ravel()}
    assert set(step.pictures) == wanted
    assert step.count == 200
    assert all(step.labels[number] == number % 4 for number in wanted)
    for number, tile in step.pictures.items():
        assert np.abs(tile / 255 - pictures[number]).max() < 0.01


def test_a_filter_that_nothing_excites_has_no_example():
    step = found(square_finder(), np.zeros((4, SIDE, SIDE, 3), np.float32))
    examples = step.layers["finder"]
    assert (examples.pictures == -1).all()
    assert (examples.activations == 0).all()
    assert step.pictures == {}


def test_units_of_a_dense_layer_see_the_whole_picture():
    model = square_finder()
    pictures, _ = scenes()
    source = PictureSet(model, Examples(pictures))
    tap = survey(model, picture_input(model, None).spec, units=True)[-1]
    examples = compute_examples(prepare(model, [Watched(tap, np.arange(2))], source))
    (layer,) = examples.layers.values()
    assert layer.field.rectangle(layer.positions[0, 0]) == [(0, SIDE - 1), (0, SIDE - 1)]


def test_directions_are_sums_of_channels():
    pictures, places = scenes()
    both = found(square_finder(), pictures, filters=np.array([[1.0, 1.0]]), per_filter=20)
    numbers = {int(n) for n in both.layers["finder"].pictures[0]} - {-1}
    assert numbers == set(places[RED]) | set(places[GREEN])


def test_strongest_responses_are_of_all_filters():
    pictures, places = scenes()
    model = square_finder()
    taps = survey(model, picture_input(model, None).spec)
    (tap,) = (tap for tap in taps if tap.path == "finder")
    source = PictureSet(model, Examples(pictures, per_filter=10))
    responses = strongest_responses(model, [tap], source, 256)["finder"]
    peak = 0.3 * SQUARE**2
    expected = [peak * len(places[colour]) / 10 for colour in (RED, GREEN)]
    assert np.allclose(responses, expected, rtol=0.01)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"per_filter": 0}, r"per_filter: received 0; a number from 1 to 50"),
        ({"batch": "many"}, r"batch: received 'many'"),
        ({"labels": [0, 1]}, r"labels: received 2 for 4 images"),
        ({"images": np.zeros((0, 8, 8, 3))}, r"images: received no pictures"),
        ({"channels": (0, 1)}, r"channels: received \(0, 1\)"),
    ],
)
def test_a_bad_argument_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        Examples(**({"images": np.zeros((4, 8, 8, 3), np.float32)} | arguments))


def test_a_data_set_that_never_ends_or_brings_its_labels_is_told():
    dataset = tf.data.Dataset.from_tensor_slices(np.zeros((4, 8, 8, 3)))
    with pytest.raises(ValueError, match=r"never ends. Take some of it"):
        Examples(dataset.repeat())
    with pytest.raises(ValueError, match=r"labels: leave them out for a data set"):
        Examples(dataset, labels=[0, 1, 0, 1])


def test_pictures_that_do_not_fit_the_model_are_told():
    with pytest.raises(ValueError, match=r"images: received shape"):
        PictureSet(square_finder(), Examples(np.zeros((4, 8, 8, 3), np.float32)))


class Batches(keras.utils.PyDataset):
    """Scenes in batches of 8, with a class each."""

    def __init__(self) -> None:
        super().__init__()
        self.class_indices = {"red": 1, "other": 0}

    def __len__(self) -> int:
        return 5

    def __getitem__(self, index):
        pictures, places = scenes()
        part = range(8 * index, 8 * index + 8)
        return pictures[part], np.array([number in places[RED] for number in part], int)


def test_a_pydataset_gives_its_pictures_labels_and_names():
    options = Examples(Batches())
    pictures, places = scenes()
    assert np.array_equal(options.images, pictures)
    assert np.flatnonzero(options.labels).tolist() == sorted(places[RED])
    assert options.class_names == ("other", "red")


def test_of_a_pair_the_labels_are_taken_unless_they_are_measurements():
    pictures, _ = scenes(4)
    assert Examples((pictures, np.array([0, 1, 1, 0]))).labels.tolist() == [0, 1, 1, 0]
    assert Examples((pictures, np.array([0.5, 1.0, 1.2, 0.0]))).labels is None

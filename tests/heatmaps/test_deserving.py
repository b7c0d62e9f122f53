"""Pictures that deserve a heatmap: mistakes first, chosen once the network knows something."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from convviz_tb import ConvViz, FilterPatterns, GradCAM
from convviz_tb.heatmaps import deserving
from support.events import read_run


def probabilities(*rows: tuple[float, float, float]) -> np.ndarray:
    return np.array(rows, np.float32)


SURE, WRONG_SURE, WRONG, UNSURE, RIGHT = range(5)
GIVEN = probabilities(
    (0.99, 0.01, 0.0), (0.01, 0.98, 0.01), (0.7, 0.2, 0.1), (0.4, 0.39, 0.21), (0.1, 0.8, 0.1)
)
LABELS = np.array([0, 0, 1, 0, 1])


def groups(chosen) -> dict[int, str]:
    return {each.number: each.group for each in chosen}


def test_confident_mistakes_come_first_and_each_picture_once():
    chosen = deserving.worst(GIVEN, LABELS, None, 5)
    assert [each.number for each in chosen][:2] == [WRONG_SURE, WRONG]
    assert groups(chosen) == {
        WRONG_SURE: "wrong and sure",
        WRONG: "wrong and sure",
        UNSURE: "least sure",
        SURE: "typical",
        RIGHT: "typical",
    }


def test_those_that_changed_their_mind_are_among_them():
    before = np.array([0, 1, 0, 0, 2])
    assert groups(deserving.worst(GIVEN, LABELS, before, 6))[RIGHT] == "changed its mind"


def test_those_that_change_later_are_few_and_not_shown_yet():
    before = np.array([0, 1, 0, 1, 2])  # the last two have changed since
    shown = [deserving.Chosen(UNSURE, "typical")]
    (later,) = deserving.flipped_later(GIVEN, before, shown, 7, 4)
    assert later == deserving.Chosen(RIGHT, "changed its mind", 7)
    assert deserving.flipped_later(GIVEN, before, [], 7, 1) == [later], "the most sure one first"
    assert deserving.flipped_later(GIVEN, before, [], 7, 0) == []
    assert deserving.flipped_later(GIVEN, None, [], 7, 4) == []


@pytest.mark.parametrize("count", range(1, 30))
def test_never_more_than_asked_for(count):
    random = np.random.default_rng(count)
    given = random.dirichlet(np.ones(4), 50)
    labels, before = random.integers(0, 4, (2, 50))
    chosen = deserving.worst(given, labels, before, count)
    assert 1 <= len(chosen) <= count
    assert len(groups(chosen)) == len(chosen)


def test_chance_is_the_most_frequent_class():
    labels = np.repeat([0, 1], [90, 10])
    always_zero = probabilities(*[(0.9, 0.1, 0.0)] * 100)
    assert not deserving.is_better_than_chance(always_zero, labels)
    assert deserving.is_better_than_chance(np.eye(3)[labels], labels)


def test_a_confusion_matrix_has_the_classes_that_are_confused_most():
    labels = np.arange(300) % 30
    predicted = np.where(labels == 7, 8, labels)
    matrix = deserving.confusion(np.eye(30)[predicted], labels)
    assert len(matrix.classes) == 20 and {7, 8} <= set(matrix.classes)
    seven, eight = matrix.classes.index(7), matrix.classes.index(8)
    assert matrix.counts[seven][eight] == 10 and matrix.counts[seven][seven] == 0
    assert (matrix.pictures, matrix.accuracy) == (300, pytest.approx(29 / 30))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"choose": "best"}, r"choose: received 'best'"),
        ({"choose": "worst"}, r'choose: "worst" needs labels='),
        ({"choose": "worst", "labels": [0, 1], "shown": 0}, r"shown: received 0"),
    ],
)
def test_a_bad_argument_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        GradCAM(np.zeros((2, 8, 8, 3), np.float32), **arguments)


@pytest.mark.parametrize("named", [False, True])
def test_boxes_and_labels_go_with_their_pictures(named):
    images = np.arange(5, dtype=np.float32).reshape(5, 1, 1, 1) * np.ones((5, 4, 4, 3), np.float32)
    boxes = np.tile([0.0, 0.0, 1.0, 1.0], (5, 1)) * np.arange(1, 6)[:, None] / 5
    given = {"object": boxes} if named else boxes
    some = GradCAM(images, labels=[0, 1, 2, 3, 4], boxes=given, choose="worst").only(
        np.array([3, 1])
    )
    assert some.images[:, 0, 0, 0].tolist() == [3, 1] and some.labels.tolist() == [3, 1]
    kept = some.boxes["object"] if named else some.boxes
    assert kept.tolist() == boxes[[3, 1]].tolist()
    assert some.choose is None


def halves(count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Noise, brighter on the left of class 0; a tenth of the labels are wrong."""
    random = np.random.default_rng(0)
    images = random.random((count, 16, 16, 3), dtype=np.float32) * 0.5
    labels = np.arange(count) % 2
    images[labels == 0, :, :8] += 0.5
    images[labels == 1, :, :, 0] += 0.5
    wrong = labels.copy()
    wrong[::10] = 1 - wrong[::10]
    return images, wrong


def net() -> keras.Model:
    keras.utils.set_random_seed(3)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Conv2D(8, 3, activation="relu", name="conv"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.03), "sparse_categorical_crossentropy")
    return model


def test_heatmaps_are_of_the_pictures_that_deserve_one_and_stay_the_same(tmp_path):
    images, labels = halves()
    model = net()
    patterns = FilterPatterns(["conv"], 2, steps=1)

    def convviz():
        heatmaps = GradCAM(images, ["conv"], labels=labels, choose="worst", shown=6)
        return ConvViz(tmp_path, patterns=patterns, heatmaps=heatmaps)

    model.fit(images, labels, epochs=6, verbose=0, callbacks=[convviz()])
    run = read_run(tmp_path)
    inputs = run["inputs"]
    assert inputs[0].step == 0
    first = [tile["number"] for tile in inputs[1].facts["tiles"]]
    for event in inputs[2:]:  # later ones are added at the end
        assert [tile["number"] for tile in event.facts["tiles"]][: len(first)] == first
        assert all(tile["since"] <= event.step for tile in event.facts["tiles"][len(first) :])
    chosen = {tile["number"]: tile["group"] for tile in inputs[-1].facts["tiles"]}
    assert 1 <= len(first) <= 6 and len(chosen) <= len(first) + 4
    assert {chosen[number] for number in chosen if number not in first} <= {"changed its mind"}
    mistakes = {number for number, group in chosen.items() if group == "wrong and sure"}
    assert mistakes <= set(range(0, 60, 10)) and mistakes
    maps = run["heatmaps/conv"][-1].facts["tiles"]
    assert [tile["image"] for tile in maps] == list(range(len(chosen)))
    for event in run["model"]:
        confusion = event.facts["confusion"]
        assert np.sum(confusion["counts"]) == confusion["pictures"] == 60
    # Another process, which has only the directory, shows the same ones.
    model.fit(images, labels, initial_epoch=6, epochs=7, verbose=0, callbacks=[convviz()])
    again = read_run(tmp_path)["inputs"][-1].facts["tiles"]
    assert [tile["number"] for tile in again][: len(chosen)] == [*chosen]
    assert len(again) <= len(first) + 4


def test_pictures_that_are_added_later_change_nothing_for_the_others(tmp_path):
    """Their maps are compared with the step of the choice, as they would be without."""
    images, labels = halves()
    model = net()

    class Flip(keras.callbacks.Callback):
        """Swaps the classes after the third epoch: every prediction changes."""

        def on_epoch_end(self, epoch, logs=None):
            if epoch == 3:
                dense = self.model.layers[-1]
                dense.set_weights([each[..., ::-1] for each in dense.get_weights()])

    heatmaps = GradCAM(images, ["conv"], labels=labels, choose="worst", shown=6)
    convviz = ConvViz(tmp_path, patterns=FilterPatterns(["conv"], 2, steps=1), heatmaps=heatmaps)
    model.fit(images, labels, epochs=5, verbose=0, callbacks=[Flip(), convviz])
    run = read_run(tmp_path)
    added = [event for event in run["inputs"] if "since" in event.facts["tiles"][-1]]
    assert [event.step for event in added][-1] >= 4
    assert sum("since" in tile for tile in added[-1].facts["tiles"]) == 4
    first = sum("since" not in tile for tile in added[-1].facts["tiles"])
    choice = next(event.step for event in run["inputs"] if event.step > 0)
    last = run["heatmaps/conv"][-1].facts
    assert last["baseline_step"] == choice
    assert len(last["tiles"]) == first + 4


def test_of_a_data_set_as_many_are_read_as_can_be_chosen_from():
    pictures, labels = np.zeros((100, 8, 8, 3), np.float32), np.arange(100) % 3
    pictures += np.arange(100).reshape(-1, 1, 1, 1)
    data = tf.data.Dataset.from_tensor_slices((pictures, labels)).batch(16)
    chosen_from = GradCAM(data, choose="worst")
    assert np.array_equal(chosen_from.images, pictures)
    assert chosen_from.single_classes == labels.tolist()
    assert len(GradCAM(data)) == 8


def test_pictures_with_several_classes_cannot_be_judged():
    several = np.array([[1, 1, 0], [0, 1, 0]])
    with pytest.raises(ValueError, match="one class for each image"):
        GradCAM(np.zeros((2, 8, 8, 3)), labels=several, choose="worst")

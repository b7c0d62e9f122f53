"""What a heatmap explains: logits of any head, probabilities, masks, functions of the outputs."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from convviz_tb import Heatmaps, grad_cam
from convviz_tb.heatmaps.targets import NO_CLASS, PREDICTED, asks_for_one, class_query
from support import zoo

SOFTMAX_HEADS = [
    zoo.sequential,
    zoo.subclassed,
    zoo.softmax_layer,
    zoo.lambda_softmax,
    zoo.nested_head,
    zoo.wholly_float16,
    zoo.mixed_bfloat16,
]


def made(kind) -> keras.Model:
    keras.utils.set_random_seed(3)
    return kind()


def with_head(*head: layers.Layer) -> keras.Model:
    keras.utils.set_random_seed(3)
    return keras.Sequential([keras.Input(zoo.RGB), zoo.conv(name="last"), *head])


def only(model: keras.Model, images, classes="predicted", **options) -> Heatmaps:
    (found,) = grad_cam(model, images, classes=classes, **options).values()
    return found


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return zoo.inputs_of(zoo.sequential(), 3)


@pytest.fixture(scope="module")
def linear() -> keras.Model:
    return made(zoo.linear_head)


@pytest.fixture(scope="module")
def two_headed() -> keras.Model:
    return made(zoo.two_outputs)


@pytest.mark.parametrize("kind", SOFTMAX_HEADS, ids=lambda kind: kind.__name__)
def test_a_softmax_is_explained_on_its_logits_however_it_was_written(kind, images):
    model = made(kind)
    found = only(model, images, "top3")
    assert found.objective == "logit"
    softmax = np.exp(found.scores - found.scores.max(axis=1, keepdims=True))
    softmax /= softmax.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.probabilities, softmax, atol=0.01)
    ranked = np.sort(model.predict(images, verbose=0), axis=1)[:, ::-1]
    np.testing.assert_allclose(found.probabilities, ranked, atol=0.01)


@pytest.mark.parametrize("head", ["softmax", "layer", "lambda"])
def test_maps_of_a_softmax_head_are_those_of_the_linear_head(head, linear, images):
    kinds = {"softmax": None, "layer": zoo.softmax_layer, "lambda": zoo.lambda_softmax}
    build = kinds[head] or (lambda: with_head(*zoo.head()))
    model = build()
    model.set_weights(linear.get_weights())
    for classes in range(zoo.CLASSES):
        found, wanted = only(model, images, classes), only(linear, images, classes)
        np.testing.assert_allclose(found.maps, wanted.maps, rtol=1e-6)
        np.testing.assert_allclose(found.scores, wanted.scores, rtol=1e-6)
    assert (only(model, images).objective, only(linear, images).objective) == ("logit", "output")


def test_the_users_model_keeps_its_softmax(images):
    model = made(zoo.sequential)
    config, before = model.get_config(), model.predict(images, verbose=0)
    only(model, images)
    np.testing.assert_array_equal(model.predict(images, verbose=0), before)
    assert model.get_config() == config


def test_score_probability_explains_the_softmax_itself(linear, images):
    model = with_head(*zoo.head())
    model.set_weights(linear.get_weights())
    found = only(model, images, 1, score="probability")
    wanted = only(linear, images, score=lambda y: tf.nn.softmax(y)[:, 1])
    np.testing.assert_allclose(found.maps, wanted.maps, rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(found.scores, found.probabilities)
    assert found.objective == "probability"


def test_score_probability_needs_a_softmax_or_sigmoid(linear, images):
    with pytest.raises(ValueError, match='score: "probability" needs'):
        only(linear, images, score="probability")


def test_linear_outputs_have_scores_and_no_probabilities(linear, images):
    found = only(linear, images)
    best = linear.predict(images, verbose=0).max(axis=1)
    np.testing.assert_allclose(found.scores, best, rtol=1e-5)
    assert np.isnan(found.probabilities).all()


def test_a_single_sigmoid_stands_for_two_classes(images):
    model = made(zoo.sigmoid_head)
    model.layers[-1].kernel.assign(model.layers[-1].kernel / 50)  # not so sure of itself
    probability = model.predict(images, verbose=0)[:, 0]
    logit = np.log(probability / (1 - probability))
    for_, against = only(model, images, 1), only(model, images, 0)
    np.testing.assert_allclose(for_.scores, logit, rtol=1e-3)
    np.testing.assert_allclose(against.scores, -logit, rtol=1e-3)
    np.testing.assert_allclose(against.probabilities, 1 - probability, atol=1e-6)
    np.testing.assert_array_equal(for_.predicted, (probability > 0.5).astype(int))
    both = only(model, images, [[0, 1]] * 3)
    np.testing.assert_array_equal(both.maps[:, 0], against.maps)
    np.testing.assert_array_equal(both.maps[:, 1], for_.maps)
    assert not (both.maps[:, 0] * both.maps[:, 1]).any()


def test_each_label_of_several_is_explained_on_its_own_logit(images):
    model = made(zoo.multi_label)
    found = only(model, images, [[0, 1, 2, 3]] * 3)
    probabilities = model.predict(images, verbose=0)
    np.testing.assert_allclose(found.probabilities, probabilities, atol=1e-6)
    np.testing.assert_allclose(1 / (1 + np.exp(-found.scores)), probabilities, atol=1e-5)


def test_a_regression_is_explained_upwards_and_downwards(images):
    model = made(zoo.regression)
    value = model.predict(images, verbose=0)[:, 0]
    up, down = only(model, images, 1), only(model, images, 0)
    np.testing.assert_allclose(up.scores, value, rtol=1e-4)
    np.testing.assert_allclose(down.scores, -value, rtol=1e-4)
    assert up.objective == "output"


def test_a_segmentation_class_is_explained_over_the_mask(images):
    model = made(zoo.segmentation)
    logits = _logits_of_segmentation(model, images)
    mask = np.zeros(images.shape[:3], bool)
    mask[:, 2:6, 3:9] = True
    masked = only(model, images, 2, mask=mask)
    np.testing.assert_allclose(
        masked.scores, (logits[..., 2] * mask).sum(axis=(1, 2)), rtol=1e-3, atol=1e-3
    )
    whole = only(model, images, 2)
    np.testing.assert_allclose(whole.scores, logits[..., 2].sum(axis=(1, 2)), rtol=1e-3)
    assert not np.allclose(masked.maps, whole.maps)


def _logits_of_segmentation(model, images):
    *front, classes = model.layers
    x = images
    for layer in front:
        x = layer(x)
    return keras.ops.conv(x, classes.kernel, padding="same").numpy() + classes.bias.numpy()


def test_segmentation_with_channels_first_scores_its_classes(images):
    model = made(zoo.segmentation_channels_first)
    found = only(model, np.moveaxis(images, -1, 1), [[0, 1, 2]] * 3, layers="last")
    x = np.moveaxis(images, -1, 1)
    for layer in model.layers[:-1]:
        x = layer(x)
    np.testing.assert_allclose(found.scores, x.numpy().sum(axis=(2, 3)), rtol=1e-3, atol=0.1)
    probabilities = model.predict(np.moveaxis(images, -1, 1), verbose=0).mean(axis=(2, 3))
    np.testing.assert_allclose(found.probabilities, probabilities, atol=1e-5)
    assert found.objective == "logit"


def test_a_mask_wants_an_output_with_positions(linear, images):
    with pytest.raises(ValueError, match=r"mask: the output has shape \(None, 3\)"):
        only(linear, images, mask=np.ones(images.shape[:3], bool))


def test_any_function_of_the_outputs_is_a_score(two_headed, images):
    difference = only(two_headed, images, score=lambda outputs: outputs[0][:, 0] - outputs[1][:, 0])
    kind, weight = two_headed.predict(images, verbose=0)
    np.testing.assert_allclose(difference.scores, kind[:, 0] - weight[:, 0], rtol=1e-4)
    assert difference.objective == "custom"


def test_a_score_function_must_give_one_number_per_picture(linear, images):
    with pytest.raises(ValueError, match=r"score: the function returned shape \(None, 3\)"):
        only(linear, images, score=lambda outputs: outputs)


@pytest.mark.parametrize(("name", "index"), [("kind", 0), ("weight", 1)])
@pytest.mark.parametrize("kind", [zoo.two_outputs, zoo.outputs_by_name], ids=["list", "dict"])
def test_an_output_is_chosen_by_name_or_index(kind, name, index, images):
    model = made(kind)
    by_name, by_index = (only(model, images, 1, output=each) for each in (name, index))
    np.testing.assert_array_equal(by_name.maps, by_index.maps)
    np.testing.assert_array_equal(by_name.scores, by_index.scores)
    assert by_name.objective == ("logit" if name == "kind" else "output")


def test_without_a_choice_several_outputs_are_named(two_headed, images):
    with pytest.raises(ValueError, match=r"output: .* several outputs; .*'kind', 'weight'"):
        only(two_headed, images)


@pytest.mark.parametrize("wrong", ["kinds", 2, -1])
def test_an_unknown_output_is_refused(wrong, two_headed, images):
    with pytest.raises(ValueError, match=f"output: received {wrong!r}; choose one of"):
        only(two_headed, images, output=wrong)


class TwoOutputs(keras.Model):
    """Subclassed: its outputs have no names."""

    def __init__(self):
        super().__init__()
        self.last, self.pool = zoo.conv(name="last"), layers.GlobalAveragePooling2D()
        self.a, self.b = layers.Dense(3), layers.Dense(2, "softmax")

    def call(self, inputs):
        x = self.pool(self.last(inputs))
        return self.a(x), self.b(x)


def test_outputs_without_names_are_chosen_by_index(images):
    model = TwoOutputs()
    model(images)
    assert only(model, images, output=1).objective == "logit"
    with pytest.raises(ValueError, match=r"choose one of \[0, 1\]"):
        only(model, images)


def test_outputs_without_an_axis_of_classes_are_refused(images):
    flat = keras.Sequential([*zoo.sigmoid_head().layers, layers.Reshape(())])
    flat(images)
    with pytest.raises(ValueError, match=r"output: shape \(None,\) has no axis of classes"):
        only(flat, images)


def test_predicted_classes_are_those_of_the_model(linear, images):
    found = only(linear, images)
    np.testing.assert_array_equal(found.classes, linear.predict(images, verbose=0).argmax(axis=1))


def test_true_classes_come_from_the_labels(linear, images):
    labels = [2, 0, 1]
    np.testing.assert_array_equal(only(linear, images, "true", labels=labels).classes, labels)
    one_hot = np.eye(3)[labels]
    np.testing.assert_array_equal(only(linear, images, "true", labels=one_hot).classes, labels)


def test_several_classes_and_layers_in_one_pass_equal_one_by_one(images):
    model = made(zoo.sequential)
    classes = [[0, 2], [1, 0], [2, 1]]
    together = grad_cam(model, images, ["first", "last"], classes)
    for layer in ("first", "last"):
        assert together[layer].maps.shape[:2] == (3, 2)
        for rank in range(2):
            alone = grad_cam(model, images, layer, np.asarray(classes)[:, rank])[layer]
            np.testing.assert_allclose(together[layer].maps[:, rank], alone.maps, rtol=1e-5)


def test_a_class_that_the_model_lacks_is_refused(linear, images):
    with pytest.raises(ValueError, match="classes: received 3; the model has 3 classes, 0 to 2"):
        only(linear, images, 3)


@pytest.mark.parametrize("wrong", ["best", "top0", -1, 1.5, [], [[[0]]], None])
def test_classes_in_no_known_form_are_refused(wrong):
    with pytest.raises(ValueError, match="classes: received"):
        class_query(wrong, None, 1)


def test_classes_for_another_number_of_images_are_refused():
    with pytest.raises(ValueError, match="classes: received 2 for 3 images"):
        class_query([0, 1], None, 3)


def test_true_classes_without_labels_are_refused():
    with pytest.raises(ValueError, match='"true" needs labels='):
        class_query("true", None, 3)


@pytest.mark.parametrize(
    ("classes", "query"),
    [
        ("predicted", [[PREDICTED], [PREDICTED]]),
        ("top2", [[PREDICTED] * 2] * 2),
        ("true", [[5], [6]]),
        (4, [[4], [4]]),
        ([1, 2], [[1], [2]]),
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]]),
    ],
)
def test_every_form_of_classes_becomes_one_table(classes, query):
    np.testing.assert_array_equal(class_query(classes, [[5], [6]], 2), query)


@pytest.mark.parametrize(
    ("classes", "one"), [("predicted", True), ("top1", False), (3, True), ([[1], [2]], False)]
)
def test_only_a_table_or_a_top_keeps_the_axis_of_classes(classes, one):
    assert asks_for_one(classes, None) is one


def test_true_classes_of_several_labels_fill_their_rows_with_none():
    query = class_query("true", [[2, 0], [], [1]], 3)
    np.testing.assert_array_equal(query, [[2, 0], [NO_CLASS] * 2, [1, NO_CLASS]])
    assert not asks_for_one("true", [[2, 0], []]) and asks_for_one("true", [[2], []])
    with pytest.raises(ValueError, match="labels= name no class of any image"):
        class_query("true", [[], []], 2)

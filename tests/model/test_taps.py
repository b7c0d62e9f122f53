"""Every layer of any model is found and read, and nothing of that stays on the model."""

import gc
import weakref

import keras
import numpy as np
import pytest

from convviz_tb import filter_patterns, grad_cam
from convviz_tb.model import select, taps
from convviz_tb.model.inputs import picture_input
from support import zoo


def survey(model: keras.Model) -> list[taps.Tap]:
    return taps.survey(model, picture_input(model, None).spec)


@pytest.fixture(scope="module")
def nested() -> keras.Model:
    return zoo.nested_twice()


@pytest.fixture(scope="module")
def shared() -> keras.Model:
    return zoo.shared()


def test_every_layer_with_positions_is_found_in_the_order_of_execution(nested):
    pool = nested.layers[0].layers[1].name
    assert [tap.path for tap in survey(nested)] == [
        "middle/base/first",
        "middle/base/last",
        "middle/base",
        f"middle/{pool}",
        "middle",
    ]


def test_a_tap_tells_shape_filters_and_class(nested):
    tap = survey(nested)[1]
    assert (tap.shape, tap.filters, tap.class_name) == ((16, 16, 6), 6, "Conv2D")
    assert tap.is_convolution


def test_a_shared_layer_has_a_tap_for_each_call(shared):
    found = [tap for tap in survey(shared) if tap.is_convolution]
    assert [(tap.path, tap.call) for tap in found] == [("twice:0", 0), ("twice:1", 1)]


def test_the_calls_of_a_shared_layer_differ(shared):
    images = zoo.inputs_of(shared, 1)
    maps = grad_cam(shared, images, ["twice:0", "twice:1"], classes=0)
    assert not np.allclose(maps["twice:0"].maps, maps["twice:1"].maps)


def test_a_model_that_draws_from_a_new_source_of_random_numbers_is_surveyed_once():
    model = zoo.stateful()
    keras.utils.set_random_seed(1)  # the source is made at its next use: within the survey
    assert [tap.path for tap in survey(model) if tap.is_convolution] == ["last"]


def test_a_layer_that_is_not_called_again_is_named_in_the_error(nested):
    (tap,) = select.select_taps(survey(nested), "last")
    with pytest.raises(ValueError, match="'middle/base/last' is not part of the model any more"):
        taps.outputs_of([], [tap])


class Broken(keras.layers.Layer):
    def call(self, inputs):
        raise RuntimeError("broken")


def test_nothing_of_the_tap_stays_on_a_layer(nested):
    before = [dict(vars(layer)) for layer in nested._flatten_layers()]
    grad_cam(nested, zoo.inputs_of(nested, 1))
    filter_patterns(nested, "last", [0], steps=1)
    for layer, attributes in zip(nested._flatten_layers(), before, strict=True):
        assert vars(layer).keys() == attributes.keys()
        assert vars(layer).get("call") is attributes.get("call")


def test_the_tap_is_gone_when_the_model_fails():
    layer = Broken()
    with pytest.raises(RuntimeError), taps.recording([layer]):
        layer.call(None)
    assert "call" not in vars(layer)


def test_a_call_that_somebody_else_put_on_a_layer_is_put_back():
    layer = zoo.conv()
    original = layer.__dict__["call"] = lambda inputs: inputs
    with taps.recording([layer]) as calls:
        layer.call("picture")
    assert vars(layer)["call"] is original
    assert calls == [(layer, 0, "picture")]


def test_recording_leaves_seeds_counters_and_losses_alone():
    model = zoo.stateful()
    generator = keras.src.random.seed_generator.global_seed_generator().state
    variables = [*model.variables, generator]
    before = [variable.numpy() for variable in variables]
    grad_cam(model, zoo.inputs_of(model, 1))
    filter_patterns(model, "last", [0], steps=2)
    for variable, value in zip(variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value, variable.path)
    assert model.losses == []


def test_a_model_that_is_no_longer_used_is_freed_with_its_graphs():
    model = zoo.linear_head()
    grad_cam(model, zoo.inputs_of(model, 1))
    filter_patterns(model, "last", [0], steps=1)
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None


def fed_by(model: keras.Model) -> dict[str, str | None]:
    """The layer whose filters each layer passes on, by their names."""
    return {tap.path: tap.feeder.name if tap.feeder else None for tap in survey(model)}


def test_layers_without_weights_name_the_convolution_whose_filters_they_pass_on():
    layers = keras.layers
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same", name="conv")(inputs)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Activation("swish", name="swish")(x)
    x = layers.MaxPooling2D(name="pool")(x)
    x = layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    x = layers.ReLU(6.0, name="relu6")(x)
    model = keras.Model(inputs, layers.Dropout(0.5, name="dropout")(x))
    assert fed_by(model) == {
        **dict.fromkeys(["conv", "norm", "swish", "pool"], "conv"),
        **dict.fromkeys(["depthwise", "relu6", "dropout"], "depthwise"),
    }
    tap = {tap.path: tap for tap in survey(model)}["pool"]
    assert tap.kernel is not None and tap.kernel.shape == (4, 27)
    model.get_layer("conv").trainable = False
    assert not tap.is_trainable


def test_where_two_convolutions_are_mixed_no_layer_passes_on_the_filters_of_one():
    layers = keras.layers
    inputs = keras.Input((8, 8, 3))
    one, other = (layers.Conv2D(4, 1, name=name)(inputs) for name in ("one", "other"))
    added = layers.ReLU(name="relu")(layers.Add(name="add")([one, other]))
    joined = layers.Concatenate(name="join")([one, added])
    scaled = layers.Rescaling(2.0, name="scaled")(inputs)
    found = fed_by(keras.Model(inputs, [joined, scaled]))
    assert [found[name] for name in ("add", "relu", "join", "scaled")] == [None] * 4


def test_the_convolution_inside_a_nested_model_counts(nested):
    found = fed_by(nested)
    assert found["middle/base"] == "last" and found["middle/base/first"] == "first"

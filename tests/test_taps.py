"""Layers are found in any model, by name, unique tail, path or object."""

import gc
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
import zoo

from convviz_tb import filter_patterns, grad_cam, taps
from convviz_tb.inputs import picture_input


def survey(model: keras.Model) -> list[taps.Tap]:
    return taps.survey(model, picture_input(model, None).spec)


def chosen(model: keras.Model, layers: taps.Layers) -> list[str]:
    return [tap.path for tap in taps.choose(survey(model), layers)]


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


@pytest.mark.parametrize("name", ["middle/base/last", "base/last", "last"])
def test_a_layer_is_named_by_its_path_or_a_unique_tail(nested, name):
    assert chosen(nested, name) == ["middle/base/last"]


def test_a_layer_is_named_by_the_object(nested):
    assert chosen(nested, nested.layers[0].layers[0].layers[1]) == ["middle/base/last"]


def test_layers_come_in_network_order_and_once(nested):
    assert chosen(nested, ["last", "first", "base/last"]) == [
        "middle/base/first",
        "middle/base/last",
    ]


def test_an_unknown_name_stops_with_the_nearest(nested):
    with pytest.raises(ValueError, match=r"no layer 'lest'.*Nearest: 'middle/base/last'"):
        chosen(nested, "lest")


def test_part_of_a_name_is_no_tail(nested):
    with pytest.raises(ValueError, match="no layer 'ast'"):
        chosen(nested, "ast")


def test_an_ambiguous_name_stops_with_all_that_fit():
    model = keras.Sequential(
        [
            keras.Input(zoo.RGB),
            keras.Sequential([zoo.conv(name="same")], name="a"),
            keras.Sequential([zoo.conv(name="same")], name="b"),
        ]
    )
    with pytest.raises(ValueError, match=r"'same' fits several layers: 'a/same', 'b/same'"):
        chosen(model, "same")


@pytest.mark.parametrize("wrong", [3, [None], [[]]])
def test_what_is_no_layer_is_named_in_the_error(nested, wrong):
    with pytest.raises(ValueError, match=r"layers: received .*names, paths"):
        chosen(nested, [wrong])


def test_an_empty_list_of_layers_is_refused(nested):
    with pytest.raises(ValueError, match="empty list"):
        chosen(nested, [])


def test_a_layer_of_another_model_is_unknown(nested):
    with pytest.raises(ValueError, match="no layer 'stranger'"):
        chosen(nested, zoo.conv(name="stranger"))


def test_a_shared_layer_has_a_tap_for_each_call(shared):
    found = [tap for tap in survey(shared) if tap.is_convolution]
    assert [(tap.path, tap.call) for tap in found] == [("twice:0", 0), ("twice:1", 1)]


@pytest.mark.parametrize("by_object", [False, True])
def test_a_shared_layer_wants_the_index_of_a_call(shared, by_object):
    layer = shared.get_layer("twice")
    with pytest.raises(ValueError, match="'twice:0', 'twice:1'"):
        chosen(shared, layer if by_object else "twice")
    assert chosen(shared, "twice:1") == ["twice:1"]


def test_the_calls_of_a_shared_layer_differ(shared):
    images = zoo.inputs_of(shared, 1)
    maps = grad_cam(shared, images, ["twice:0", "twice:1"], classes=0)
    assert not np.allclose(maps["twice:0"].maps, maps["twice:1"].maps)


def test_layers_of_one_name_in_a_subclassed_model_are_told_apart():
    model = zoo.equal_names()
    found = {tap.path: tap.filters for tap in survey(model) if tap.is_convolution}
    assert found == {"same:0": 4, "same:1": 5}
    assert chosen(model, model.b) == ["same:1"]


def test_layers_kept_in_lists_of_a_subclassed_model_are_found():
    assert chosen(zoo.subclassed(), ["block0", "block2"]) == ["block0", "block2"]


def test_a_convolution_of_one_position_is_none_to_look_at():
    last = zoo.conv(name="last")
    pool = keras.layers.GlobalAveragePooling2D(keepdims=True)
    model = keras.Sequential([keras.Input(zoo.RGB), last, pool, zoo.conv(name="head")])
    assert [tap.path for tap in taps.convolutions(survey(model))] == ["last"]


def test_auto_leaves_out_the_convolution_that_is_the_output():
    found = survey(zoo.segmentation())
    assert [tap.path for tap in taps.last_convolution(found)] == ["last"]
    assert taps.convolutions(found)[-1].path == "classes"


def test_auto_takes_the_output_where_it_is_the_only_convolution():
    model = keras.Sequential([keras.Input(zoo.RGB), zoo.conv(name="only")])
    assert [tap.path for tap in taps.last_convolution(survey(model))] == ["only"]


def test_auto_without_convolutions_names_layers_to_choose():
    with pytest.raises(ValueError, match="no convolution in this model.*such as 'pool'"):
        pool = keras.layers.MaxPooling2D(name="pool")
        taps.convolutions(survey(keras.Sequential([keras.Input(zoo.RGB), pool])))


def test_a_layer_in_a_tf_function_of_its_own_cannot_be_read_and_the_error_says_so():
    model = zoo.graph_of_its_own()
    with pytest.raises(ValueError, match=r"Nearest: .*tf.function or loop of its own"):
        chosen(model, "inner")
    assert chosen(model, "compiled") == ["compiled"]
    compiled = grad_cam(model, zoo.inputs_of(model, 1), "compiled")["compiled"]
    assert compiled.maps.shape == (1, 16, 16)


def test_a_layer_that_is_not_called_again_is_named_in_the_error(nested):
    (tap,) = taps.choose(survey(nested), "last")
    with pytest.raises(ValueError, match="'middle/base/last' runs inside"):
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


@pytest.mark.parametrize(
    "write",
    [
        lambda x: tf.nn.softmax(x),
        lambda x: tf.cast(tf.nn.softmax(x), tf.float64),
        lambda x: tf.identity(tf.nn.softmax(x)),
        lambda x: tf.nn.softmax(x, axis=1),
        lambda x: tf.transpose(tf.nn.softmax(x), [0, 2, 1]),
        lambda x: tf.reshape(tf.nn.softmax(x), [-1, 12]),
    ],
)
def test_what_went_into_an_activation_keeps_the_shape_of_the_result(write):
    @tf.function
    def both(x):
        result = write(x)
        before = taps.before_activation(result, frozenset({"Softmax"}))
        return tf.cast(result, tf.float32), before

    values = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    result, before = (each.numpy() for each in both(values))
    assert before.shape == result.shape
    # A softmax keeps the order of what it is taken over: ranks over all are those of log p + const.
    assert sorted(before.ravel()) == sorted(values.ravel())
    if before.shape == values.shape and np.allclose(result.sum(axis=-1), 1, atol=1e-6):
        np.testing.assert_array_equal(before, values)


def test_without_an_activation_nothing_went_into_it():
    graph = tf.function(lambda x: taps.before_activation(x * 2.0, frozenset({"Relu"})) is None)
    assert graph(tf.zeros([2]))


def test_a_graph_is_traced_once_until_the_model_gets_other_variables():
    model, traces = zoo.linear_head(), []

    def function(x):
        traces.append(1)
        return model(x)

    spec = tf.TensorSpec((None, *zoo.RGB))
    first = taps.traced(model, "key", function, spec)
    assert taps.traced(model, "key", function, spec) is first
    model.add(keras.layers.Dense(2))
    assert taps.traced(model, "key", function, spec) is not first
    assert len(traces) == 2


def test_a_model_that_is_no_longer_used_is_freed_with_its_graphs():
    model = zoo.linear_head()
    grad_cam(model, zoo.inputs_of(model, 1))
    filter_patterns(model, "last", [0], steps=1)
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None

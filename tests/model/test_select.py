"""Layers are named by name, unique tail, path or object; what fits none or several says so."""

import keras
import pytest

from convviz_tb import grad_cam
from convviz_tb.model import select, taps
from convviz_tb.model.inputs import picture_input
from support import zoo


def survey(model: keras.Model) -> list[taps.Tap]:
    return taps.survey(model, picture_input(model, None).spec)


def chosen(model: keras.Model, layers: taps.Layers) -> list[str]:
    return [tap.path for tap in select.select_taps(survey(model), layers)]


@pytest.fixture(scope="module")
def nested() -> keras.Model:
    return zoo.nested_twice()


@pytest.fixture(scope="module")
def shared() -> keras.Model:
    return zoo.shared()


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


@pytest.mark.parametrize("by_object", [False, True])
def test_a_shared_layer_wants_the_index_of_a_call(shared, by_object):
    layer = shared.get_layer("twice")
    with pytest.raises(ValueError, match="'twice:0', 'twice:1'"):
        chosen(shared, layer if by_object else "twice")
    assert chosen(shared, "twice:1") == ["twice:1"]


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
    assert [tap.path for tap in select.convolutions(survey(model))] == ["last"]


def test_auto_leaves_out_the_convolution_that_is_the_output():
    found = survey(zoo.segmentation())
    assert [tap.path for tap in select.last_convolution(found)] == ["last"]
    assert select.convolutions(found)[-1].path == "classes"


def test_auto_takes_the_output_where_it_is_the_only_convolution():
    model = keras.Sequential([keras.Input(zoo.RGB), zoo.conv(name="only")])
    assert [tap.path for tap in select.last_convolution(survey(model))] == ["only"]


def test_auto_without_convolutions_names_layers_to_choose():
    with pytest.raises(ValueError, match=r"no convolution in this model.*such as 'pool'"):
        pool = keras.layers.MaxPooling2D(name="pool")
        select.convolutions(survey(keras.Sequential([keras.Input(zoo.RGB), pool])))


def test_a_layer_in_a_tf_function_of_its_own_cannot_be_read_and_the_error_says_so():
    model = zoo.graph_of_its_own()
    with pytest.raises(ValueError, match=r"Nearest: .*tf.function or loop of its own"):
        chosen(model, "inner")
    assert chosen(model, "compiled") == ["compiled"]
    compiled = grad_cam(model, zoo.inputs_of(model, 1), "compiled")["compiled"]
    assert compiled.maps.shape == (1, 16, 16)

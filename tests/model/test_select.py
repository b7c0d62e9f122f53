"""Layers are named by name, unique tail, path or object; what fits none or several says so."""

import keras
import numpy as np
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
    assert [tap.path for tap in select.last_map(found)] == ["last"]
    assert select.convolutions(found)[-1].path == "classes"


@pytest.mark.parametrize("head", ["argument", "layer", "layer, resized"])
def test_auto_leaves_out_logits_that_a_layer_makes_the_output_of(head):
    """A U-Net's end: a convolution of one position, then a softmax."""
    end = [keras.layers.Conv2D(3, 1, activation="softmax" if head == "argument" else None)]
    end += [keras.layers.UpSampling2D(interpolation="bilinear")] if "resized" in head else []
    end += [keras.layers.Softmax()] if "layer" in head else []
    inputs = keras.Input(zoo.RGB)
    model = keras.Model(inputs, zoo.apply([zoo.conv(name="inner"), *end], inputs))
    assert [tap.path for tap in select.last_map(survey(model))] == ["inner"]


def block(x, shortcut, name):
    y = zoo.conv(6, name=f"{name}_1")(x)
    y = keras.layers.Conv2D(6, 3, padding="same", name=f"{name}_2")(y)
    x = shortcut(x) if shortcut else x
    return keras.layers.ReLU(name=f"{name}_out")(keras.layers.Add(name=f"{name}_add")([y, x]))


def with_projection() -> keras.Model:
    """A residual block with a 1x1 projection, which Keras runs last."""
    inputs = keras.Input(zoo.RGB)
    return keras.Model(
        inputs, zoo.apply(zoo.head(), block(inputs, keras.layers.Conv2D(6, 1), "block"))
    )


def with_identity() -> keras.Model:
    inputs = keras.Input(zoo.RGB)
    x = zoo.conv(6, name="stem")(inputs)
    return keras.Model(inputs, zoo.apply(zoo.head(), block(x, None, "block")))


def with_sum(add=lambda x, y: x + y) -> keras.Model:
    """As ConvNeXt has it: sums that are no layers, and nothing behind the last."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input(zoo.RGB)
    x = zoo.conv(6, name="stem")(inputs)
    for name in "ab":
        x = add(x, keras.layers.Conv2D(6, 3, padding="same", name=name)(x))
    return keras.Model(inputs, zoo.apply(zoo.head(), x))


def dense_blocks() -> keras.Model:
    inputs = keras.Input(zoo.RGB)
    x = zoo.conv(6)(inputs)
    for i in range(3):
        x = keras.layers.Concatenate(name=f"concat{i}")([x, zoo.conv(2)(x)])
    return keras.Model(inputs, zoo.apply([keras.layers.BatchNormalization(), *zoo.head()], x))


def with_gate() -> keras.Model:
    """Attention over positions, as CBAM has it: the last convolution only weighs."""
    inputs = keras.Input(zoo.RGB)
    x = zoo.conv(6, name="body")(inputs)
    gate = keras.layers.Conv2D(1, 3, padding="same", activation="sigmoid", name="gate")(x)
    weighed = keras.layers.Multiply(name="weighed")([x, gate])
    return keras.Model(inputs, zoo.apply(zoo.head(), weighed))


def two_heads() -> keras.Model:
    inputs = keras.Input(zoo.RGB)
    x = zoo.conv(6, name="trunk")(inputs)
    heads = [zoo.apply([zoo.conv(name=f"of_{n}"), *zoo.head()], x) for n in ("a", "b")]
    return keras.Model(inputs, {"a": heads[0], "b": heads[1]})


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        (with_projection, "block_out"),
        (with_identity, "block_out"),
        (dense_blocks, "batch_normalization"),
        (with_gate, "weighed"),
        (with_sum, "op_add_1"),
    ],
)
def test_auto_takes_what_everything_later_depends_on(make, wanted):
    (found,) = select.last_map(survey(make()))
    assert found.path.startswith(wanted)


def test_auto_of_convnext_is_the_sum_of_its_last_block():
    model = keras.applications.ConvNeXtTiny(weights=None, input_shape=(64, 64, 3), classes=3)
    (found,) = select.last_map(survey(model))
    assert (found.path, found.shape) == ("op_add_17", (2, 2, 768))


def test_an_operation_has_the_same_name_in_each_model():
    for _ in range(2):
        assert chosen(with_sum(), ["op_add_1"]) == ["op_add_1"]


def test_a_sum_that_is_no_layer_is_explained_like_one_that_is():
    images = zoo.inputs_of(with_sum(), 2)
    (sums,) = grad_cam(with_sum(), images, classes=1).values()
    layers_ = with_sum(lambda x, y: keras.layers.Add(name=f"of_{y.name[-2:]}")([x, y]))
    (of_layers,) = grad_cam(layers_, images, classes=1).values()
    np.testing.assert_allclose(sums.maps, of_layers.maps, rtol=1e-6)
    assert sums.maps.any()


def test_an_operation_is_frozen_with_its_model_and_has_its_type():
    model = with_sum()
    model.trainable = False
    assert not survey(model)[-1].is_trainable
    keras.config.set_dtype_policy("mixed_float16")
    try:
        assert survey(with_sum())[-1].compute_dtype == "float16"
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(("output", "wanted"), [("a", "of_a"), ("b", "of_b"), (0, "of_a")])
def test_auto_takes_the_branch_of_the_output_that_is_explained(output, wanted):
    model = two_heads()
    assert list(grad_cam(model, zoo.inputs_of(model, 1), output=output)) == [wanted]


def test_auto_takes_one_map_of_each_input_until_they_are_joined():
    tower = keras.Sequential([keras.Input(zoo.RGB), zoo.conv(name="last")], name="tower")
    inputs = [keras.Input(zoo.RGB), keras.Input(zoo.RGB)]
    pooled = [keras.layers.GlobalAveragePooling2D()(tower(each)) for each in inputs]
    late = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Concatenate()(pooled)))
    assert [tap.path for tap in select.last_map(survey(late))] == ["tower/last:0", "tower/last:1"]
    joined = keras.layers.Concatenate()([zoo.conv()(each) for each in inputs])
    early = keras.Model(inputs, zoo.apply([zoo.conv(name="both"), *zoo.head()], joined))
    assert [tap.path for tap in select.last_map(survey(early))] == ["both"]


def test_auto_leaves_sounds_beside_pictures_out():
    picture, sound = keras.Input(zoo.RGB), keras.Input((50, 1))
    parts = [
        keras.layers.GlobalAveragePooling1D()(keras.layers.Conv1D(4, 3, name="heard")(sound)),
        keras.layers.GlobalAveragePooling2D()(zoo.conv(name="seen")(picture)),
    ]
    model = keras.Model([picture, sound], keras.layers.Dense(2)(keras.layers.Concatenate()(parts)))
    assert [tap.path for tap in select.last_map(survey(model))] == ["seen"]


def test_auto_takes_the_output_where_it_is_the_only_convolution():
    model = keras.Sequential([keras.Input(zoo.RGB), zoo.conv(name="only")])
    assert [tap.path for tap in select.last_map(survey(model))] == ["only"]


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

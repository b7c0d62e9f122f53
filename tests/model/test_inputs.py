"""What a model takes: structure, shapes and types, and what does not fit it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from convviz_tb import filter_patterns, grad_cam
from convviz_tb.model.inputs import build, input_spec, picture_input, puts_channels_first, spec_of
from support import zoo


@pytest.fixture(scope="module")
def two() -> keras.Model:
    return zoo.two_inputs()


@pytest.mark.parametrize(
    "kind", [zoo.sequential, zoo.sequential_built_by_calling, zoo.subclassed, zoo.nested_twice]
)
def test_one_input_has_an_open_batch_axis(kind):
    spec = input_spec(kind())
    assert (tuple(spec.shape), spec.dtype) == ((None, *zoo.RGB), "float32")


def test_several_inputs_keep_their_structure(two):
    assert [tuple(each.shape) for each in input_spec(two)] == [(None, *zoo.RGB), (None, 5)]
    assert set(input_spec(zoo.inputs_by_name())) == {"picture", "extra"}


@pytest.fixture(scope="module")
def of_bytes() -> keras.Model:
    inputs = keras.Input(zoo.RGB, dtype="uint8")
    front = [keras.layers.Rescaling(1 / 255), zoo.conv(name="last")]
    return keras.Model(inputs, zoo.apply([*front, *zoo.head()], inputs))


def test_an_input_of_integers_keeps_its_type(of_bytes):
    assert input_spec(of_bytes).dtype == "uint8"
    assert grad_cam(of_bytes, zoo.inputs_of(of_bytes, 2))["last"].maps.max() > 0


def test_an_input_of_integers_has_no_patterns_and_the_error_says_so(of_bytes):
    with pytest.raises(ValueError, match="pictures are uint8, which have no gradient"):
        filter_patterns(of_bytes, "last", 1)


def test_a_model_that_was_never_built_is_refused():
    with pytest.raises(ValueError, match=r"no known input shape.*Call it on a batch"):
        input_spec(keras.Sequential([zoo.conv()]))


@pytest.mark.parametrize("kind", [zoo.never_built, zoo.subclassed_and_never_built])
def test_a_model_that_was_never_built_gets_the_weights_that_a_call_would_give_it(kind):
    images = np.zeros((2, *zoo.RGB), "float32")
    keras.utils.set_random_seed(1)
    by_call = kind()
    by_call(images)
    keras.utils.set_random_seed(1)
    built = kind()
    build(built, images)
    for found, wanted in zip(built.get_weights(), by_call.get_weights(), strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert tuple(input_spec(built).shape) == (None, *zoo.RGB)


def test_a_call_with_several_arguments_is_refused_with_advice():
    with pytest.raises(ValueError, match=r"several arguments: image, weight.*one list"):
        input_spec(zoo.several_arguments())


class WithOptions(keras.Model):
    """Subclassed: arguments beside the inputs that need no value."""

    def __init__(self):
        super().__init__()
        self.last = zoo.conv(name="last")

    def call(self, inputs, training, mask=None, scale=2.0, **others):
        return self.last(inputs) * scale


def test_arguments_of_call_that_need_no_value_are_no_hindrance():
    model = WithOptions()
    model(np.zeros((1, *zoo.RGB)), training=False)
    assert tuple(input_spec(model).shape) == (None, *zoo.RGB)


class OfInputs(keras.Model):
    """Subclassed: takes a structure of inputs."""

    def __init__(self):
        super().__init__()
        self.last = zoo.conv(name="last")
        self.pool = keras.layers.GlobalAveragePooling2D()

    def call(self, inputs):
        first, second = inputs.values() if isinstance(inputs, dict) else inputs
        return self.pool(self.last(first)) * second


@pytest.mark.parametrize("pack", [list, lambda pair: dict(zip("ab", pair, strict=True))])
def test_a_subclassed_model_of_several_inputs_gives_patterns_and_maps(pack):
    model = OfInputs()
    images = pack([zoo.inputs_of(zoo.gray(), 2).repeat(3, -1), np.ones((2, 1), "float32")])
    model(images)
    tf.nest.assert_same_structure(input_spec(model), images)
    assert grad_cam(model, images, "last")["last"].maps.max() > 0
    assert filter_patterns(model, "last", [0], steps=1).images.shape == (1, *zoo.RGB)


def test_images_set_the_sides_that_a_model_leaves_open():
    spec = spec_of(zoo.any_size(), np.zeros((7, 20, 30, 3)))
    assert tuple(spec.shape) == (None, 20, 30, 3)


def test_images_of_another_shape_are_refused_with_both_shapes():
    with pytest.raises(ValueError, match=r"images: received shape \(2, 8, 8, 3\).*16, 16, 1"):
        spec_of(zoo.gray(), np.zeros((2, 8, 8, 3)))


def test_images_of_another_structure_are_refused(two):
    with pytest.raises(ValueError, match="images: received ndarray; this model takes"):
        spec_of(two, np.zeros((2, *zoo.RGB)))


def test_a_dictionary_with_other_names_is_refused():
    images = {"picture": np.zeros((2, *zoo.RGB)), "wrong": np.zeros((2, 5))}
    with pytest.raises(ValueError, match="images: received dict"):
        spec_of(zoo.inputs_by_name(), images)


def test_a_tuple_is_taken_for_a_list_as_keras_does(two):
    images = zoo.inputs_of(two, 2)
    found, wanted = grad_cam(two, tuple(images)), grad_cam(two, images)
    np.testing.assert_array_equal(found["last"].maps, wanted["last"].maps)


def test_a_dictionary_is_taken_for_a_list_of_named_inputs_as_keras_does(two):
    picture, numbers = zoo.inputs_of(two, 2)
    by_name = {"numbers": numbers, "picture": picture}
    try:
        two(by_name)
    except ValueError:
        pytest.skip("this Keras does not take it")
    found = grad_cam(two, by_name)
    wanted = grad_cam(two, [picture, numbers])
    np.testing.assert_array_equal(found["last"].maps, wanted["last"].maps)


def test_an_array_is_taken_for_a_list_of_one_as_keras_does():
    inputs = keras.Input(zoo.RGB)
    model = keras.Model([inputs], zoo.apply(zoo.head(), zoo.conv(name="last")(inputs)))
    images = zoo.inputs_of(zoo.sequential(), 1)
    found, wanted = grad_cam(model, images), grad_cam(model, [images])
    np.testing.assert_array_equal(found["last"].maps, wanted["last"].maps)


def test_the_picture_among_several_inputs_is_the_one_with_most_axes(two):
    picture = picture_input(two, None)
    assert (picture.position, picture.shape) == (0, zoo.RGB)
    images, numbers = picture.around(tf.ones([2, *zoo.RGB]))
    assert (images.shape, numbers.shape) == ((2, *zoo.RGB), (2, 5))
    assert float(tf.reduce_sum(numbers)) == 0


@pytest.mark.parametrize(("size", "sides"), [(None, (128, 128)), (40, (40, 40)), ((8, 9), (8, 9))])
def test_a_size_sets_the_open_sides_of_patterns(size, sides):
    assert picture_input(zoo.any_size(), size).shape == (*sides, 3)


def test_a_size_that_the_model_does_not_take_is_refused():
    with pytest.raises(ValueError, match=r"size: received 20; this model takes \(16, 16\) only"):
        picture_input(zoo.gray(), 20)


def test_an_input_without_positions_has_no_pictures():
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="patterns need an input of pictures"):
        picture_input(model, None)


def test_a_model_with_channels_first_gets_its_pictures_so():
    picture = picture_input(zoo.channels_first(), None)
    assert picture.shape == zoo.RGB
    values = np.arange(16 * 16 * 3, dtype="float32").reshape(1, *zoo.RGB)
    np.testing.assert_array_equal(picture.around(tf.constant(values)), np.moveaxis(values, -1, 1))


def test_a_model_that_does_not_say_follows_the_setting_of_keras():
    dense = zoo.dense_only()
    assert not puts_channels_first(dense)
    keras.config.set_image_data_format("channels_first")
    try:
        assert puts_channels_first(dense)
    finally:
        keras.config.set_image_data_format("channels_last")

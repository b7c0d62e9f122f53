"""What a layer sees: the input, the time step, and the part of the picture that it lies over."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from convviz_tb.model import spec_of, survey
from convviz_tb.model.field_of_view import layout_of, shown, view_of
from convviz_tb.model.places import TURNS as TURNS_OF_A_SQUARE
from convviz_tb.model.places import UPRIGHT, Turn
from support import zoo

WIDE = (80, 160, 3)


def pictures(*shape: int, dtype="float32") -> np.ndarray:
    drawn = np.random.default_rng(0).random((2, *shape))
    return (drawn * 255).astype(dtype) if dtype == "uint8" else drawn.astype(dtype)


def seen(model, images, path=None):
    """What the last convolution sees, or another layer."""
    taps = survey(model, spec_of(model, images))
    named = [tap for tap in taps if tap.path == path or (path is None and tap.is_convolution)]
    return view_of(model, named[-1], images)


def net(*front: layers.Layer, shape=WIDE, padding="same", dtype=None) -> keras.Model:
    body = [zoo.conv(4, padding=padding), zoo.conv(4, strides=2)]
    return keras.Sequential([keras.Input(shape, dtype=dtype), *front, *body, *zoo.head()])


class Sliced(layers.Layer):
    """Code of the user's own."""

    def call(self, inputs):
        return inputs[:, 20:60, :80] / 127.5 - 1


# What comes before the convolutions -> left, top, right, bottom of what they see.
FRONTS = {
    "nothing": ([], None),
    "rescaling": ([layers.Rescaling(1 / 255), layers.Normalization(mean=0.5, variance=2.0)], None),
    "crop": ([layers.Cropping2D(((40, 10), (0, 0)))], (0, 0.5, 1, 0.875)),
    "rescaling, then crop": (
        [layers.Rescaling(1 / 127.5, -1), layers.Cropping2D(((0, 0), (40, 40)))],
        (0.25, 0, 0.75, 1),
    ),
    "centre": ([layers.CenterCrop(40, 80)], (0.25, 0.25, 0.75, 0.75)),
    "resized": ([layers.Resizing(48, 48)], None),
    "resized and cropped": (
        [layers.Resizing(48, 48, crop_to_aspect_ratio=True)],
        (0.25, 0, 0.75, 1),
    ),
    "resized and padded": ([layers.Resizing(48, 48, pad_to_aspect_ratio=True)], (0, -0.5, 1, 1.5)),
    "padded": ([layers.ZeroPadding2D(8)], (-0.05, -0.1, 1.05, 1.1)),
    "augmented": ([layers.RandomFlip(), layers.RandomRotation(0.2), layers.RandomZoom(0.2)], None),
    "random crop, off": ([layers.RandomCrop(40, 40)], None),
    "own code": ([Sliced()], (0, 0.25, 0.5, 0.75)),
}


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
@pytest.mark.parametrize(("front", "field"), FRONTS.values(), ids=FRONTS)
def test_maps_lie_where_the_layer_looks(front, field, dtype):
    found = seen(net(*front), pictures(*WIDE, dtype=dtype)).field
    assert found == (None if field is None else pytest.approx(field, abs=0.01))


def test_padding_that_the_next_window_fills_up_with_moves_nothing():
    """As in ResNet and MobileNet: together they are one layer with padding."""
    assert seen(net(layers.ZeroPadding2D(1), padding="valid"), pictures(*WIDE)).field is None
    front = [layers.ZeroPadding2D(3), layers.Conv2D(4, 7, strides=2), layers.ZeroPadding2D(1)]
    model = net(*front, layers.MaxPooling2D(3, 2))
    assert seen(model, pictures(*WIDE)).field is None


def test_a_crop_behind_the_first_convolution_is_followed():
    model = net(zoo.conv(4), layers.Cropping2D(((40, 0), (0, 80))), layers.ZeroPadding2D(1))
    found = seen(model, pictures(*WIDE)).field
    assert found == pytest.approx((-0.00625, 0.4875, 0.50625, 1.0125), abs=1e-6)


def test_channels_first_is_followed_too():
    first = {"data_format": "channels_first"}
    model = keras.Sequential(
        [
            keras.Input((3, 80, 160)),
            layers.Cropping2D(((40, 0), (0, 0)), **first),
            zoo.conv(4, **first),
            layers.GlobalAveragePooling2D(**first),
        ]
    )
    assert seen(model, pictures(3, 80, 160)).field == pytest.approx((0, 0.5, 1, 1), abs=0.01)


def test_each_call_of_a_network_over_time_sees_its_frame():
    cnn = keras.Sequential([keras.Input(zoo.RGB), zoo.conv(name="last"), *zoo.head()], name="cnn")
    model = keras.Sequential(
        [keras.Input((5, *zoo.RGB)), layers.TimeDistributed(cnn, name="each"), layers.LSTM(6)]
    )
    images = pictures(5, *zoo.RGB)
    for frame in (0, 2, 4):
        view = seen(model, images, f"each/cnn/last:{frame}")
        assert (view.frame, view.field) == (frame, None)
    whole = zoo.conv3d()
    assert seen(whole, zoo.inputs_of(whole, 2)).frame is None


def test_each_branch_sees_its_input():
    small, large = keras.Input((16, 16, 1)), keras.Input((24, 24, 3))
    numbers = keras.Input((5,))
    left = zoo.apply([zoo.conv(name="left"), layers.GlobalMaxPooling2D()], small)
    cropped = layers.Cropping2D(6)(large)
    right = zoo.apply([zoo.conv(name="right"), layers.GlobalMaxPooling2D()], cropped)
    joined = layers.Concatenate()([left, right, numbers])
    model = keras.Model([small, numbers, large], layers.Dense(2)(joined))
    images = [pictures(16, 16, 1), np.zeros((2, 5), "float32"), pictures(24, 24, 3)]
    assert (seen(model, images, "left").input, seen(model, images, "right").input) == (0, 2)
    field = pytest.approx((0.25, 0.25, 0.75, 0.75), abs=0.01)
    assert seen(model, images, "right").field == field


def cube() -> keras.Model:
    """Hyperspectral: convolutions over bands too, then over rows and columns alone."""
    body = [layers.Conv3D(4, (3, 3, 5), name="deep"), layers.Reshape((14, 14, -1))]
    return keras.Sequential(
        [keras.Input((16, 16, 20, 1)), *body, zoo.conv(name="flat"), *zoo.head()]
    )


def test_a_picture_without_channels_keeps_its_rows_and_columns():
    model, images = net(layers.Reshape((16, 16, 1)), shape=(16, 16)), pictures(16, 16)
    tap = survey(model, spec_of(model, images))[-1]
    np.testing.assert_array_equal(shown(images, layout_of(model, 3, tap), None), images[..., None])


def test_a_signal_stays_one():
    model = zoo.conv1d()
    images = zoo.inputs_of(model, 2)
    tap = survey(model, spec_of(model, images))[-1]
    np.testing.assert_array_equal(shown(images, layout_of(model, 3, tap), None), images)


def test_the_bands_of_a_cube_are_its_channels():
    model, images = cube(), pictures(16, 16, 20, 1)
    tap = survey(model, spec_of(model, images))[-1]
    layout = layout_of(model, 5, tap, images.shape)
    np.testing.assert_array_equal(shown(images, layout, None), images[..., 0])


def test_flat_inputs_ask_for_what_they_look_like():
    with pytest.raises(ValueError, match=r"^display: the images have shape \(2, 784\)"):
        shown(np.zeros((2, 784)), None, None)


def flipped(*axes: int) -> layers.Layer:
    return zoo.Moved(lambda x: keras.ops.flip(x, axes))


def standardized(x):
    return tf.image.per_image_standardization(x)


def rotated(x):
    """By 30 degrees."""
    transforms = tf.constant([[0.866, -0.5, 20, 0.5, 0.866, -20, 0, 0]])
    shape = tf.shape(x)[1:3]
    return tf.raw_ops.ImageProjectiveTransformV2(
        images=x, transforms=transforms, output_shape=shape, interpolation="BILINEAR"
    )


#: What turns pictures -> the turn that lays a map over them, and the box where it is not whole.
TURNS = {
    "permuted": (layers.Permute((2, 1, 3)), Turn(transposed=True), None),
    "transposed by an operation": (
        zoo.Moved(lambda x: keras.ops.transpose(x, (0, 2, 1, 3))),
        Turn(transposed=True),
        None,
    ),
    "mirrored": (zoo.Moved(tf.image.flip_left_right), Turn(left_right=True), None),
    "upside down": (flipped(1), Turn(up_down=True), None),
    "sliced backwards": (zoo.Moved(lambda x: x[:, :, ::-1]), Turn(left_right=True), None),
    "turned by 180 degrees": (flipped(1, 2), Turn(left_right=True, up_down=True), None),
    "turned by 90 degrees": (
        zoo.Moved(tf.image.rot90),
        Turn(transposed=True, left_right=True),
        None,
    ),
    "turned by 270 degrees": (
        zoo.Moved(lambda x: tf.image.rot90(x, 3)),
        Turn(transposed=True, up_down=True),
        None,
    ),
    "mirrored part": (
        zoo.Moved(lambda x: x[:, 20:60, 79::-1]),
        Turn(left_right=True),
        (0, 0.25, 0.5, 0.75),
    ),
    "turned by 90 degrees by Keras": (
        zoo.Moved(lambda x: keras.ops.rot90(x, axes=(1, 2))),
        Turn(transposed=True, left_right=True),
        None,
    ),
    "permuted part": (
        zoo.Moved(lambda x: keras.ops.transpose(x[:, :40], (0, 2, 1, 3))),
        Turn(transposed=True),
        (0, 0, 1, 0.5),
    ),
}


#: TensorFlow writes these as conditions, whose branches are not followed.
IN_BRANCHES = [TURNS[f"turned by {degrees} degrees"][0] for degrees in (90, 270)]


@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
@pytest.mark.parametrize(("how", "turn", "field"), TURNS.values(), ids=TURNS)
def test_maps_of_turned_pictures_are_turned_back(how, turn, field, behind):
    """Before the first convolution, and behind it."""
    front = [zoo.conv(4), how] if behind else [how]
    view = seen(net(*front), pictures(*WIDE))
    if behind and how in IN_BRANCHES:
        assert not view.is_known
        return
    assert (view.turn, view.is_known) == (turn, True)
    assert view.field == (None if field is None else pytest.approx(field, abs=0.01))


@pytest.mark.parametrize(("how", "turn", "field"), TURNS.values(), ids=TURNS)
def test_a_turn_lays_a_map_where_its_values_come_from(how, turn, field):
    """Against what the layer itself does to a picture of numbers."""
    picture = np.arange(80 * 160, dtype="float32").reshape(1, 80, 160, 1)
    left, top, right, bottom = field or (0, 0, 1, 1)
    part = picture[0, int(top * 80) : int(bottom * 80), int(left * 160) : int(right * 160), 0]
    np.testing.assert_array_equal(turn.laid(np.asarray(how(picture))[0, ..., 0]), part)


def test_two_turns_are_one():
    for first in TURNS_OF_A_SQUARE:
        for second in TURNS_OF_A_SQUARE:
            maps = np.arange(6).reshape(2, 3)
            both = second.laid(first.laid(maps))
            np.testing.assert_array_equal(first.then(second).laid(maps), both)


def test_what_is_turned_back_lies_as_it_was():
    model = net(zoo.conv(4), layers.Permute((2, 1, 3)), zoo.conv(4), layers.Permute((2, 1, 3)))
    view = seen(model, pictures(*WIDE))
    assert (view.turn, view.field) == (UPRIGHT, None)
    view = seen(net(flipped(2), zoo.conv(4), flipped(2)), pictures(*WIDE))
    assert (view.turn, view.field) == (UPRIGHT, None)


def test_a_crop_of_a_turned_map_lies_where_it_was_cut():
    model = net(zoo.conv(4), layers.Permute((2, 1, 3)), layers.Cropping2D(((80, 0), (0, 0))))
    view = seen(model, pictures(*WIDE))
    assert view.field == pytest.approx((0.5, 0, 1, 1)) and view.turn == Turn(transposed=True)


def test_every_second_position_lies_over_all():
    """As patches are merged in a Swin transformer."""
    every_second = zoo.Moved(lambda x: keras.ops.concatenate([x[:, ::2, ::2], x[:, 1::2, ::2]], -1))
    assert seen(net(zoo.conv(4), every_second), pictures(*WIDE)).field is None


@pytest.mark.parametrize(
    "front",
    [
        [zoo.Moved(rotated)],
        [zoo.conv(4), zoo.Moved(rotated)],
        [zoo.Moved(lambda x: keras.ops.roll(x, 40, axis=2))],
        [zoo.Moved(lambda x: keras.ops.concatenate([x, x[:, ::-1]], axis=2))],
        [zoo.conv(4), zoo.Moved(lambda x: keras.ops.concatenate([x, x[:, ::-1]], axis=-1))],
    ],
    ids=["rotated", "rotated behind", "rolled", "beside itself", "over itself"],
)
def test_what_cannot_be_followed_is_not_placed(front):
    view = seen(net(*front), pictures(*WIDE))
    assert not view.is_known and view.field is None


@pytest.mark.parametrize(
    "front",
    [
        [zoo.Moved(keras.ops.sqrt)],
        [zoo.Moved(lambda x: -keras.ops.log1p(50 * x))],
        [zoo.Moved(standardized)],
        [layers.LayerNormalization(axis=(1, 2, 3))],
        [zoo.Moved(lambda x: keras.ops.image.resize(x, (33, 57)) ** 2)],
    ],
    ids=["root", "negative logarithm", "standardized", "layer normalization", "squared"],
)
def test_what_changes_values_moves_nothing(front):
    view = seen(net(*front), pictures(*WIDE))
    assert (view.is_known, view.field, view.turn) == (True, None, UPRIGHT)


def test_attention_and_its_transpositions_turn_nothing():
    inputs = keras.Input((32, 32, 3))
    patches = layers.Conv2D(8, 4, 4, name="patches")(inputs)
    tokens = layers.Reshape((64, 8))(patches)
    tokens = layers.MultiHeadAttention(2, 4)(tokens, tokens) + tokens
    maps = layers.Reshape((8, 8, 8))(tokens)
    maps = zoo.conv(4, name="last")(maps)
    model = keras.Model(inputs, zoo.apply(zoo.head(), maps))
    view = seen(model, pictures(32, 32, 3), "last")
    assert (view.turn, view.field, view.is_known) == (UPRIGHT, None, True)

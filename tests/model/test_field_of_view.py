"""What a layer sees: the input, the time step, and the part of the picture that it lies over."""

import keras
import numpy as np
import pytest
from keras import layers

from convviz_tb.model import spec_of, survey
from convviz_tb.model.field_of_view import layout_of, shown, view_of
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

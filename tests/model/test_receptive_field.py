"""Receptive fields equal the support of gradients, in networks of every kind."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from convviz_tb.model import picture_input, receptive_fields, survey

RGB = (40, 48, 2)
CHANNELS = 3


def conv(x, width=3, **options):
    return layers.Conv2D(CHANNELS, width, **{"padding": "same", "activation": "relu"} | options)(x)


def strided(x):
    return conv(conv(conv(x, 5, strides=2), 3, strides=(2, 1)), 2, strides=3)


def valid(x):
    return conv(conv(x, 7, strides=3, padding="valid"), 4, padding="valid")


def dilated(x):
    return conv(conv(x, 3, dilation_rate=2), (3, 5), dilation_rate=(3, 1))


def dilated_depthwise(x):
    x = layers.DepthwiseConv2D(3, dilation_rate=2, padding="same")(x)
    return layers.SeparableConv2D(CHANNELS, 3, dilation_rate=3, padding="valid")(x)


def pooled(x):
    x = layers.MaxPooling2D(3, strides=2, padding="same")(conv(x))
    return layers.AveragePooling2D(2)(conv(x))


def padded(x):
    x = layers.ZeroPadding2D(((3, 1), (0, 2)))(conv(x, padding="valid"))
    x = layers.Cropping2D(((5, 2), (1, 0)))(conv(x, 5, strides=2, padding="valid"))
    return conv(layers.ZeroPadding2D(2)(x), 3, padding="valid")


def residual(x):
    x = conv(x, 3, strides=2)
    for width in (3, 5):
        x = layers.ReLU()(layers.Add()([layers.BatchNormalization()(conv(x, width)), x]))
    return layers.Add()([conv(x, 1, strides=2), conv(x, 3, strides=2)])


def inception(x):
    x = conv(x, strides=2)
    pool = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    joined = layers.Concatenate()(
        [conv(x, 1), conv(conv(x, 1), 5), conv(conv(x), 3), conv(pool, 1)]
    )
    return layers.LayerNormalization()(conv(joined, (1, 7)))


def grouped(x):
    return conv(conv(x), 3, groups=3)


def upsampled(x):
    x = layers.UpSampling2D(2)(conv(x, strides=4))
    return conv(layers.UpSampling2D(2, interpolation="bilinear")(x))


def transposed(x):
    x = layers.Conv2DTranspose(CHANNELS, 4, strides=2, padding="same")(conv(x, strides=4))
    return layers.Conv2DTranspose(CHANNELS, 3, strides=2, padding="valid")(x)


def unet(x):
    down = conv(x)
    deep = conv(layers.MaxPooling2D()(down))
    return conv(layers.Concatenate()([down, layers.UpSampling2D()(deep)]))


def dense_at_each_position(x):
    x = layers.Dense(CHANNELS)(conv(x, 4, strides=4, padding="valid"))
    return layers.Reshape((10, 12, CHANNELS))(layers.Permute((1, 2, 3))(x))


class Mirrored(layers.Layer):
    """Rows and columns in reverse order, by a function of Keras or by slices."""

    def __init__(self, by_slice, **options):
        super().__init__(**options)
        self.by_slice = by_slice

    def call(self, inputs):
        return inputs[:, ::-1, ::-1] if self.by_slice else keras.ops.flip(inputs, (1, 2))


def mirrored(x):
    x = conv(Mirrored(False)(x), 5, strides=2)
    return conv(x, (3, 2), padding="valid")


def mirrored_by_slices(x):
    return conv(Mirrored(True)(conv(x, 5, strides=2)), (3, 2), padding="valid")


NETWORKS: list[Callable] = [
    mirrored, mirrored_by_slices,
    strided, valid, dilated, dilated_depthwise, pooled, padded, residual, inception, grouped,
    upsampled, transposed, unet, dense_at_each_position,
]  # fmt: skip


def made(build: Callable, shape=RGB) -> keras.Model:
    """A network with weights above 0, so that no gradient cancels another."""
    inputs = keras.Input(shape)
    model = keras.Model(inputs, build(inputs))
    random = np.random.default_rng(0)
    for layer in model._flatten_layers(include_self=False):
        if getattr(layer, "kernel_size", None) or isinstance(layer, layers.Dense):
            layer.set_weights([random.random(each.shape) + 0.1 for each in layer.get_weights()])
    return model


def support(model: keras.Model, axis: int, rounds: int = 40) -> np.ndarray:
    """The first and the last pixel along an axis by which the output has a gradient, for each
    of its positions; over many pictures, as a maximum passes on one of its inputs at a time."""
    random = np.random.default_rng(1)
    pictures = tf.constant(random.random((rounds, *model.input_shape[1:])), tf.float32)
    weights = tf.constant(random.random(model.output_shape[-1]) + 0.5, tf.float32)
    others = [each for each in range(1, 4) if each != axis]
    ranges = []
    for position in range(model.output_shape[axis]):
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            # As float64, so that no small part of the sum is lost.
            output = tf.cast(tf.gather(model(pictures) * weights, position, axis=axis), tf.float64)
            total = tf.reduce_sum(output)
        seen = (tape.gradient(total, pictures).numpy() != 0).any(axis=(0, *others)).nonzero()[0]
        ranges.append((seen.min(), seen.max()) if len(seen) else (2**40, -(2**40)))
    return np.array(ranges)


@pytest.mark.parametrize("build", NETWORKS, ids=lambda build: build.__name__)
@pytest.mark.parametrize("axis", [1, 2], ids=["height", "width"])
def test_a_position_sees_the_pixels_by_which_it_has_a_gradient(build, axis):
    model = made(build)
    picture = picture_input(model, None)
    tap = survey(model, picture.spec)[-1]
    (field,) = receptive_fields(model, [tap], picture)
    exact = field.spans[axis - 1]
    reference = support(model, axis)
    sees = exact[:, 0] <= exact[:, 1]
    assert (sees == (reference[:, 0] <= reference[:, 1])).all()
    assert exact[sees].tolist() == reference[sees].tolist()


@pytest.mark.parametrize(
    "build", [strided, valid, pooled, residual, inception, mirrored, mirrored_by_slices]
)
def test_size_stride_and_offset_say_the_same(build):
    model = made(build)
    picture = picture_input(model, None)
    (field,) = receptive_fields(model, survey(model, picture.spec)[-1:], picture)
    for axis, span in enumerate(field.spans):
        first = field.offset[axis] + field.stride[axis] * np.arange(len(span))
        last = first + field.size[axis] - 1
        assert np.maximum(first, 0).tolist() == span[:, 0].tolist()
        assert np.minimum(last, field.sides[axis] - 1).tolist() == span[:, 1].tolist()


def test_textbook_numbers_of_mobilenet():
    """Araujo et al. 2019 give 491 pixels, in strides of 32, for its last convolution."""
    model = keras.applications.MobileNetV2(weights=None, input_shape=(224, 224, 3))
    picture = picture_input(model, None)
    taps = {tap.path: tap for tap in survey(model, picture.spec)}
    first, last = receptive_fields(model, [taps["Conv1"], taps["out_relu"]], picture)
    assert (first.size, first.stride) == ((3, 3), (2, 2))
    assert (last.size, last.stride) == ((491, 491), (32, 32))


def test_channels_first():
    options = {"data_format": "channels_first", "activation": "relu"}
    inputs = keras.Input((3, 24, 20))
    x = layers.Conv2D(2, 3, strides=2, padding="same", **options)(inputs)
    model = keras.Model(inputs, layers.Conv2D(4, (3, 1), name="last", **options)(x))
    picture = picture_input(model, None)
    (field,) = receptive_fields(model, survey(model, picture.spec)[-1:], picture)
    assert (field.size, field.stride, field.sides) == ((7, 3), (2, 2), (24, 20))


def test_signals_and_volumes():
    signal = keras.Input((32, 2))
    x = layers.Conv1D(4, 5, dilation_rate=2)(signal)
    model = keras.Model(signal, layers.Conv1D(4, 3, strides=2)(x))
    picture = picture_input(model, None)
    (field,) = receptive_fields(model, survey(model, picture.spec)[-1:], picture)
    assert (field.size, field.stride, field.offset) == ((11,), (2,), (0,))
    volume = keras.Input((12, 10, 8, 1))
    model = keras.Model(volume, layers.MaxPooling3D(2)(layers.Conv3D(2, (3, 3, 1))(volume)))
    picture = picture_input(model, None)
    (field,) = receptive_fields(model, survey(model, picture.spec)[-1:], picture)
    assert (field.size, field.stride) == ((4, 4, 2), (2, 2, 2))


def test_a_gate_made_of_the_whole_picture_tells_no_place():
    inputs = keras.Input(RGB)
    x = conv(inputs)
    gate = layers.Dense(CHANNELS, "sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(x))
    x = layers.GroupNormalization(3)(layers.Multiply()([x, gate]))
    model = keras.Model(inputs, conv(x))
    picture = picture_input(model, None)
    taps = survey(model, picture.spec)
    gated, pooled_ = receptive_fields(model, [taps[-1], taps[1]], picture)
    assert gated.size == (5, 5)
    assert [span.tolist() for span in pooled_.spans] == [[[0, 39]], [[0, 47]]]


def test_a_layer_in_a_subclassed_model():
    class Twice(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = layers.Conv2D(2, 3, strides=2, padding="same", name="inner")
            self.outer = layers.Conv2D(2, 3, name="outer")

        def call(self, inputs):
            return self.outer(tf.nn.relu(self.inner(inputs))[:, 1:])

    model = Twice()
    model(np.zeros((1, 16, 16, 3), np.float32))
    picture = picture_input(model, 16)
    (field,) = receptive_fields(model, survey(model, picture.spec)[-1:], picture)
    assert (field.size, field.offset) == ((7, 7), (2, 0))
    assert field.rectangle((0, 1)) == [(2, 8), (2, 8)]

"""Models run only as far as a layer, at another size; the receptive field of a layer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from convviz_tb.model import taps
from convviz_tb.model.inputs import picture_input
from convviz_tb.model.partial import record_up_to
from convviz_tb.model.receptive_field import receptive_field
from support import zoo

layers = keras.layers


def tap_of(model: keras.Model, path: str) -> taps.Tap:
    (tap,) = [
        tap for tap in taps.survey(model, picture_input(model, None).spec) if tap.path == path
    ]
    return tap


def output_at(model: keras.Model, path: str, sides: tuple[int, int], pictures=None) -> np.ndarray:
    picture = picture_input(model, None).resized(sides)
    tap = tap_of(model, path)

    def run(pictures):
        return record_up_to(model, [tap], picture.around(pictures))

    if pictures is None:
        pictures = np.random.default_rng(0).normal(size=(2, *picture.shape)).astype(np.float32)
    (output,) = tf.function(run, autograph=False)(pictures)
    return output.numpy()


def test_what_comes_behind_the_layer_need_not_fit():
    """A net of fixed size that flattens: its convolutions take any."""
    inputs = keras.Input((16, 16, 3))
    x = layers.Conv2D(4, 3, activation="relu", name="first")(inputs)
    x = layers.Conv2D(5, 3, activation="relu", name="last")(x)
    model = keras.Model(inputs, layers.Dense(3)(layers.Flatten()(x)))
    pictures = np.random.default_rng(0).normal(size=(2, 24, 40, 3)).astype(np.float32)
    found = output_at(model, "last", (24, 40), pictures)
    expected = model.get_layer("last")(model.get_layer("first")(pictures))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert model(np.zeros((1, 16, 16, 3))).shape == (1, 3)  # as before
    with pytest.raises(ValueError, match="incompatible"):
        model(np.zeros((1, 24, 40, 3)))
    assert not any("call" in layer.__dict__ for layer in [model, *model.layers])


@pytest.mark.parametrize("build", [zoo.sequential, zoo.nested_twice, zoo.WithControlFlow])
def test_models_of_every_kind_run_at_another_size(build):
    model = build()
    if not model.built:
        model(np.zeros((1, *zoo.RGB), np.float32))
    last = taps.survey(model, picture_input(model, None).spec)[-2].path
    assert output_at(model, last, (24, 24)).shape[0] == 2


def test_the_same_at_the_models_own_size():
    """One call of several of a shared layer, too."""
    model = zoo.shared()
    pictures = np.random.default_rng(0).normal(size=(2, *zoo.RGB)).astype(np.float32)
    once = model.get_layer("twice")(pictures)
    for path, expected in (("twice:0", once), ("twice:1", model.get_layer("twice")(once))):
        np.testing.assert_allclose(output_at(model, path, zoo.RGB[:2], pictures), expected)


@pytest.mark.parametrize(
    ("options", "seen"),
    [
        ([(3, 1)], 3),
        ([(3, 1), (3, 1)], 5),
        ([(7, 2), (3, 2), (3, 1)], 19),
        ([(5, 4)], 5),
        ([(1, 1)], 1),
    ],
)
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_receptive_field_is_the_receptive_field(options, seen, padding):
    """Kernels and strides of each convolution: to within a stride of what they amount to."""
    keras.utils.set_random_seed(0)
    x = inputs = keras.Input((96, 96, 3))
    stride = 1
    for kernel, step in options:
        x = layers.Conv2D(8, kernel, step, padding, activation="relu")(x)
        stride *= step
    model = keras.Model(inputs, x)
    (*_, tap) = taps.survey(model, picture_input(model, None).spec)
    assert abs(receptive_field(model, tap, picture_input(model, None)) - seen) <= stride


def test_receptive_field_of_a_gated_layer_and_of_a_dead_one():
    """That of the positions: a gate is the same for all of them, and weights do not count."""
    inputs = keras.Input((24, 40, 3))
    x = layers.Conv2D(4, 3, activation="relu", name="conv")(inputs)
    gate = layers.Conv2D(4, 1, name="gate")(layers.GlobalAveragePooling2D(keepdims=True)(x))
    model = keras.Model(inputs, layers.Multiply(name="gated")([x, gate]))
    picture = picture_input(model, None)
    assert receptive_field(model, tap_of(model, "gated"), picture) == 3
    assert receptive_field(model, tap_of(model, "conv"), picture) == 3
    model.get_layer("conv").set_weights([np.zeros((3, 3, 3, 4)), -np.ones(4)])
    assert receptive_field(model, tap_of(model, "conv"), picture) == 3


@pytest.mark.parametrize("sides", [(64,), (12, 16, 20)])
def test_receptive_field_of_signals_and_volumes(sides):
    kind = {1: layers.Conv1D, 3: layers.Conv3D}[len(sides)]
    model = keras.Sequential([keras.Input((*sides, 2)), kind(4, 5, activation="relu", name="c")])
    assert receptive_field(model, tap_of(model, "c"), picture_input(model, None)) == 5

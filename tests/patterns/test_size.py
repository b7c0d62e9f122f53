"""`size.py`: how large patterns are, and that they are as large as asked for."""

import keras
import numpy as np
import pytest

from convviz_tb import FilterPatterns, filter_patterns
from convviz_tb.patterns.compute import pattern_taps
from convviz_tb.patterns.size import Frame, frame_of

layers = keras.layers


def net(side: int | None = 224, padding: str = "same", flat: bool = False) -> keras.Model:
    """Receptive fields of 3, 7, 39 and more than the picture."""
    keras.utils.set_random_seed(0)
    x = inputs = keras.Input((side, side, 3))
    x = layers.Conv2D(8, 3, 1, padding, activation="relu", name="early")(x)
    x = layers.Conv2D(8, 5, 4, padding, activation="relu", name="second")(x)
    x = layers.Conv2D(8, 9, 2, padding, activation="relu", name="middle")(x)
    x = layers.Conv2D(8, 9, 4, padding, activation="relu", name="late")(x)
    x = layers.Flatten()(x) if flat else layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(3, name="head")(x))


def frame(model: keras.Model, layer: str, **options) -> Frame:
    asked = FilterPatterns(layer, mode="natural", **options)
    (tap,) = pattern_taps(model, asked)
    return frame_of(model, tap, asked)


@pytest.mark.parametrize("flat", [False, True])
def test_a_pattern_is_about_two_receptive_fields_wide(flat):
    """64 to 112 pixels; a net whose input is fixed and that flattens does as well."""
    model = net(flat=flat)
    sides = [frame(model, layer).sides for layer in ("early", "second", "middle", "late")]
    assert sides[:2] == [(64, 64)] * 2 and sides[3] == (112, 112)
    assert 2 * 35 <= sides[2][0] <= 2 * 48 and sides[2][0] % 8 == 0
    found = filter_patterns(model, "early", [1, 2], steps=1, mode="natural")
    assert found.images.shape == (2, 64, 64, 3)


def test_no_pattern_is_larger_than_the_models_input():
    assert frame(net(32), "early").sides == frame(net(32), "late").sides == (32, 32)
    assert frame(net(None), "late").sides == (112, 112)


def test_the_margin_is_computed_but_not_shown():
    """As far as padding reaches, 8 pixels at most."""
    for layer, margin in (("early", 4), ("middle", 8)):
        found = frame(net(), layer)
        assert found.margin == margin
        assert found.computed == tuple(side + 2 * margin for side in found.sides)
        pictures = np.random.default_rng(0).random((2, *found.shape))
        assert np.array_equal(found.cut(found.padded(pictures)), pictures)


def test_a_size_that_is_asked_for_is_what_comes():
    """Also of a net that takes one size only; the other modes need that size."""
    model = net()
    for size in (40, (48, 56)):
        found = filter_patterns(model, "middle", 1, size=size, steps=1, mode="natural")
        assert found.images.shape[1:3] == tuple(np.broadcast_to(size, 2))
    with pytest.raises(ValueError, match="size: received 40; this model takes"):
        filter_patterns(model, "middle", 1, size=40, mode="smooth")
    assert filter_patterns(model, "middle", 1, steps=1, mode="smooth").images.shape[1] == 224


class Embedding(layers.Layer):
    """Adds a number to each position, as transformers do."""

    def build(self, shape):
        self.table = self.add_weight(shape=shape[1:], name="table")

    def call(self, inputs):
        return inputs + self.table


def test_a_net_that_cannot_run_at_another_size_runs_at_its_own():
    model = keras.Sequential(
        [keras.Input((80, 80, 3)), Embedding(), layers.Conv2D(4, 3, name="conv")]
    )
    found = frame(model, "conv")
    assert found.sides == (80, 80) and found.margin == 0
    with pytest.raises(ValueError, match="size: received 64; this model takes"):
        filter_patterns(model, "conv", 1, size=64, mode="natural")
    found = filter_patterns(model, "conv", 1, size=80, steps=1, mode="natural")
    assert found.images.shape == (1, 80, 80, 3)


@pytest.mark.parametrize("sides", [(200,), (12, 14, 16)])
@pytest.mark.parametrize("channels", [1, 5])
def test_signals_and_volumes(sides, channels):
    """A signal as long as some receptive fields, a volume as it is."""
    kind = {1: layers.Conv1D, 3: layers.Conv3D}[len(sides)]
    conv = kind(4, 3, activation="relu", name="c")
    model = keras.Sequential([keras.Input((*sides, channels)), conv])
    images = np.random.default_rng(0).random((5, *sides, channels))
    for prior in (None, images, images[:2]):
        found = filter_patterns(model, "c", 2, mode="natural", images=prior)
        assert found.images.shape[1:] == (*(min(side, 64) for side in sides), channels)
        assert np.isfinite(found.images).all() and (found.scores > 0).all()

"""Effective receptive fields: by gradients, where the receptive field covers the picture."""

import keras
import numpy as np
import pytest

from convviz_tb.model import picture_input, receptive_fields, survey, with_effective

SIDE = 48


def tower(depth: int, side: int = SIDE, strides: int = 1, weight: float = 1 / 27):
    """Convolutions of equal weights: what a position depends on is a Gaussian."""
    model = keras.Sequential([keras.Input((side, side, 3))])
    for i in range(depth):
        kernel = keras.initializers.Constant(weight)
        last = {"name": "last"} if i == depth - 1 else {}
        model.add(
            keras.layers.Conv2D(
                3, 3, strides if i == 0 else 1, "same", kernel_initializer=kernel, **last
            )
        )
    return model


def fields(model: keras.Model, side: int = SIDE):
    picture = picture_input(model, None)
    (tap,) = [each for each in survey(model, picture.spec) if each.layer.name == "last"]
    plain = receptive_fields(model, [tap], picture)
    pictures = np.random.default_rng(0).random((3, side, side, 3), np.float32)
    return plain[0], with_effective(model, [tap], plain, picture, pictures)[0]


@pytest.mark.parametrize("depth", [24, 32])
def test_of_equal_weights_it_is_two_standard_deviations_to_either_side(depth):
    """Luo et al. 2016: the variance of one convolution of three is 2/3, and they add up."""
    plain, effective = fields(tower(depth))
    assert plain.size == (2 * depth + 1,) * 2 and effective.whole == plain.size
    expected = 2 * 2 * np.sqrt(depth * 2 / 3)
    assert effective.size == pytest.approx((expected, expected), abs=2)


def test_it_lies_around_the_middle_of_the_position():
    plain, effective = fields(tower(30, strides=2))
    assert effective.stride == plain.stride == (2, 2)
    for axis in range(2):
        middle = plain.offset[axis] + plain.size[axis] / 2
        assert effective.offset[axis] + effective.size[axis] / 2 == pytest.approx(middle)


def test_a_field_that_leaves_some_of_the_picture_out_stays_exact():
    plain, effective = fields(tower(4))
    assert effective is plain


@pytest.mark.parametrize("weight", [0.0, 1e30])
def test_without_a_gradient_it_stays_whole(weight):
    plain, effective = fields(tower(30, weight=weight))
    assert effective.size == plain.size and effective.whole is None

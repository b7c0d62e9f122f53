"""A filter is dead where nothing wakes it, not where the first ascent found nothing."""

from typing import Any

import keras
import numpy as np
import pytest

from convviz_tb import FilterPatterns
from convviz_tb.model import Fingerprints
from convviz_tb.patterns import Waking, pattern_taps, waking

RARE, DEAD, EASY = 1, 2, 3


def net(activation: str | None = "relu") -> keras.Model:
    """Filters on the difference of neighbours: one is rarely on, one never can be."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((24, 24, 3)),
            layers.Conv2D(4, 3, activation="relu", name="first"),
            layers.Conv2D(4, 3, name="second"),
            layers.Activation(activation or "linear", name="on"),
        ]
    )
    random = np.random.default_rng(0)
    first, second = (random.normal(size=(3, 3, n, 4)) for n in (3, 4))
    first -= first.mean(axis=(0, 1), keepdims=True)
    model.get_layer("first").set_weights([first / 27, np.zeros(4)])
    model.get_layer("second").set_weights([second / 36, np.zeros(4)])
    strongest = np.asarray(model(smooth(64)))[..., RARE].max()
    bias = np.zeros(4)
    bias[RARE], bias[DEAD] = -3 * strongest, -100.0
    model.get_layer("second").set_weights([second / 36, bias])
    return model


def smooth(count: int) -> np.ndarray:
    """Pictures whose neighbours differ little."""
    ramps = np.random.default_rng(1).uniform(0, 1, (count, 2, 1, 1, 3))
    return np.linspace(0, 1, 24)[:, None, None] * ramps[:, 0] * np.ones((24, 24, 1)) * ramps[:, 1]


def waking_of(model: keras.Model, layer: str = "on", **options: Any) -> Waking:
    given = FilterPatterns(layers=layer, filters="all", value_range=(0, 1), **options)
    (tap,) = pattern_taps(model, given)
    return Waking(model, tap, given, Fingerprints(), smooth(8))


def test_a_filter_that_is_rarely_on_is_woken_and_one_that_cannot_be_is_not():
    model = net()
    assert not np.asarray(model(smooth(64)))[..., [RARE, DEAD]].any()
    assert waking_of(model).wakes(0, np.array([RARE, DEAD])).tolist() == [True, False]


def test_an_activation_inside_the_convolution_counts_too():
    model = net()
    model.get_layer("first").set_weights(
        [model.get_layer("first").get_weights()[0], np.array([0, -0.2, -100.0, 0])]
    )
    assert waking_of(model, "first").wakes(0, np.array([1, 2, 3])).tolist() == [True, False, True]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The lengths of the steps of all climbs."""
    climbs: list[float] = []
    climb = Waking._climb

    def counting(self: Waking, pictures: Any, filter_: int, length: float) -> Any:
        climbs.append(length)
        return climb(self, pictures, filter_, length)

    monkeypatch.setattr(Waking, "_climb", counting)
    return climbs


def test_a_filter_is_tried_once_for_the_same_weights_and_little_for_its_own(counted):
    model, filters = net(), np.array([DEAD])
    tried = waking_of(model)
    assert not tried.wakes(0, filters)[0]
    whole = len(counted)
    assert whole == len(waking._LENGTHS)
    assert not tried.wakes(1, filters)[0] and len(counted) == whole  # nothing has changed
    kernel, bias = model.get_layer("first").get_weights()
    model.get_layer("first").set_weights([kernel * 1.01, bias])
    assert not tried.wakes(2, filters)[0]
    assert len(counted) == whole + len(waking._AGAIN)  # the layer below has, not the filter
    kernel, bias = model.get_layer("second").get_weights()
    kernel[..., DEAD] *= -1
    model.get_layer("second").set_weights([kernel, bias])
    assert not tried.wakes(3, filters)[0]
    assert len(counted) == 2 * whole + len(waking._AGAIN)  # another filter now


def test_a_filter_that_wakes_is_woken_at_once(counted):
    model, filters = net(), np.array([DEAD])
    tried = waking_of(model)
    assert not tried.wakes(0, filters)[0]
    kernel, bias = model.get_layer("second").get_weights()
    bias[DEAD] = 0
    model.get_layer("second").set_weights([kernel, bias])
    counted.clear()
    assert tried.wakes(1, filters)[0] and len(counted) == 1


def test_a_new_fit_goes_on_from_what_the_last_has_found(counted):
    model, filters = net(), np.array([DEAD])
    first, second = waking_of(model), waking_of(model)
    first.wakes(0, filters)
    second._options = first._options
    second.resume_from(first)
    counted.clear()
    assert not second.wakes(1, filters)[0] and len(counted) == len(waking._AGAIN)


def test_directions_are_not_tried():
    assert not waking_of(net()).wakes(0, np.eye(4, dtype=np.float32)).any()


def test_probe_images_that_are_too_small_are_left_out():
    model = net()
    tried = waking_of(model)
    tried._images = smooth(4)[:, :20]
    assert tried.wakes(0, np.array([RARE]))[0]


def test_where_nothing_in_a_picture_matters_the_attempt_is_short(counted):
    model = net()
    kernel, _ = model.get_layer("first").get_weights()
    model.get_layer("first").set_weights([kernel, np.full(4, -100.0)])
    assert not waking_of(model).wakes(0, np.array([RARE, DEAD])).any()
    assert len(counted) == 2

"""A filter is dead where nothing wakes it, not where the first ascent found nothing."""

import dataclasses
from typing import Any

import keras
import numpy as np
import pytest

from convviz_tb import FilterPatterns
from convviz_tb.patterns import ascend, pattern_taps, waking
from convviz_tb.patterns.graph import calmed
from convviz_tb.patterns.restarts import with_silent_woken
from convviz_tb.patterns.waking import Woken, wake

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


def attempt(model: keras.Model, filters: Any, layer: str = "on", **options: Any) -> Woken:
    """An attempt to wake some filters; `last` and `nth` are those of `wake`."""
    of_wake = {name: options.pop(name) for name in ("last", "nth") if name in options}
    options = {"images": smooth(8), "value_range": (0, 1)} | options
    given = FilterPatterns(layers=layer, filters="all", **options)
    (tap,) = pattern_taps(model, given)
    return wake(model, tap, given, np.asarray(filters), **of_wake)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The lengths of the steps of all climbs."""
    lengths: list[float] = []
    run = waking._run

    def counting(graph: Any, *arguments: Any) -> Any:
        lengths.append(float(arguments[-1]))
        return run(graph, *arguments)

    monkeypatch.setattr(waking, "_run", counting)
    return lengths


def test_a_filter_that_is_rarely_on_is_woken_and_one_that_cannot_be_is_not():
    model = net()
    assert not np.asarray(model(smooth(64)))[..., [RARE, DEAD]].any()
    woken = attempt(model, [RARE, DEAD])
    assert woken.awake.tolist() == [True, False]
    assert 0 <= woken.pictures[0].min() < woken.pictures[0].max() <= 1
    assert np.asarray(model(woken.pictures[:1]))[..., RARE].any()


def test_one_attempt_serves_all_filters(counted):
    """As many as there are take no more steps than one that never wakes."""
    woken = attempt(net(), [0, RARE, DEAD, EASY])
    assert woken.awake.tolist() == [True, True, False, True]
    assert len(counted) <= len(waking._LENGTHS)


def test_an_activation_inside_the_convolution_counts_too():
    model = net()
    model.get_layer("first").set_weights(
        [model.get_layer("first").get_weights()[0], np.array([0, -0.2, -100.0, 0])]
    )
    assert attempt(model, [1, 2, 3], "first").awake.tolist() == [True, False, True]


def test_directions_are_tried_too():
    directions = np.eye(4, dtype=np.float32)
    directions[DEAD, DEAD] = 2.0
    woken = attempt(net(), directions)
    assert woken.awake.tolist() == [True, True, False, True]


def test_an_attempt_in_vain_is_continued_in_fewer_steps(counted):
    model = net()
    first = attempt(model, [DEAD])
    counted.clear()
    again = attempt(model, [DEAD], last=first.last, nth=1)
    assert not again.awake[0] and len(counted) == len(waking._AGAIN)
    half = len(first.last) // 2
    kept = again.last == first.last  # most pixels are as far from gray as they can be
    assert kept[:half].mean() > 0.5 > kept[half:].mean()


def test_each_attempt_has_starts_of_its_own():
    """Of a layer that never answers: what comes out are the starts themselves."""
    model = net()
    kernel, _ = model.get_layer("first").get_weights()
    model.get_layer("first").set_weights([kernel, np.full(4, -100.0)])
    one, same, other = (attempt(model, [DEAD], nth=nth).last for nth in (0, 0, 1))
    assert np.array_equal(one, same) and not np.array_equal(one, other)
    noise, picture = one[:2, :24, :24] / 255  # mirrored beyond
    shown = smooth(8)
    assert abs(shown - picture).max((1, 2, 3)).min() < 1e-6
    assert abs(shown - noise).max((1, 2, 3)).min() > 0.1


def test_images_that_are_small_or_missing_are_no_hindrance():
    model = net()
    for images in (smooth(4)[:, :20], smooth(4)[:, 4:5], None):
        assert attempt(model, [RARE], images=images).awake[0]


def test_where_nothing_in_a_picture_matters_the_attempt_is_short(counted):
    model = net()
    kernel, _ = model.get_layer("first").get_weights()
    model.get_layer("first").set_weights([kernel, np.full(4, -100.0)])
    assert not attempt(model, [RARE, DEAD]).awake.any()
    assert len(counted) == 1


def likeness_of_neighbours(picture: np.ndarray) -> float:
    """Correlation of pixels side by side: 0 of noise."""
    return float(np.corrcoef(picture[:, 1:].ravel(), picture[:, :-1].ravel())[0, 1])


def test_what_woke_a_filter_is_freed_of_noise_before_its_pattern_starts_from_it():
    """The waves stay where they are."""
    model, options = net(), FilterPatterns(layers="on", value_range=(0, 1))
    (tap,) = pattern_taps(model, options)
    ramp = np.linspace(0.2, 0.8, 30)[:, None, None] * np.ones((30, 3))
    noisy = np.random.default_rng(0).uniform(-0.2, 0.2, (2, 30, 30, 3)) + ramp
    calm = calmed(model, tap, options, noisy.astype(np.float32))
    assert calm.shape == noisy.shape and 0 <= calm.min() < calm.max() <= 1
    for before, after in zip(noisy, calm, strict=True):
        assert likeness_of_neighbours(before) < 0.75 < likeness_of_neighbours(after)
        assert np.corrcoef(before.mean((1, 2)), after.mean((1, 2)))[0, 1] > 0.9


def test_a_woken_filter_scores_on_its_pattern_which_is_less_noisy_than_what_woke_it():
    model, options = net(), FilterPatterns(layers="on", value_range=(0, 1))
    (tap,) = pattern_taps(model, options)
    filters, woken = np.array([RARE], np.int32), attempt(model, [RARE], images=None)
    patterns = ascend(model, tap, options, filters)
    silent = dataclasses.replace(patterns, scores=np.zeros(1), dead=np.array([True]))
    given = (model, tap, options, filters, silent)
    found = with_silent_woken(*given, lambda positions: woken)
    assert found.scores[0] > 0 and not found.dead[0]
    noise = likeness_of_neighbours(woken.pictures[0])
    assert likeness_of_neighbours(found.images[0]) > noise + 0.2


@pytest.mark.parametrize(("bias", "is_far"), [(-1.0, True), (-0.035, False)])
def test_an_attempt_ends_early_only_where_a_filter_is_far_away(counted, bias, is_far):
    """What goes into it is 0.03 above the bias at most, and the second run gains 0.001."""
    model = net()
    kernel, biases = model.get_layer("second").get_weights()
    biases[DEAD] = bias
    model.get_layer("second").set_weights([kernel, biases])
    assert not attempt(model, [DEAD]).awake[0]
    assert (len(counted) == 2) == is_far

"""Patterns over the steps: what did not change is not computed, what did starts from before."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from convviz_tb import ConvViz, FilterPatterns, filter_patterns
from convviz_tb.model.weights import Fingerprints
from convviz_tb.patterns import tracking
from convviz_tb.patterns.compute import pattern_taps
from convviz_tb.patterns.tracking import PatternTracker
from convviz_tb.patterns.waking import wake
from support import zoo
from support.events import Event, read_run

PLAN = FilterPatterns(["first", "last"], filters=3, steps=6, refresh=3, mode="smooth")


def network() -> keras.Model:
    """Two convolutions, the first of them without training, then a normalisation and another."""
    keras.utils.set_random_seed(3)
    layers = keras.layers
    first = zoo.conv(name="first")
    first.trainable = False
    middle = [layers.BatchNormalization(name="norm"), zoo.conv(name="last")]
    model = keras.Sequential([keras.Input(zoo.RGB), first, *middle, *zoo.head()])
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def fit(model: keras.Model, log_dir: Path, plan: FilterPatterns = PLAN, epochs: int = 4) -> None:
    images = zoo.inputs_of(model, 8)
    callback = ConvViz(log_dir, patterns=plan)
    model.fit(images, np.arange(8) % zoo.CLASSES, epochs=epochs, verbose=0, callbacks=[callback])


@pytest.fixture(scope="module")
def log_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    log_dir = tmp_path_factory.mktemp("run")
    model = network()
    fit(model, log_dir)
    fit(model, log_dir, epochs=1)  # by a callback that knows nothing, as in a new process
    return log_dir


def facts(events: list[Event], name: str) -> list[Any]:
    return [event.facts[name] for event in events]


def test_a_layer_that_did_not_change_keeps_its_pictures_and_says_from_when_they_are(log_dir: Path):
    events = read_run(log_dir)["patterns/first"][:5]
    for event in events:
        assert [tile["computed"] for tile in event.facts["tiles"]] == [0, 0, 0]
        assert np.array_equal(event.sheet, events[0].sheet)
    assert facts(events, "unchanged") == [False, True, True, True, True]
    assert facts(events, "ascent_steps") == [6, 0, 0, 0, 0]


def test_patterns_go_on_from_the_step_before_and_from_the_seed_now_and_then(log_dir: Path):
    events = read_run(log_dir)["patterns/last"]
    # The new process starts from the seed: it has no pictures to go on from.
    assert facts(events, "refreshed") == [True, False, False, True, False, True]
    warm = PLAN.warm_steps
    assert facts(events, "ascent_steps") == [6, warm, warm, 6, warm, 6]
    assert facts(events, "unchanged") == [False] * 6
    for event in events:
        assert {tile["computed"] for tile in event.facts["tiles"]} == {event.step}


def test_the_notebook_mode_always_starts_from_the_seed(tmp_path: Path):
    plan = FilterPatterns("last", filters=1, steps=2, mode="notebook")
    fit(network(), tmp_path, plan, epochs=2)
    events = read_run(tmp_path)["patterns/last"]
    assert facts(events, "refreshed") == [True] * 3 and facts(events, "ascent_steps") == [2] * 3


def tracker(model: keras.Model, plan: FilterPatterns = PLAN, layer: str = "last") -> PatternTracker:
    (tap,) = [tap for tap in pattern_taps(model, plan) if tap.path == layer]
    return PatternTracker(model, tap, plan, Fingerprints())


def change(model: keras.Model, layer: str = "last", by: float = 0.1) -> None:
    kernel = model.get_layer(layer).kernel
    kernel.assign_add(np.random.default_rng(0).normal(0, by, kernel.shape).astype("float32"))


def test_the_first_time_it_is_what_filter_patterns_gives():
    model = network()
    found = tracker(model).update(0).patterns
    alone = filter_patterns(model, "last", 3, steps=6, mode="smooth")
    assert np.array_equal(found.images, alone.images) and np.array_equal(found.scores, alone.scores)


def test_a_warm_start_is_filter_patterns_with_a_start():
    model = network()
    tracked = tracker(model)
    before = tracked.update(0).patterns.images
    change(model, by=0.01)  # so little that no filter becomes another
    after = tracked.update(1)
    alone = filter_patterns(
        model,
        "last",
        3,
        mode="smooth",
        steps=PLAN.warm_steps,
        step_size=PLAN.warm_step_size,
        start=before,
    )
    assert not after.refreshed and np.array_equal(after.patterns.images, alone.images)


def test_a_filter_that_became_another_begins_anew_at_the_seed():
    """Its picture would show for many steps what it was."""
    model = network()
    tracked = tracker(model)
    before = tracked.update(0).patterns.images
    kernel = model.get_layer("last").kernel
    other = kernel.numpy()
    other[..., 2] = -other[..., 2]  # the second of the three filters shown
    kernel.assign(other)
    after = tracked.update(1).patterns.images
    alone = filter_patterns(model, "last", [0, 2, 3], steps=PLAN.ascent_steps, mode="smooth").images
    anew = [np.array_equal(*pair) for pair in zip(after, alone, strict=True)]
    assert anew == [False, True, False]
    assert not np.array_equal(after, before)


@pytest.mark.parametrize("what", ["moving_mean", "gamma"])
def test_anything_that_a_layer_depends_on_counts_as_a_change(what: str):
    model = network()
    tracked = [tracker(model, layer=layer) for layer in ("first", "last")]
    for each in tracked:
        each.update(0)
    weight = getattr(model.get_layer("norm"), what)
    weight.assign(weight + 0.1)
    assert [each.update(1).unchanged for each in tracked] == [True, False]


def test_directions_are_patterns_of_the_callback_too(tmp_path: Path):
    """Mixtures of filters as `FilterPatterns` documents them: numbered, and always all at once."""
    directions = np.float32([[1, 0, 0, -1], [0, 1, 1, 0]])
    model = network()
    expected = filter_patterns(model, "last", directions, steps=2)
    fit(model, tmp_path, FilterPatterns("last", filters=directions, steps=2), epochs=1)
    first, second = read_run(tmp_path)["patterns/last"]
    assert [tile["filter"] for tile in second.facts["tiles"]] == [0, 1]
    scores = [tile["score"] for tile in first.facts["tiles"]]
    np.testing.assert_allclose(scores, expected.scores, rtol=1e-5)
    assert [event.facts["failures"] for event in read_run(tmp_path)["model"]] == [[], []]


def test_what_comes_after_a_layer_does_not_count():
    model = network()
    tracked = tracker(model)
    tracked.update(0)
    dense = model.layers[-1].kernel
    dense.assign(dense + 1)
    assert tracked.update(1).unchanged


def test_some_filters_at_a_time_go_round_oldest_first():
    model = network()
    tracked = tracker(model, FilterPatterns("last", filters="all", steps=2, refresh=100))
    pictures = [tracked.update(0).patterns.images]
    rounds = []
    for step in (1, 2, 3):
        change(model)
        found = tracked.update(step, most=tracked.count // 2 + 1)
        rounds.append(found.computed)
        pictures.append(found.patterns.images)
        anew = found.computed == step
        assert np.array_equal(pictures[step][~anew], pictures[step - 1][~anew])
        assert not np.any(np.all(pictures[step][anew] == pictures[step - 1][anew], (1, 2, 3)))
    assert tracked.count == 4
    assert [each.tolist() for each in rounds] == [[1, 1, 1, 0], [2, 2, 1, 2], [3, 3, 3, 2]]


def test_a_picture_that_is_no_number_starts_again_from_the_seed():
    model = network()
    tracked = tracker(model)
    tracked.update(0)
    kernel = model.get_layer("last").kernel
    good = kernel.numpy()
    kernel.assign(np.full_like(good, np.nan))
    assert not np.isfinite(tracked.update(1).patterns.images).all()
    kernel.assign(good)
    found = tracked.update(2)
    assert found.refreshed and np.isfinite(found.patterns.images).all()


@pytest.mark.parametrize("refresh", [0, 1.5, "no"])
def test_refresh_is_checked_at_once(refresh: Any):
    with pytest.raises(ValueError, match=r"^refresh: "):
        FilterPatterns(refresh=refresh)


NATURAL = FilterPatterns("last", filters=4, refresh=100)


def trained(model: keras.Model) -> keras.Model:
    """With statistics of its data, so that filters differ."""
    norm = model.get_layer("norm")
    norm.moving_variance.assign(np.linspace(0.5, 2, 4).astype("float32") * 100)
    return model


def test_an_unchanged_filter_keeps_its_pattern_in_natural_mode():
    """However often it is warm-started: its score neither creeps up nor falls."""
    model = trained(network())
    tracked = tracker(model, NATURAL)
    first = tracked.update(0).patterns
    for step in range(1, 6):
        model.get_layer("norm").beta.assign_add(np.full(4, 1e-6, "float32"))  # as good as nothing
        last = tracked.update(step)
        assert not last.refreshed and last.ascent_steps == NATURAL.warm_steps
    for before, after in zip(first.images, last.patterns.images, strict=True):
        assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.9
    np.testing.assert_allclose(last.patterns.scores, first.scores, rtol=0.3)


def test_a_filter_whose_layers_below_became_others_starts_again_from_the_seed():
    """Its own kernel is as it was; its picture scores less than half of what it did."""
    model = trained(network())
    tracked = tracker(model, NATURAL)
    tracked.update(0)
    first = model.get_layer("first").kernel
    first.assign(-first.numpy())
    after = tracked.update(1)
    alone = filter_patterns(model, "last", 4)
    fallen = (after.patterns.images == alone.images).all(axis=(1, 2, 3))
    assert fallen.any()
    assert (after.patterns.scores[~fallen] > 0).all()


def test_no_pattern_is_worse_than_plain_gray_or_its_start():
    """Of one step far too long, say."""
    model = trained(network())
    plain = np.full((4, *zoo.RGB), 127.5, np.float32)
    good = filter_patterns(model, "last", 4)
    worse = filter_patterns(model, "last", 4, start=good.images, steps=1, step_size=1e4)
    assert (worse.scores >= worse.start_scores * 0.99).all()
    np.testing.assert_allclose(worse.start_scores, good.scores, rtol=0.2)  # the margin is another
    (tap,) = pattern_taps(model, NATURAL)
    of_gray = filter_patterns(model, "last", 4, start=plain + 1e-3, steps=1, step_size=1e-9)
    assert (good.scores >= of_gray.scores).all() and tap.path == "last"


@pytest.mark.parametrize("plan", [PLAN, NATURAL], ids=["smooth", "natural"])
def test_a_filter_that_wakes_gets_the_picture_that_it_had(plan):
    """Dead for two steps, then as before: from the seed, not from three steps out of noise."""
    model = trained(network())
    tracked = tracker(model, plan)
    first = tracked.update(0).patterns
    bias = model.get_layer("last").bias
    usual = bias.numpy()
    for step in (1, 2):
        bias.assign(usual + np.eye(4, dtype="float32")[2] * -1e6 * step)
        dead = tracked.update(step).patterns
    bias.assign(usual)
    woken = tracked.update(3).patterns
    shown = int(np.flatnonzero(first.filters == 2)[0])
    assert dead.dead[shown] and not first.dead[shown]
    assert np.array_equal(woken.images[shown], first.images[shown])


def test_a_warm_start_begins_where_the_last_ascent_ended():
    """With the margin that is not shown: mirrored instead, the pictures would score otherwise."""
    model = trained(network())
    tracked = tracker(model, NATURAL)
    first = tracked.update(0).patterns
    assert first.padded.shape[1] > first.images.shape[1]
    warm = {"steps": 1, "step_size": 1e-6}
    exact, mirrored = (
        filter_patterns(model, "last", 4, start=start, **warm).start_scores
        for start in (first.padded, first.images)
    )
    np.testing.assert_allclose(exact, first.scores, rtol=1e-3)
    assert not np.allclose(mirrored, first.scores, rtol=1e-3)
    model.get_layer("norm").beta.assign_add(np.full(4, 1e-6, "float32"))
    np.testing.assert_allclose(tracked.update(1).patterns.start_scores, first.scores, rtol=1e-2)


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[int], bool]]:
    """The filters of all attempts to wake some, and whether an earlier one was continued."""
    tried: list[tuple[list[int], bool]] = []

    def noted(*given: Any, nth: int) -> Any:
        tried.append((given[3].tolist(), given[4] is not None))
        return wake(*given, nth=nth)

    monkeypatch.setattr(tracking, "wake", noted)
    return tried


def test_what_stays_silent_is_tried_in_full_once_and_then_a_little(attempts):
    model = trained(network())
    tracked, last = tracker(model, NATURAL), model.get_layer("last")
    tracked.update(0)
    assert not attempts  # nothing is silent
    bias, numbers = last.bias.numpy(), np.arange(4)
    for step, dead in enumerate(([1], [1], [1, 2], [1, 2]), start=1):
        last.bias.assign(bias - np.isin(numbers, dead) * 1e6 * step)
        found = tracked.update(step).patterns
        assert found.filters[found.dead].tolist() == dead
    assert attempts == [([1], False), ([1], True), ([1, 2], False), ([1, 2], True)]
    last.kernel.assign(last.kernel.numpy() * np.where(numbers == 2, -1, 1))
    tracked.update(5)  # filter 2 is another one now
    assert attempts[4:] == [([2], False), ([1], True)]


def test_a_dead_filter_is_forgotten_by_nobody_who_resumes(attempts):
    model = trained(network())
    model.get_layer("last").bias.assign(np.float32([0, -1e6, 0, 0]))
    earlier, later = tracker(model, NATURAL), tracker(model, NATURAL)
    earlier.update(0)
    later.resume_from(earlier)
    model.get_layer("last").bias.assign(np.float32([0, -2e6, 0, 0]))
    later.update(1)
    assert attempts == [([1], False), ([1], True)]

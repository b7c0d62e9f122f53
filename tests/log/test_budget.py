"""The account that a budget is kept by, with a clock that tests move; and whole trainings."""

import logging
from pathlib import Path

import keras
import numpy as np
import pytest

from convviz_tb import ConvViz, FilterPatterns, GradCAM
from convviz_tb.log.budget import Budget, Cost, TimeLeft
from convviz_tb.log.jobs import HeatmapJob, PatternJob
from support import zoo
from support.events import read_run


class Clock:
    """Stands still unless told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def simulated(share: float, epochs: int, lengths: list[float], unit: float, first: float) -> Budget:
    """A training that spends as much as it may, in units; the last look costs `unit`."""
    clock = Clock()
    account = Budget(share, clock)
    with account.spending():
        clock.now += first
        account.begin(0)
    for step in range(1, epochs + 1):
        clock.now += lengths[step - 1]
        with account.spending():
            account.end_epoch()
            if step == epochs:
                clock.now += unit
            else:
                left = account.time_left(step, epochs, 1, unit).now
                clock.now += max(0, left // unit) * unit
    return account


@pytest.mark.parametrize(
    "lengths",
    [[10.0] * 20, [30.0] + [10.0] * 19, [10.0, 14.0] * 10, list(np.linspace(5, 15, 20))],
    ids=["even", "slow first epoch", "noisy", "slower and slower"],
)
@pytest.mark.parametrize("unit", [0.1, 1.0, 3.0])
def test_what_is_spent_stays_within_a_fifth_below_the_share(lengths, unit):
    account = simulated(0.1, 20, lengths, unit, first=4.0)
    assert 0.8 * 0.1 - unit / account.trained <= account.spent / account.trained <= 0.1 + 1e-9


def test_it_is_spread_over_all_epochs():
    spent = [simulated(0.1, epochs, [10.0] * 20, 0.1, first=2.0).spent for epochs in range(2, 21)]
    assert spent == sorted(spent)


def test_between_nothing_is_left_where_first_and_last_take_it_all():
    account = simulated(0.1, 20, [1.0] * 20, unit=1.0, first=5.0)
    assert account.spent == 6.0
    assert account.allowance(20, 20, last=0.0) < 0


def trained(share: float | None, seconds: float) -> Budget:
    """One epoch of so many seconds."""
    clock = Clock()
    account = Budget(share, clock)
    with account.spending():
        account.begin(0)
    clock.now += seconds
    with account.spending():
        account.end_epoch()
    return account


def test_logging_that_takes_longer_than_training_is_told_once_and_what_is_cheaper(caplog):
    account = trained(None, seconds=8)
    account.advise(0, 36, epochs=0)  # before training there is nothing to compare with
    assert not caplog.text
    for _ in range(2):
        account.advise(1, 36, epochs=1)
    (record,) = caplog.records
    assert "Step 1 took 36 s to log, training it 8.0 s." in record.message
    assert all(f"`{each}" in record.message for each in ("budget=", "FilterPatterns(", "every="))
    Budget(None, Clock(), earlier=account).advise(2, 36, epochs=1)
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("share", "training", "seconds"),
    [(None, 40, 36), (0.1, 8, 36), (None, 0.5, 1.5)],
    ids=["cheaper than training", "a budget", "moments"],
)
def test_logging_that_is_cheap_or_limited_is_not_told(share, training, seconds, caplog):
    trained(share, training).advise(1, seconds, epochs=1)
    assert not caplog.text


def test_a_cost_is_learned_from_what_was_measured():
    cost = Cost()
    assert cost.per_unit is None
    for seconds in (30.0, 8.0, 8.0, 8.0, 8.0):
        cost.learn(seconds, units=4)
    assert 2.0 < cost.per_unit < 2.4


def test_only_what_is_outside_of_us_is_training():
    clock = Clock()
    account = Budget(0.5, clock)
    clock.now = 100.0  # before fit: nobody's
    with account.spending():
        clock.now += 3
        account.begin(0)
    for length in (2.0, 4.0):
        clock.now += length
        with account.spending():
            account.end_epoch()
            clock.now += 1
    assert account.trained == 6.0 and account.spent == 5.0
    assert account.epoch_seconds(1) == 4.0 and account.epoch_seconds(2) == 3.0


PLAN = FilterPatterns(["first", "last"], filters="all", steps=2)


def network() -> keras.Model:
    keras.utils.set_random_seed(2)
    model = keras.Sequential(
        [keras.Input(zoo.RGB), zoo.conv(8, name="first"), zoo.conv(12, name="last"), *zoo.head()]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def fit(log_dir: Path, *others: keras.callbacks.Callback, epochs: int = 6, **options):
    model = network()
    images = zoo.inputs_of(model, 8)
    callback = ConvViz(log_dir, patterns=PLAN, heatmaps=GradCAM(images[:2]), **options)
    labels = np.arange(8) % zoo.CLASSES
    model.fit(images, labels, epochs=epochs, verbose=0, callbacks=[callback, *others])
    return read_run(log_dir)


def of_step(events, tag: str, step: int):
    return next((event for event in events[tag] if event.step == step), None)


def assert_whole(events, step: int) -> None:
    """Everything is there and of this very step."""
    assert of_step(events, "model", step).facts["skipped"] == []
    assert of_step(events, "heatmaps/last", step)
    for layer in ("first", "last"):
        tiles = of_step(events, f"patterns/{layer}", step).facts["tiles"]
        assert {tile["computed"] for tile in tiles} == {step}


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory):
    """A budget that leaves nothing between the first and the last step."""
    return fit(tmp_path_factory.mktemp("tight"), budget=1e-6)


def test_first_and_last_are_whole_and_the_rest_is_told(tight):
    assert_whole(tight, 0)
    assert_whole(tight, 6)
    for step in range(1, 6):
        facts = of_step(tight, "model", step).facts
        assert facts["budget"] == 1e-6 and facts["epoch_seconds"] > 0
        assert {each["tag"]: each["reason"] for each in facts["skipped"]} == {
            "examples/first": "budget: not computed",
            "examples/last": "budget: not computed",
            "patterns/first": "budget: 0 of 8 filters computed",
            "patterns/last": "budget: 0 of 12 filters computed",
            "heatmaps/last": "budget: not computed",
        }
        assert of_step(tight, "patterns/last", step) is None


def test_a_budget_that_cannot_be_kept_is_told_once(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        fit(tmp_path, budget=1e-6, epochs=3)
    assert caplog.text.count("budget: the first and the last step alone take more than") == 1


def test_filters_take_turns_between(tmp_path, monkeypatch):
    # Time for one batch of each layer at each step, whatever the machine.
    monkeypatch.setattr(Budget, "time_left", lambda *_: TimeLeft(1e6, 1e6))
    monkeypatch.setattr(PatternJob, "affordable", lambda *_: 4)
    events = fit(tmp_path, budget=0.5)
    assert_whole(events, 0)
    assert_whole(events, 6)
    for step in range(1, 6):
        skipped = of_step(events, "model", step).facts["skipped"]
        assert {each["tag"]: each["reason"] for each in skipped} == {
            "patterns/first": "budget: 4 of 8 filters computed",
            "patterns/last": "budget: 4 of 12 filters computed",
        }
    # The oldest first: each batch has its turn before another has its second.
    computed = {
        layer: [tile["computed"] for tile in of_step(events, f"patterns/{layer}", 5).facts["tiles"]]
        for layer in ("first", "last")
    }
    assert sorted(computed["first"]) == [4] * 4 + [5] * 4
    assert sorted(computed["last"]) == [3] * 4 + [4] * 4 + [5] * 4


def test_an_expensive_job_is_saved_up_for(tmp_path, monkeypatch):
    # The time of three steps is enough for the heatmaps.
    saved = iter([4e5, 8e5, 12e5, 6e5, 9e5, 14e5])
    monkeypatch.setattr(Budget, "time_left", lambda *_: TimeLeft(next(saved), 2e6))
    monkeypatch.setattr(HeatmapJob, "predicted", lambda *_: 1e6)
    monkeypatch.setattr(PatternJob, "affordable", lambda *_: None)
    monkeypatch.setattr(PatternJob, "is_worth_saving_for", lambda *_: False)
    events = fit(tmp_path, budget=0.5, epochs=7)
    assert [event.step for event in events["heatmaps/last"]] == [0, 3, 6, 7]


def test_a_stop_by_a_callback_behind_ours_is_still_looked_at_whole(tmp_path):
    stop = keras.callbacks.EarlyStopping("loss", patience=0, min_delta=1e9)
    events = fit(tmp_path, stop, budget=1e-6)
    assert [event.step for event in events["model"]] == [0, 1, 2]
    assert_whole(events, 2)


def test_without_a_budget_nothing_is_left_out(tmp_path):
    events = fit(tmp_path, epochs=2)
    for step in (0, 1, 2):
        assert_whole(events, step)
        assert of_step(events, "model", step).facts["budget"] is None


@pytest.mark.parametrize("budget", [0, -0.1, 1.5, True, "10 %", float("nan")])
def test_a_budget_that_is_no_share_is_refused_at_once(tmp_path, budget):
    with pytest.raises(ValueError, match=r"^budget: received"):
        ConvViz(tmp_path, budget=budget)

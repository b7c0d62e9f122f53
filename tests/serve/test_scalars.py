"""Scalars beside our series, Keras' and those of layers, with both of TensorBoard's loaders."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from convviz_tb.schema import Series
from convviz_tb.serve import scalars
from convviz_tb.serve.scalars import MOST_METRICS, MOST_POINTS, keras_curves, layer_profiles
from support.loaders import client_of, store_of
from support.logs import log, write_run, write_scalars

Load = Callable[[Path], Any]


# --------------------------------------------------------------------------- Keras' own metrics


def test_metrics_of_both_parts_lie_on_our_steps(load: Load, tmp_path: Path) -> None:
    write_run(tmp_path, "a/convviz", steps=3)
    write_scalars(tmp_path, "a/train", {"epoch_accuracy": [0.5, 0.75], "epoch_loss": [2.0, 1.0]})
    write_scalars(tmp_path, "a/validation", {"epoch_loss": [3.0, 2.5]})
    write_scalars(tmp_path, "b/train", {"epoch_loss": [9.0]})
    found = keras_curves(store_of(load(tmp_path)), "a/convviz")
    assert [(curve["metric"], curve["part"]) for curve in found] == [
        ("loss", "train"),
        ("accuracy", "train"),
        ("loss", "validation"),
    ]
    assert found[0]["steps"] == [1, 2]
    assert found[0]["values"] == [2.0, 1.0]
    assert found[0]["wall_times"] == [1000.0, 1001.0]


def test_a_run_at_the_top_has_its_parts_beside_it(load: Load, tmp_path: Path) -> None:
    write_run(tmp_path, "convviz", steps=1)
    write_scalars(tmp_path, "train", {"epoch_loss": [2.0]})
    assert [curve["values"] for curve in keras_curves(store_of(load(tmp_path)), "convviz")] == [
        [2.0]
    ]


def test_scalars_over_batches_are_no_epochs(load: Load, tmp_path: Path) -> None:
    write_run(tmp_path, "a/convviz", steps=1)
    write_scalars(tmp_path, "a/train", {"batch_loss": [1.0, 2.0], "mine": [1.0]})
    write_scalars(tmp_path, "a/validation", {"evaluation_loss_vs_iterations": [1.0]})
    assert keras_curves(store_of(load(tmp_path)), "a/convviz") == []


def test_a_metric_that_is_not_finite_is_null(load: Load, tmp_path: Path) -> None:
    write_run(tmp_path, "a/convviz", steps=1)
    write_scalars(tmp_path, "a/train", {"epoch_loss": [1.0, float("nan"), float("inf")]})
    (curve,) = keras_curves(store_of(load(tmp_path)), "a/convviz")
    assert curve["values"] == [1.0, None, None]


def test_an_answer_of_curves_stays_small(load: Load, tmp_path: Path) -> None:
    write_run(tmp_path, "a/convviz", steps=1)
    many = {f"epoch_{number:03}": [0.0] for number in range(MOST_METRICS + 10)}
    write_scalars(tmp_path, "a/train", many | {"epoch_loss": [0.0] * (MOST_POINTS + 200)})
    found = keras_curves(store_of(load(tmp_path)), "a/convviz")
    assert len(found) == MOST_METRICS
    assert found[0]["metric"] == "loss"
    assert len(found[0]["values"]) <= MOST_POINTS


@pytest.mark.parametrize("run", ["a/convviz", "gone", "\x00", "../..", "ünï"])
def test_without_scalars_there_are_no_curves_and_no_error(
    load: Load, tmp_path: Path, run: str
) -> None:
    write_run(tmp_path, "a/convviz", steps=1)
    answer = client_of(load(tmp_path)).get("/data/plugin/convviz/curves", query_string={"run": run})
    assert answer.status_code == 200
    assert answer.json == {"run": run, "curves": []}


def test_scalars_beside_nothing_of_ours_are_not_told(load: Load, tmp_path: Path) -> None:
    write_run(tmp_path, "a/convviz", steps=1)
    write_scalars(tmp_path, "private/train", {"epoch_loss": [1.0]})
    assert keras_curves(store_of(load(tmp_path)), "private/convviz") == []


# ---------------------------------------------------------------------------- metrics of layers


def test_each_layer_has_its_numbers_over_the_steps(load: Load, tmp_path: Path) -> None:
    logged = {
        "convviz/kernel_drift/base/conv2": [0.0, 0.25, 0.5],
        "convviz/dead/base/conv2": [0.0, 0.0, 3.0],
        "convviz/kernel_drift/conv1": [0.0, 0.1],
        "epoch_loss": [2.0, 1.0],
    }
    write_scalars(tmp_path, "a/convviz", logged)
    write_scalars(tmp_path, "b/convviz", {"convviz/dead/other": [9.0]})
    assert layer_profiles(store_of(load(tmp_path)), "a/convviz") == [
        {
            "layer": "base/conv2",
            "numbers": {
                "dead": {"steps": [0, 1, 2], "values": [0.0, 0.0, 3.0]},
                "kernel_drift": {"steps": [0, 1, 2], "values": [0.0, 0.25, 0.5]},
            },
        },
        {"layer": "conv1", "numbers": {"kernel_drift": {"steps": [0, 1], "values": [0.0, 0.1]}}},
    ]


def test_the_facts_have_the_numbers_that_are_no_scalars_and_say_when_a_layer_was_trained(
    load: Load, tmp_path: Path
) -> None:
    with log(tmp_path, "a/convviz") as writing:
        for step in range(4):
            layer = {"layer": "conv1", "class_name": "", "filters": 4, "kinds": ["patterns"]}
            layer |= {"trainable": step > 1, "numbers": {"dead": step, "area": None}}
            writing.put_whole(Series("model"), step, at=1000.0 + step, layers=[layer])
    assert layer_profiles(store_of(load(tmp_path)), "a/convviz") == [
        {
            "layer": "conv1",
            "numbers": {
                "area": {"steps": [0, 1, 2, 3], "values": [None] * 4},
                "dead": {"steps": [0, 1, 2, 3], "values": [0, 1, 2, 3]},
            },
            "trainable": {"steps": [0, 2], "values": [False, True]},
        }
    ]


def test_names_that_are_none_are_left_out(load: Load, tmp_path: Path) -> None:
    odd = ["convviz/dead", "convviz/dead/", "convviz//conv1", "convviz/a b/conv1", "xconvviz/a/b"]
    write_scalars(tmp_path, "a/convviz", {tag: [1.0] for tag in odd})
    assert layer_profiles(store_of(load(tmp_path)), "a/convviz") == []


def test_a_layers_metric_that_is_not_finite_is_null_and_values_are_short(
    load: Load, tmp_path: Path
) -> None:
    values = [0.1, float("nan"), float("-inf")]
    write_scalars(tmp_path, "a/convviz", {"convviz/area/conv1": values})
    (layer,) = layer_profiles(store_of(load(tmp_path)), "a/convviz")
    assert layer["numbers"]["area"]["values"] == [0.1, None, None]


def test_an_answer_of_profiles_stays_bounded(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scalars, "MOST_TAGS", 5)
    logged = {f"convviz/dead/conv{at}": [0.0] * (1200 if at == 0 else 1) for at in range(9)}
    write_scalars(tmp_path, "a/convviz", logged)
    found = layer_profiles(store_of(load(tmp_path)), "a/convviz")
    assert len(found) == 5
    assert len(found[0]["numbers"]["dead"]["steps"]) <= 1000


@pytest.mark.parametrize("run", ["a/convviz", "gone", "\x00", "../..", "ünï"])
def test_without_numbers_there_is_no_profile_and_no_error(
    load: Load, tmp_path: Path, run: str
) -> None:
    write_run(tmp_path, "a/other", steps=1)
    route = "/data/plugin/convviz/profile"
    answer = client_of(load(tmp_path)).get(route, query_string={"run": run})
    assert answer.status_code == 200
    assert answer.json == {"run": run, "layers": []}


@pytest.mark.parametrize("route", ["curves", "profile"])
def test_the_run_must_be_named(load: Load, tmp_path: Path, route: str) -> None:
    write_run(tmp_path, "a/convviz", steps=1)
    answer = client_of(load(tmp_path)).get(f"/data/plugin/convviz/{route}")
    assert answer.status_code == 400
    assert "run: missing" in answer.text

"""The numbers of the layers over the steps, with both of TensorBoard's loaders."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from convviz_tb.serve import layer_scalars as room
from convviz_tb.serve.layer_scalars import profile
from support.loaders import client_of, store_of
from support.logs import write_run, write_scalars

Load = Callable[[Path], Any]


def test_each_layer_has_its_numbers_over_the_steps(load: Load, tmp_path: Path) -> None:
    scalars = {
        "convviz/kernel_drift/base/conv2": [0.0, 0.25, 0.5],
        "convviz/dead/base/conv2": [0.0, 0.0, 3.0],
        "convviz/kernel_drift/conv1": [0.0, 0.1],
        "epoch_loss": [2.0, 1.0],
    }
    write_scalars(tmp_path, "a/convviz", scalars)
    write_scalars(tmp_path, "b/convviz", {"convviz/dead/other": [9.0]})
    assert profile(store_of(load(tmp_path)), "a/convviz") == [
        {
            "layer": "base/conv2",
            "numbers": {
                "dead": {"steps": [0, 1, 2], "values": [0.0, 0.0, 3.0]},
                "kernel_drift": {"steps": [0, 1, 2], "values": [0.0, 0.25, 0.5]},
            },
        },
        {"layer": "conv1", "numbers": {"kernel_drift": {"steps": [0, 1], "values": [0.0, 0.1]}}},
    ]


def test_names_that_are_none_are_left_out(load: Load, tmp_path: Path) -> None:
    odd = ["convviz/dead", "convviz/dead/", "convviz//conv1", "convviz/a b/conv1", "xconvviz/a/b"]
    write_scalars(tmp_path, "a/convviz", {tag: [1.0] for tag in odd})
    assert profile(store_of(load(tmp_path)), "a/convviz") == []


def test_what_is_not_finite_is_null_and_values_are_short(load: Load, tmp_path: Path) -> None:
    values = [0.1, float("nan"), float("-inf")]
    write_scalars(tmp_path, "a/convviz", {"convviz/area/conv1": values})
    (layer,) = profile(store_of(load(tmp_path)), "a/convviz")
    assert layer["numbers"]["area"]["values"] == [0.1, None, None]


def test_an_answer_stays_bounded(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_TAGS", 5)
    scalars = {f"convviz/dead/conv{at}": [0.0] * (1200 if at == 0 else 1) for at in range(9)}
    write_scalars(tmp_path, "a/convviz", scalars)
    found = profile(store_of(load(tmp_path)), "a/convviz")
    assert len(found) == 5
    assert len(found[0]["numbers"]["dead"]["steps"]) <= 1000


@pytest.mark.parametrize("run", ["a/convviz", "gone", "\x00", "../..", "ünï"])
def test_without_numbers_there_is_no_profile_and_no_error(
    load: Load, tmp_path: Path, run: str
) -> None:
    write_run(tmp_path, "a/convviz", steps=1)
    route = "/data/plugin/convviz/profile"
    answer = client_of(load(tmp_path)).get(route, query_string={"run": run})
    assert answer.status_code == 200
    assert answer.json == {"run": run, "layers": []}


def test_the_run_must_be_named(load: Load, tmp_path: Path) -> None:
    write_run(tmp_path, "a/convviz", steps=1)
    answer = client_of(load(tmp_path)).get("/data/plugin/convviz/profile")
    assert answer.status_code == 400
    assert "run: missing" in answer.text

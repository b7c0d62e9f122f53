"""The store over real logs, with both of TensorBoard's loaders."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tensorboard.compat.proto import types_pb2

from convviz_tb import schema
from convviz_tb.schema import Series
from convviz_tb.serve.store import NEWEST_STEPS, NotStored, Ref, run_name
from support.loaders import python_loader, store_of
from support.logs import example_facts, log, picture, write_run

Load = Callable[[Path], Any]
PATTERNS = Series("patterns", "conv2")


@pytest.mark.parametrize(
    ("run", "name"),
    [
        ("clean/convviz", "clean"),
        ("a/b/convviz", "a/b"),
        ("convviz", "."),
        (".", "."),
        ("renamed", "renamed"),
        ("myconvviz", "myconvviz"),
    ],
)
def test_runs_are_named_as_their_users_named_them(run: str, name: str) -> None:
    assert run_name(run) == name


def test_runs_tell_the_newest_event_of_each_run(load: Load, tmp_path: Path) -> None:
    write_run(tmp_path, "b/convviz", steps=3)
    write_run(tmp_path, "a/convviz", steps=1)
    assert store_of(load(tmp_path)).runs() == [
        {"run": "a/convviz", "name": "a", "step": 0, "wall_time": 1000.25},
        {"run": "b/convviz", "name": "b", "step": 2, "wall_time": 1004.25},
    ]


def test_a_directory_without_our_data_has_no_runs(load: Load, tmp_path: Path) -> None:
    with log(tmp_path, "empty"):
        pass
    store = store_of(load(tmp_path))
    assert store.runs() == []
    with pytest.raises(NotStored, match="run"):
        store.series("empty")


def test_series_hold_every_step_of_every_tag(load: Load, tmp_path: Path) -> None:
    write_run(tmp_path, "a/convviz", steps=40)
    view = store_of(load(tmp_path)).series("a/convviz")
    every = list(range(40))
    assert {series["tag"]: series["steps"] for series in view["series"]} == {
        "inputs": [0],
        "patterns/conv2": every,
        "heatmaps/block/conv2": every,
        "model": every,
    }
    assert view["name"] == "a"
    assert view["model"] == example_facts("model", written=40)
    assert view["failures"] == []
    assert view["problems"] == []


def test_facts_and_sheet_are_found_under_what_series_told(load: Load, tmp_path: Path) -> None:
    write_run(tmp_path, "a/convviz", steps=3)
    store = store_of(load(tmp_path))
    for series in store.series("a/convviz")["series"]:
        for step, at in zip(series["steps"], series["wall_times"], strict=True):
            facts = store.facts(Ref("a/convviz", series["tag"], step, at))
            if series["kind"] == "model":
                assert facts == example_facts("model", written=step + 1)
                continue
            assert facts == example_facts(series["kind"])
            shown = store.sheet(Ref("a/convviz", series["tag"], step, at))
            assert shown == (picture(8, 16, seed=step), "image/png")


def test_jpeg_sheets_are_told_apart_by_their_bytes(load: Load, tmp_path: Path) -> None:
    jpeg = picture(8, 16, kind="JPEG")
    with log(tmp_path, "run") as writing:
        writing.put(PATTERNS, 0, schema.encode(example_facts("patterns")), jpeg)
    sheet = store_of(load(tmp_path)).sheet(Ref("run", PATTERNS.tag, 0, 1000.0))
    assert sheet == (jpeg, "image/jpeg")


@pytest.mark.parametrize(
    ("run", "tag", "step", "at", "named"),
    [
        ("b", "patterns/conv2", 0, 1000.25, "run"),
        ("a", "patterns/conv9", 0, 1000.25, "tag"),
        ("a", "patterns/conv2", 7, 1000.25, "step"),
        ("a", "patterns/conv2", -1, 1000.25, "step"),
        ("a", "patterns/conv2", 10**18, 1000.25, "step"),
        ("a", "patterns/conv2", 0, 1000.0, "at"),
        ("a", "model", 0, 1000.25, "tag"),
    ],
)
def test_what_is_missing_is_named(
    load: Load, tmp_path: Path, run: str, tag: str, step: int, at: float, named: str
) -> None:
    write_run(tmp_path, "a", steps=2)
    with pytest.raises(NotStored, match=f"^.*{named}.*: "):
        store_of(load(tmp_path)).sheet(Ref(run, tag, step, at))


def test_failures_of_the_newest_steps_are_gathered(load: Load, tmp_path: Path) -> None:
    with log(tmp_path, "run") as writing:
        for step in range(NEWEST_STEPS + 2):
            failures = [{"tag": PATTERNS.tag, "reason": f"reason {step}"}]
            writing.put_whole(Series("model"), step, failures=failures)
    failures = store_of(load(tmp_path)).series("run")["failures"]
    assert failures == [
        {"step": step, "tag": "patterns/conv2", "reason": f"reason {step}"}
        for step in range(2, NEWEST_STEPS + 2)
    ]


def test_a_run_of_a_newer_format_says_what_to_do(load: Load, tmp_path: Path) -> None:
    with log(tmp_path, "run") as writing:
        content = b'{"format": 99, "kind": "model", "layer": ""}'
        writing.put(Series("model"), 4, b"{}", content=content)
    store = store_of(load(tmp_path))
    (run,) = store.runs()
    assert run["step"] == 4
    assert "newer convviz_tb" in run["problem"]
    view = store.series("run")
    assert view["series"] == []
    assert view["model"] is None
    assert [problem["tag"] for problem in view["problems"]] == ["model"]


def test_one_odd_series_does_not_hide_the_others(load: Load, tmp_path: Path) -> None:
    odd = Series("patterns", "odd")
    with log(tmp_path, "run") as writing:
        writing.put_whole(PATTERNS, 0)
        writing.put(odd, 0, b"{}", b"", content=b"\xff")
        writing.put(Series("patterns", "<b>"), 0, b"{}", b"", tag="patterns/mislabelled")
    store = store_of(load(tmp_path))
    view = store.series("run")
    assert [series["tag"] for series in view["series"]] == ["patterns/conv2"]
    assert [problem["tag"] for problem in view["problems"]] == [
        "patterns/mislabelled",
        "patterns/odd",
    ]
    assert "problem" not in store.runs()[0]
    with pytest.raises(NotStored, match="tag"):
        store.facts(Ref("run", "patterns/odd", 0, 1000.0))


def test_broken_model_facts_are_a_problem_and_older_ones_serve(load: Load, tmp_path: Path) -> None:
    with log(tmp_path, "run") as writing:
        writing.put_whole(Series("model"), 0)
        writing.put(Series("model"), 1, b"no json")
    view = store_of(load(tmp_path)).series("run")
    assert view["model"] == example_facts("model")
    assert view["problems"] == [{"tag": "model", "reason": "step 1: facts: not JSON"}]


def test_events_without_a_picture_are_left_out(load: Load, tmp_path: Path) -> None:
    with log(tmp_path, "run") as writing:
        writing.put_whole(PATTERNS, 0)
        writing.put(PATTERNS, 1)
        writing.put(PATTERNS, 2, b"{}")
    view = store_of(load(tmp_path)).series("run")
    assert [series["steps"] for series in view["series"]] == [[0]]
    assert [problem["tag"] for problem in view["problems"]] == ["patterns/conv2"]


@pytest.mark.parametrize(
    "content",
    [b"<svg onload='alert(1)'/>", b"<!doctype html>", b"GIF89a", b"", b"\x89PNG", b"\xff\xd8"],
)
def test_only_png_and_jpeg_leave_a_log(load: Load, tmp_path: Path, content: bytes) -> None:
    with log(tmp_path, "run") as writing:
        writing.put(PATTERNS, 0, schema.encode(example_facts("patterns")), content)
    with pytest.raises(NotStored, match="neither PNG nor JPEG"):
        store_of(load(tmp_path)).sheet(Ref("run", PATTERNS.tag, 0, 1000.0))


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"shape": ()}, id="scalar"),
        pytest.param({"shape": (2, 1)}, id="matrix"),
        pytest.param({"shape": (10**12,)}, id="huge"),
        pytest.param({"shape": (-3,)}, id="negative"),
        pytest.param({"shape": (9,)}, id="too short"),
        pytest.param({"dtype": types_pb2.DT_FLOAT}, id="numbers"),
        pytest.param({"at": float("inf")}, id="endless time"),
    ],
)
def test_tensors_that_are_not_blobs_never_break_a_run(
    load: Load, tmp_path: Path, odd: dict[str, Any]
) -> None:
    facts = schema.encode(example_facts("patterns"))
    with log(tmp_path, "run") as writing:
        writing.put_whole(Series("model"), 0)
        writing.put(Series("patterns", "odd"), 0, facts, picture(8, 16), **odd)
        writing.put_whole(PATTERNS, 0)
    store = store_of(load(tmp_path))
    assert [run["run"] for run in store.runs()] == ["run"]
    view = store.series("run")
    tags = {series["tag"]: series for series in view["series"]}
    assert {"model", "patterns/conv2"} <= set(tags)
    times = [at for series in tags.values() for at in series["wall_times"]]
    assert all(map(math.isfinite, [*times, store.runs()[0]["wall_time"]]))
    if odd_series := tags.get("patterns/odd"):
        at = odd_series["wall_times"][0]
        for read in (store.facts, store.sheet):
            try:
                read(Ref("run", "patterns/odd", 0, at))
            except NotStored:
                pass


@pytest.mark.parametrize("run", ["<script>", "ünï/çödé", "100%", "a b", "..x"])
def test_any_run_name_and_layer_name_can_be_asked_for(load: Load, tmp_path: Path, run: str) -> None:
    series = Series("patterns", "outer/<i>'%2e ü")
    with log(tmp_path, run) as writing:
        writing.put_whole(series, 0)
    store = store_of(load(tmp_path))
    assert store.series(run)["series"][0]["layer"] == series.layer
    assert store.facts(Ref(run, series.tag, 0, 1000.0)) == example_facts("patterns")


def test_names_that_json_escapes_are_listed_but_may_not_be_readable(
    load: Load, tmp_path: Path
) -> None:
    """The Rust data server does not understand its own blob keys for these."""
    series = Series("patterns", 'a"b\\c')
    with log(tmp_path, "run") as writing:
        writing.put_whole(series, 0)
    store = store_of(load(tmp_path))
    assert store.series("run")["series"][0]["tag"] == series.tag
    try:
        assert store.facts(Ref("run", series.tag, 0, 1000.0)) == example_facts("patterns")
    except NotStored as error:
        assert "could not be read" in str(error)


def test_an_address_of_a_step_that_was_written_again_is_gone(load: Load, tmp_path: Path) -> None:
    """A step written twice: whichever the loader keeps, the other address is gone."""
    with log(tmp_path, "run") as writing:
        writing.put_whole(PATTERNS, 0, at=1.0)
        writing.put_whole(PATTERNS, 0, at=2.0)
    store = store_of(load(tmp_path))
    (series,) = store.series("run")["series"]
    (kept,) = series["wall_times"]
    assert store.facts(Ref("run", PATTERNS.tag, 0, kept))
    with pytest.raises(NotStored, match="written again"):
        store.facts(Ref("run", PATTERNS.tag, 0, 3.0 - kept))


def test_a_blob_that_went_away_after_it_was_listed_is_not_stored(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path, "a", steps=1)
    provider = load(tmp_path)

    def evicted(*_: Any, **__: Any) -> bytes:
        raise KeyError("gone")

    monkeypatch.setattr(provider, "read_blob", evicted)
    store = store_of(provider)
    assert store.series("a")["model"] is None
    with pytest.raises(NotStored, match="could not be read"):
        store.facts(Ref("a", PATTERNS.tag, 0, 1000.25))


class Counting:
    """A provider that notes which of its methods were called."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.calls.append(name)
        return getattr(self._provider, name)


def test_an_index_that_is_unchanged_is_only_listed(load: Load, tmp_path: Path) -> None:
    write_run(tmp_path, "a/convviz", steps=3)
    provider = Counting(load(tmp_path))
    store = store_of(provider)
    first = store.series("a/convviz")
    assert provider.calls.count("read_blob") == 3
    provider.calls.clear()
    assert store.series("a/convviz") == first
    assert provider.calls == ["list_blob_sequences"]


def test_a_known_step_is_read_without_looking_for_it(load: Load, tmp_path: Path) -> None:
    write_run(tmp_path, "a/convviz", steps=3)
    provider = Counting(load(tmp_path))
    store = store_of(provider)
    store.series("a/convviz")
    provider.calls.clear()
    assert store.sheet(Ref("a/convviz", "patterns/conv2", 2, 1004.25))[1] == "image/png"
    assert sorted(provider.calls) == ["list_blob_sequences", "read_blob"]


def test_what_is_known_of_a_step_ends_when_it_is_written_again(tmp_path: Path) -> None:
    def write(to: Path, at: float) -> None:
        with log(to, "run") as writing:
            writing.put_whole(PATTERNS, 0, at=1000.0)
            writing.put_whole(PATTERNS, 1, at=at, seconds=at)

    loader = {}
    for name, at in (("old", 1001.0), ("new", 2001.0)):
        write(tmp_path / name, at)
        with_python = python_loader(tmp_path / name)
        loader[name] = with_python
    store = store_of(loader["old"])
    assert store.series("run")["series"][0]["wall_times"] == [1000.0, 1001.0]
    assert store.facts(Ref("run", PATTERNS.tag, 1, 1001.0))["seconds"] == 1001.0
    again = replace(store, provider=loader["new"])
    with pytest.raises(NotStored, match="written again"):
        again.facts(Ref("run", PATTERNS.tag, 1, 1001.0))
    assert again.facts(Ref("run", PATTERNS.tag, 1, 2001.0))["seconds"] == 2001.0
    assert again.series("run")["series"][0]["wall_times"] == [1000.0, 2001.0]


def test_stores_of_other_experiments_share_nothing(tmp_path: Path) -> None:
    write_run(tmp_path, "a/convviz", steps=1)
    provider = Counting(python_loader(tmp_path))
    store = store_of(provider)
    store.series("a/convviz")
    provider.calls.clear()
    replace(store, experiment="other").series("a/convviz")
    assert "read_blob_sequences" in provider.calls


def test_the_end_of_a_training_is_told_until_it_goes_on(load: Load, tmp_path: Path) -> None:
    for run, steps in (("ended", 2), ("goes on", 3)):
        with log(tmp_path, run) as writing:
            for step in range(steps):
                writing.put_whole(Series("model"), step)
                if step == 1:
                    writing.put_whole(Series("end"), step, kept=0)
    store = store_of(load(tmp_path))
    assert store.series("ended")["end"] == {"failures": [], "kept": 0}
    assert store.series("goes on")["end"] is None


def test_an_end_that_cannot_be_read_is_a_problem(load: Load, tmp_path: Path) -> None:
    with log(tmp_path, "run") as writing:
        writing.put_whole(Series("model"), 0)
        writing.put(Series("end"), 0, b"{")
    index = store_of(load(tmp_path)).series("run")
    assert index["end"] is None
    assert index["problems"] == [{"tag": "end", "reason": "step 0: facts: not JSON"}]

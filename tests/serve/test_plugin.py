"""The routes as a browser meets them, and the loader as TensorBoard meets it."""

import argparse
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.plugins import base_plugin
from werkzeug.test import Client

from convviz_tb import schema
from convviz_tb.schema import Series
from convviz_tb.serve import plugin as plugin_module
from convviz_tb.serve.loader import ConvVizLoader
from support.loaders import BASE, client_of
from support.logs import example_facts, log, picture, write_run

PLACE = {"run": "a/convviz", "tag": "patterns/conv2", "step": "1", "at": "1002.25"}

Load = Callable[[Path], Any]


@pytest.fixture
def client(load: Load, tmp_path: Path) -> Client:
    write_run(tmp_path, "a/convviz", steps=3)
    return client_of(load(tmp_path))


def test_runs_and_series_answer_as_documented(client: Client) -> None:
    runs = client.get(BASE + "runs").json
    assert runs == {"runs": [{"run": "a/convviz", "name": "a", "step": 2, "wall_time": 1004.25}]}
    series = client.get(BASE + "series", query_string={"run": "a/convviz"}).json
    assert set(series) == {"run", "name", "series", "model", "end", "failures", "problems"}
    assert series["series"][-1] == {
        "tag": "patterns/conv2",
        "kind": "patterns",
        "layer": "conv2",
        "steps": [0, 1, 2],
        "wall_times": [1000.25, 1002.25, 1004.25],
    }


def test_facts_and_sheet_answer_as_documented_and_may_be_kept(client: Client) -> None:
    facts = client.get(BASE + "facts", query_string=PLACE)
    sheet = client.get(BASE + "sheet", query_string=PLACE)
    assert facts.json == example_facts("patterns")
    assert sheet.data == picture(8, 16, seed=1)
    assert sheet.content_type == "image/png"
    for answer in (facts, sheet):
        assert answer.headers["Cache-Control"] == "private, max-age=86400"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "route",
    ["runs", "series?run=a/convviz", "curves?run=a/convviz", "profile?run=a/convviz", "index.js"],
)
def test_what_changes_is_never_cached(client: Client, route: str) -> None:
    assert client.get(BASE + route).headers["Cache-Control"] == "no-cache, must-revalidate"


@pytest.mark.parametrize("route", ["facts", "sheet"])
@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("run", None, 400),
        ("tag", "", 400),
        ("step", None, 400),
        ("step", "1.0", 400),
        ("step", " 1", 400),
        ("step", "1_0", 400),
        ("step", "٣", 400),
        ("step", "9" * 5000, 400),
        ("at", None, 400),
        ("at", "now", 400),
        ("at", "nan", 400),
        ("at", "1e999", 400),
        ("run", "b", 404),
        ("run", "\x00\x1b", 404),
        ("tag", "../../etc/passwd", 404),
        ("step", "-1", 404),
        ("step", "9" * 19, 404),
        ("at", "1002.5", 404),
    ],
)
def test_bad_parameters_are_named(
    client: Client, route: str, name: str, value: str | None, status: int
) -> None:
    asked = {key: text for key, text in (PLACE | {name: value}).items() if text is not None}
    answer = client.get(BASE + route, query_string=asked)
    assert answer.status_code == status
    assert name in answer.text
    assert answer.content_type.startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
@pytest.mark.parametrize(
    "route", ["runs", "series", "curves", "profile", "facts", "sheet", "index.js"]
)
def test_only_get_and_head_are_allowed(client: Client, route: str, method: str) -> None:
    answer = client.open(BASE + route, method=method)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"


def test_head_tells_what_get_would_send(client: Client) -> None:
    head = client.head(BASE + "sheet", query_string=PLACE)
    assert head.status_code == 200
    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(picture(8, 16, seed=1)))


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../../../etc/passwd",
        "static/index.js",
        "index.js/../plugin.py",
        "%2e%2e/plugin.py",
        "..%2fplugin.py",
        "plugin/convviz/../index.js",
        "plugin/convviz/plugin.py",
        "\\plugin.py",
        "static/",
        "index.js%00.py",
    ],
)
def test_no_other_path_answers(client: Client, path: str) -> None:
    assert client.get(BASE + path).status_code == 404


@pytest.mark.parametrize("route", ["facts", "sheet", "series", "runs"])
def test_markup_out_of_a_log_is_never_served_as_such(
    load: Load, tmp_path: Path, route: str
) -> None:
    markup = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    with log(tmp_path, "<img src=x onerror=alert(1)>") as writing:
        writing.put(Series("patterns", "c"), 0, markup, markup)
    asked = {"run": "<img src=x onerror=alert(1)>", "tag": "patterns/c", "step": "0", "at": "1000"}
    answer = client_of(load(tmp_path)).get(BASE + route, query_string=asked)
    assert answer.content_type.split(";")[0] in ("application/json", "text/plain")
    assert answer.status_code in (200, 404)
    assert b"<svg" not in answer.data


@given(facts=st.dictionaries(st.text(), st.text() | st.integers() | st.floats(), max_size=4))
def test_extra_fields_of_any_content_can_be_served(facts: dict[str, Any]) -> None:
    """A provider that holds one event: the blob goes through decoding and the HTTP answer."""
    blob = schema.encode(facts | example_facts("patterns"))
    stored = types.SimpleNamespace(
        plugin_content=schema.metadata(Series("patterns", "c")).plugin_data.content,
        max_length=2,
        max_step=0,
        max_wall_time=1.0,
    )
    reference = types.SimpleNamespace(blob_key="key")
    event = types.SimpleNamespace(step=0, wall_time=1.0, values=(reference, reference))
    provider = types.SimpleNamespace(
        list_plugins=lambda *_, **__: ["convviz"],
        list_blob_sequences=lambda *_, **__: {"r": {"patterns/c": stored}},
        read_blob_sequences=lambda *_, **__: {"r": {"patterns/c": [event]}},
        read_blob=lambda *_, **__: blob,
    )
    asked = {"run": "r", "tag": "patterns/c", "step": "0", "at": "1"}
    answer = client_of(provider).get(BASE + "facts", query_string=asked)
    assert answer.status_code == 200
    assert answer.json == schema.decode("patterns", blob)


def test_the_module_is_served_at_both_addresses(client: Client) -> None:
    short, long = client.get(BASE + "index.js"), client.get(BASE + "plugin/convviz/index.js")
    assert short.status_code == long.status_code == 200
    assert short.data == long.data
    assert short.content_type == "text/javascript; charset=utf-8"


def test_without_a_bundle_the_page_says_how_to_build_it(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin_module.resources, "files", lambda _: tmp_path)
    module = client.get(BASE + "index.js").text
    assert "export function render()" in module
    assert "pip install ." in module


def test_tensorboard_lists_the_tab_as_active_once_there_is_data(client: Client) -> None:
    listing = client.get("/data/plugins_listing").json["convviz"]
    assert listing["enabled"] is True
    assert listing["tab_name"] == "ConvViz"
    assert listing["loading_mechanism"]["module_path"] == BASE + "plugin/convviz/index.js"


def test_tensorboard_lists_the_tab_as_inactive_without_data(load: Load, tmp_path: Path) -> None:
    with log(tmp_path, "other"):
        pass
    client = client_of(load(tmp_path))
    assert client.get("/data/plugins_listing").json["convviz"]["enabled"] is False


@pytest.mark.parametrize(
    ("given", "kept"),
    [({}, 0), ({"convviz": 5}, 5), ({"images": 3}, 0)],
)
def test_every_step_is_kept_unless_the_user_says_otherwise(
    given: dict[str, int], kept: int
) -> None:
    flags = argparse.Namespace(samples_per_plugin=dict(given))
    ConvVizLoader().fix_flags(flags)
    assert flags.samples_per_plugin == given | {"convviz": kept}


@pytest.mark.parametrize(
    "flags",
    [None, argparse.Namespace(), argparse.Namespace(samples_per_plugin=None), object(), {}],
)
def test_flags_of_any_shape_let_tensorboard_start(flags: Any) -> None:
    ConvVizLoader().fix_flags(flags)


def test_every_route_is_documented() -> None:
    documented = (Path(__file__).parents[2] / "docs/http_api.md").read_text("utf-8")
    for route in ConvVizLoader().load(base_plugin.TBContext()).get_plugin_apps():
        assert f"| `{route.lstrip('/')}" in documented

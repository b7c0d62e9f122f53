"""A report holds what the routes answer, is bounded, and lets nothing of a log become markup."""

import base64
import hashlib
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from PIL import Image

import convviz_tb
from convviz_tb.schema import Series
from support.hostile import NAMES
from support.loaders import BASE, client_of, python_loader
from support.logs import example_facts, log, write_run, write_scalars


class Elements(HTMLParser):
    """The elements of a page, with their attributes and texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._open = ""
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._open = tag
        self.found.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            tag, attributes, text = self.found.pop()
            self.found.append((tag, attributes, text + data))


def scripts(page: str) -> list[tuple[dict[str, str | None], str]]:
    return [(attrs, text) for tag, attrs, text in Elements(page).found if tag == "script"]


def embedded(file: Path) -> dict[str, Any]:
    (data, _) = scripts(file.read_text("utf-8"))
    found: dict[str, Any] = json.loads(data[1])
    return found


def written(logdir: Path, file: Path, **options: Any) -> dict[str, Any]:
    convviz_tb.report(logdir, file, **options)
    return embedded(file)


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    write_run(folder, "one/convviz", 5)
    write_run(folder, "two/convviz", 3)
    write_scalars(folder, "one/train", {"epoch_loss": [0.5, 0.25]})
    return folder


def test_it_holds_what_the_routes_of_the_tab_answer(logdir, tmp_path):
    held = written(logdir, tmp_path / "report.html")
    client = client_of(python_loader(logdir))

    def asked(route: str, **query: Any) -> Any:
        answer = client.get(f"{BASE}{route}?{urlencode(query)}")
        assert answer.status_code == 200
        return answer.get_json() if answer.is_json else [answer.mimetype, answer.data]

    assert {"runs": held["runs"]} == asked("runs")
    assert held["left_out"] == []
    events = 0
    for entry in held["runs"]:
        run = entry["run"]
        for route in ("series", "curves", "profile"):
            assert held[route][run] == asked(route, run=run)
        for series in held["series"][run]["series"]:
            for step, at in zip(series["steps"], series["wall_times"], strict=True):
                query = {"run": run, "tag": series["tag"], "step": step, "at": at}
                assert held["facts"][run][series["tag"]][str(step)] == asked("facts", **query)
                events += 1
                if series["kind"] != "model":
                    mime, coded = held["sheet"][run][series["tag"]][str(step)]
                    assert [mime, base64.b64decode(coded)] == asked("sheet", **query)
    assert events == 3 * (5 + 3) + 2


def test_the_route_answers_the_same_page_as_json_and_never_as_html(logdir, tmp_path):
    convviz_tb.report(logdir, tmp_path / "report.html", runs=["two"])
    client = client_of(python_loader(logdir))
    answer = client.get(f"{BASE}report?run=two/convviz")
    assert answer.mimetype == "application/json"
    assert answer.get_json() == {
        "page": (tmp_path / "report.html").read_text("utf-8"),
        "left_out": [],
    }
    assert client.get(f"{BASE}report?run=three").status_code == 400


def test_it_may_run_its_own_script_and_load_nothing(logdir, tmp_path):
    convviz_tb.report(logdir, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    (_, (_, script)) = scripts(page)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy
    assert policy[1].startswith(f"default-src 'none'; script-src 'sha256-{digest}';")
    assert "http" not in policy[1] and "connect-src" not in policy[1]
    assert "unsafe" not in policy[1] and "style-src" not in policy[1]


def test_a_log_becomes_no_markup(tmp_path):
    hostile = "</script><script>document.title='owned'</script><!--<img src=x onerror=alert(1)>"
    with log(tmp_path / "logs", "run/convviz") as writing:
        for name in (hostile, *NAMES):
            writing.put_whole(Series("patterns", name), 0)
        failures = [{"tag": hostile, "reason": hostile}]
        layer = example_facts("model")["layers"][0] | {"layer": hostile, "class_name": hostile}
        writing.put_whole(Series("model"), 0, failures=failures, layers=[layer])
    folder = tmp_path / "logs" / "run"
    renamed = folder.rename(folder.with_name("<b onload=alert(1)>&'\""))
    convviz_tb.report(renamed, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert [tag for tag, _, _ in Elements(page).found] == [
        *("html", "head", "meta", "meta", "meta", "title", "body", "script", "script")
    ]
    (data, _) = scripts(page)
    assert not set(data[1]) & set("<>&")
    index = json.loads(data[1])["series"]["convviz"]
    assert index["model"]["layers"][0]["layer"] == hostile


def test_a_run_by_itself_has_the_name_of_its_directory(logdir, tmp_path):
    held = written(logdir / "one", tmp_path / "report.html")
    assert [entry["name"] for entry in held["runs"]] == ["one"]
    assert held["series"]["convviz"]["name"] == "one"


@pytest.mark.parametrize(
    ("options", "steps", "told"),
    [
        ({"runs": ["two"]}, {"two": [0, 1, 2]}, []),
        ({"steps": 2}, {"one": [0, 4], "two": [0, 2]}, ["one: 2 of 5 steps, as asked for"]),
        ({"steps": [0, 1, 9], "runs": ["one"]}, {"one": [0, 1]}, ["one: 2 of 5 steps"]),
    ],
)
def test_it_holds_the_steps_and_runs_that_were_asked_for(logdir, tmp_path, options, steps, told):
    held = written(logdir, tmp_path / "report.html", **options)
    found = {
        index["name"]: series["steps"]
        for index in held["series"].values()
        for series in index["series"]
        if series["kind"] == "patterns"
    }
    assert found == steps
    assert all(any(each.startswith(one) for each in held["left_out"]) for one in told)
    for run, by_tag in held["sheet"].items():
        own = {tag: sorted(map(int, events)) for tag, events in by_tag.items()}
        listed = {each["tag"]: each["steps"] for each in held["series"][run]["series"]}
        assert own == {tag: at for tag, at in listed.items() if tag != "model"}


def test_it_holds_the_layers_that_were_asked_for(logdir, tmp_path):
    held = written(logdir, tmp_path / "report.html", layers=["block/conv2"])
    assert {each["tag"] for each in held["series"]["one/convviz"]["series"]} == {
        *("heatmaps/block/conv2", "inputs", "model")
    }
    assert "one: without the layers conv2, as asked for" in held["left_out"]


def test_the_first_filters_keep_their_pictures(logdir, tmp_path):
    whole = written(logdir, tmp_path / "whole.html")
    held = written(logdir, tmp_path / "report.html", filters=1)
    where = ("one/convviz", "patterns/conv2", "0")

    def of(found: dict[str, Any], kind: str) -> Any:
        run, tag, step = where
        return found[kind][run][tag][step]

    assert of(held, "facts")["sheet"]["count"] == len(of(held, "facts")["tiles"]) == 1

    def pixels(found: dict[str, Any]) -> np.ndarray:
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(of(found, "sheet")[1]))))

    height, width = of(whole, "facts")["sheet"]["tile"]
    assert np.array_equal(pixels(held), pixels(whole)[:height, :width])


def test_steps_are_left_out_where_all_would_be_too_large(tmp_path):
    write_run(tmp_path / "logs", "run/convviz", 40)
    whole = convviz_tb.report(tmp_path / "logs", tmp_path / "whole.html", size=10**9)
    bundle = len(scripts((tmp_path / "whole.html").read_text("utf-8"))[1][1])
    size = bundle + 12_000 + (whole.size - bundle) // 2
    done = convviz_tb.report(tmp_path / "logs", tmp_path / "report.html", size=size)
    assert done.size == (tmp_path / "report.html").stat().st_size <= size
    held = embedded(tmp_path / "report.html")
    (series,) = [s for s in held["series"]["run/convviz"]["series"] if s["kind"] == "patterns"]
    assert series["steps"][0] == 0 and series["steps"][-1] == 39
    assert 10 < len(series["steps"]) < 40
    told = f"run: {len(series['steps'])} of 40 steps, to stay below the size"
    assert held["left_out"] == list(done.left_out) == [told]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 1000}, "the first and the last step alone are"),
        ({"layers": ["nothing"]}, "layers: ['nothing'] are not among"),
        ({"steps": [99]}, "steps: none of [99]"),
        ({"steps": 0}, "steps: received 0"),
        ({"filters": 0}, "filters: received 0"),
        ({"runs": ["three"]}, "runs: there is no 'three'"),
    ],
)
def test_what_cannot_be_reported_is_told_in_a_sentence(logdir, tmp_path, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        convviz_tb.report(logdir, tmp_path / "report.html", **options)
    assert not (tmp_path / "report.html").exists()

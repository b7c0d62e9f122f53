"""Logs that no callback writes, by the thousand: every answer is an answer, none is an error."""

import json
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from werkzeug.test import Client, TestResponse

from convviz_tb import schema
from convviz_tb.schema import KINDS, Series
from convviz_tb.serve import image_header, store
from support.hostile import (
    BLOBS,
    FUZZ,
    HTML,
    NAMES,
    RUN_NAMES,
    SEED,
    TRIED,
    VALUES,
    damaged,
    odd_facts,
    rich_facts,
    with_damaged_events,
    write_odd_run,
)
from support.loaders import BASE, client_of, store_of
from support.logs import Log, example_facts, log, picture, write_run, write_scalars

Load = Callable[[Path], Any]

MIMES = {"application/json", "image/png", "image/jpeg", "text/plain", "text/javascript"}
CACHES = {"no-cache, must-revalidate", "private, max-age=86400"}


def strict(text: str) -> Any:
    """JSON as browsers take it: NaN and the like are none."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


class Reader:
    """A browser of few manners: every answer it gets has to be in order."""

    def __init__(self, provider: Any, logdir: Path) -> None:
        self._app = client_of(provider).application
        self._host_path = str(logdir)
        self._local = threading.local()

    def ask(self, route: str, **asked: str) -> TestResponse:
        client = self._local.__dict__.setdefault("client", Client(self._app))
        # Encoded here: the client of Werkzeug 2.3.0 leaves a + as it is.
        answer = client.get(BASE + route, query_string=urlencode(asked))
        self.check(answer)
        return answer

    def check(self, answer: TestResponse) -> None:
        assert answer.status_code in (200, 400, 404, 405), (answer.status, answer.request.url)
        mime = (answer.content_type or "").split(";")[0]
        assert mime in MIMES, answer.request.url
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if answer.status_code == 200:
            assert answer.headers["Cache-Control"] in CACHES
        TRIED["answers to requests"] += 1
        if answer.request.method == "HEAD":
            return
        if mime == "application/json":
            strict(answer.text)
        if mime.startswith("image/"):
            seen = image_header.read_header(answer.data)
            assert seen and seen.mime == mime
            assert seen.width * seen.height <= schema.MOST_PIXELS
        else:
            assert self._host_path not in answer.text, "a path of the host is nobody's business"

    def everything(self, run: str) -> dict[str, Any]:
        """The view of one run, after every event of it was asked for."""
        answer = self.ask("series", run=run)
        if answer.status_code != 200:
            return {}
        view = strict(answer.text)
        assert set(view) == {"run", "name", "series", "model", "end", "failures", "problems"}
        self.ask("curves", run=run)
        for series in view["series"]:
            assert len(series["steps"]) == len(series["wall_times"]) > 0
            for step, at in zip(series["steps"], series["wall_times"], strict=True):
                place = {"run": run, "tag": series["tag"], "step": str(step), "at": repr(at)}
                facts = self.ask("facts", **place)
                if facts.status_code == 200:
                    well_typed(series["kind"], facts.json)
                self.ask("sheet", **place)
        for kind in ("model", "end"):
            if view[kind]:
                well_typed(kind, view[kind])
        return view


def well_typed(kind: schema.Kind, facts: schema.Facts) -> None:
    """Whether facts that are served have, field by field, the types of the data format."""
    example = rich_facts(kind)
    like(facts, example)
    if kind in schema.WITH_SHEET:
        assert len(facts["tiles"]) == facts["sheet"]["count"]


#: May be null, by the data format; and names that stand for anything.
LISTS_OF_ANY_LENGTH = {"value_range": 2, "tile": 2, "centre": 2, "box": 4, "sticker": 4}


def like(value: Any, example: Any, name: str = "") -> None:
    if isinstance(example, dict):
        assert isinstance(value, dict), name
        for key in set(value) & set(example):
            like(value[key], example[key], key)
    elif value is None:
        assert name not in ("filter", "image", "class_index", "written", "tile", "tag", "reason")
    elif isinstance(example, list):
        assert isinstance(value, list), name
        assert len(value) == LISTS_OF_ANY_LENGTH.get(name, len(value)), name
        if name == "channels":
            assert all(len(pair) == 2 for pair in value)
        elif example:
            for item in value:
                like(item, example[0], name)
    elif isinstance(example, bool) or isinstance(value, bool):
        assert type(value) is type(example), name
    elif isinstance(example, (int, float)):
        assert isinstance(value, (int, float)), name
    else:
        assert isinstance(value, str), name


def read_all(reader: Reader, runs: list[str]) -> dict[str, dict[str, Any]]:
    """Everything of many runs; in parallel, since the Rust data server is slow one by one."""
    with ThreadPoolExecutor(16) as pool:
        return dict(zip(runs, pool.map(reader.everything, runs), strict=True))


def rounds(count: int) -> Iterator[random.Random]:
    for part in range(FUZZ):
        yield from rounds_of(part, count)


def rounds_of(part: int, count: int) -> Iterator[random.Random]:
    for number in range(part * count, (part + 1) * count):
        yield random.Random(f"{SEED} {number}")


#: Where each round is a run of its own: more logs, not larger ones.
in_parts = pytest.mark.parametrize("part", range(FUZZ))


@pytest.mark.parametrize("kind", KINDS)
def test_facts_of_any_content_are_refused_or_well_typed(kind: schema.Kind) -> None:
    served = 0
    for rng in rounds(800):
        blob = odd_facts(rng, kind)
        TRIED["facts"] += 1
        try:
            facts = schema.decode(kind, blob)
        except schema.SchemaError:
            continue
        served += 1
        strict(json.dumps(facts, allow_nan=False))
        well_typed(kind, facts)
    assert served > 100, "nearly everything was refused: this would prove little"


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_may_be_anything(kind: schema.Kind) -> None:
    """One by one, not by chance: no field that readers can do without takes the rest with it."""
    each = schema.ITEMS[kind].field
    for value in VALUES:
        for field in sorted(set(rich_facts(kind)) - set(example_facts(kind))):
            facts = schema.decode(kind, json_of(rich_facts(kind, **{field: value})))
            well_typed(kind, facts)
            TRIED["facts"] += 1
        known = (example_facts(kind)[each] or rich_facts(kind)[each])[0]
        for field in sorted(set(rich_facts(kind)[each][0]) - set(known)):
            facts = rich_facts(kind)
            facts[each][0] |= {field: value}
            well_typed(kind, schema.decode(kind, json_of(facts)))
            TRIED["facts"] += 1


def json_of(facts: schema.Facts) -> bytes:
    """As a careless writer would write it: with NaN, infinities and numbers of any length."""
    try:
        return json.dumps(facts).encode()
    except ValueError:
        return schema.encode(facts)


def test_fields_that_are_left_out_are_the_wrong_ones_only() -> None:
    facts = example_facts("model", planned="soon", seconds=1.5, baseline=["x"], new={"kept": 1})
    facts["layers"][0] |= {"shape": "wide", "trainable": True, "numbers": {"dead": "two"}}
    decoded = schema.decode("model", schema.encode(facts))
    assert {"planned", "baseline"}.isdisjoint(decoded)
    assert (decoded["seconds"], decoded["new"]) == (1.5, {"kept": 1})
    assert set(decoded["layers"][0]) == {
        *("layer", "class_name", "filters", "kinds", "trainable"),
    }


@pytest.mark.parametrize(
    "sheet",
    [
        {"count": 2, "columns": 2**31 - 1, "tile": [8, 8]},
        {"count": 2, "columns": 2, "tile": [2**31 - 1, 2**31 - 1]},
        {"count": 2, "columns": 1, "tile": [8192, 8192]},
        {"count": 2, "columns": 0, "tile": [8, 8]},
        {"count": 2, "columns": 2, "tile": [8, 0]},
        {"count": 2, "columns": 2, "tile": [8, 8, 3]},
        {"count": 2, "columns": 2, "tile": 8},
        {"count": 2.0, "columns": 2, "tile": [8, 8]},
    ],
)
def test_a_sheet_that_no_browser_could_draw_is_refused(sheet: dict[str, Any]) -> None:
    with pytest.raises(schema.SchemaError, match="'sheet'"):
        schema.decode("patterns", schema.encode(example_facts("patterns", sheet=sheet)))


def test_more_tiles_than_a_page_can_hold_are_refused() -> None:
    facts = example_facts("patterns")
    facts["tiles"] *= schema.MOST_TILES
    facts["sheet"] |= {"count": len(facts["tiles"]), "tile": [1, 1]}
    with pytest.raises(schema.SchemaError, match="'sheet'"):
        schema.decode("patterns", schema.encode(facts))


def test_facts_of_many_megabytes_are_not_even_parsed() -> None:
    blob = schema.encode(example_facts("patterns", extra="x" * schema.MOST_FACTS))
    with pytest.raises(schema.SchemaError, match="bytes, more than"):
        schema.decode("patterns", blob)


@in_parts
def test_odd_events_of_any_kind_never_break_a_run(load: Load, tmp_path: Path, part: int) -> None:
    """Both loaders; of each run the one good series among the odd ones is shown all the same."""
    runs = []
    nan_times = load.__name__ == "python_loader"  # the Rust data server drops such a run whole
    for number, rng in enumerate(rounds_of(part, 60)):
        runs.append(f"{number}")
        TRIED["events"] += write_odd_run(tmp_path, runs[-1], rng, nan_times=nan_times)
    reader = Reader(load(tmp_path), tmp_path)
    listed = {entry["run"]: entry for entry in strict(reader.ask("runs").text)["runs"]}
    assert set(listed) == set(runs)
    readable = [run for run in runs if "problem" not in listed[run]]
    # The Python loader cannot list a run in which a series begins with an event without a tensor.
    assert len(readable) > len(runs) * (0.6 if nan_times else 0.99)
    for run, view in read_all(reader, readable).items():
        tags = [series["tag"] for series in view["series"]]
        assert "patterns/good" in tags, (run, view["problems"])


@in_parts
def test_damaged_event_files_show_what_is_before_the_damage(
    load: Load, tmp_path: Path, part: int
) -> None:
    content = event_file(tmp_path / "whole")
    runs = []
    for number, rng in enumerate(rounds_of(part, 60)):
        runs.append(f"{number}")
        write_damaged(tmp_path / runs[-1], damaged(rng, content))
        TRIED["damaged event files"] += 1
    reader = Reader(load(tmp_path), tmp_path)
    views = read_all(reader, [*runs, "whole"])
    whole = {series["tag"]: series["steps"] for series in views.pop("whole")["series"]}
    kept = 0
    for view in views.values():
        for series in view.get("series", []):
            assert set(series["steps"]) <= set(whole[series["tag"]])
            kept += len(series["steps"])
    assert kept > sum(map(len, whole.values())), "nothing before the damage is shown"


def event_file(directory: Path) -> bytes:
    """A small run as the callback writes it; its bytes."""
    with log(directory.parent, directory.name) as writing:
        for step in range(4):
            writing.put_whole(Series("patterns", "conv"), step)
            writing.put_whole(Series("model"), step, written=step + 1)
    (file,) = directory.glob("*tfevents*")
    return file.read_bytes()


def write_damaged(directory: Path, content: bytes) -> None:
    """The damaged file, and a whole one after it by which to see that it was read."""
    directory.mkdir()
    (directory / "events.out.tfevents.1.damaged").write_bytes(content)
    Log(directory).close()


@in_parts
def test_events_that_are_no_events_never_break_the_routes(
    load: Load, tmp_path: Path, part: int
) -> None:
    """Checksums hold, what they are of does not: such a file was made, not damaged.

    What TensorBoard itself makes of it differs (its Python loader may give up the run); the routes
    answer all the same.
    """
    content = event_file(tmp_path / "logs" / "whole")
    for number, rng in enumerate(rounds_of(part, 60)):
        write_damaged(tmp_path / "logs" / str(number), with_damaged_events(rng, content))
        TRIED["damaged event files"] += 1
    try:
        provider = load(tmp_path / "logs")
    except Exception as error:  # of the Python loader: TensorBoard's reload thread would log it
        assert "python_loader" in repr(load), error
        return
    reader = Reader(provider, tmp_path)
    runs = [entry["run"] for entry in strict(reader.ask("runs").text)["runs"]]
    assert "whole" in runs
    read_all(reader, runs)


@pytest.mark.parametrize("name", BLOBS)
def test_what_is_no_picture_stays_in_the_log(load: Load, tmp_path: Path, name: str) -> None:
    with log(tmp_path, "run") as writing:
        facts = schema.encode(rich_facts("patterns"))
        writing.put(Series("patterns", "c"), 0, facts, BLOBS[name])
    reader = Reader(load(tmp_path), tmp_path)
    answer = reader.ask("sheet", run="run", tag="patterns/c", step="0", at="1000")
    shown = name in SHOWN
    assert answer.status_code == (200 if shown else 404)
    assert answer.content_type.split(";")[0] in (
        ("image/png", "image/jpeg") if shown else ("text/plain",)
    )


#: Their headers are in order and their sizes harmless: the browser finds out, or cuts them.
SHOWN = {
    *("png then html", "png, cut", "jpeg, cut", "png, a bit wrong", "png that claims more"),
    "jpeg that claims more",
}


def test_a_picture_larger_than_its_pixels_is_refused(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MOST_PIXELS", 128)
    with log(tmp_path, "run") as writing:
        facts = schema.encode(rich_facts("patterns"))
        writing.put(Series("patterns", "long"), 0, facts, picture(8, 8) + bytes(600))
        writing.put(Series("patterns", "wide"), 0, facts, picture(8, 17))
        writing.put(Series("patterns", "fits"), 0, facts, picture(8, 8))
    read = store_of(load(tmp_path)).sheet
    for tag in ("patterns/long", "patterns/wide"):
        with pytest.raises(store.NotStored, match="more than 128 pixels"):
            read(store.Ref("run", tag, 0, 1000.0))
    assert read(store.Ref("run", "patterns/fits", 0, 1000.0))[1] == "image/png"


def test_the_size_of_any_picture_is_told_from_its_header() -> None:
    for width, height in [(1, 1), (16, 8), (640, 3)]:
        for kind in ("PNG", "JPEG"):
            mime = f"image/{kind.lower()}"
            assert image_header.read_header(picture(height, width, kind=kind)) == (
                mime,
                width,
                height,
            )


def test_any_bytes_may_be_looked_at() -> None:
    for rng in rounds(1000):
        blob = rng.choice((picture(8, 16), picture(8, 16, kind="JPEG"), *BLOBS.values()))
        image_header.read_header(damaged(rng, blob + b"\0"))
        TRIED["pictures"] += 1


def test_names_of_runs_and_layers_come_back_as_they_are(load: Load, tmp_path: Path) -> None:
    """Those that JSON escapes are listed, but the Rust data server cannot read them."""
    for run in RUN_NAMES:
        with log(tmp_path, run) as writing:
            for name in NAMES:
                writing.put_whole(Series("patterns", name), 0)
    reader = Reader(load(tmp_path), tmp_path)
    listed = [entry["run"] for entry in strict(reader.ask("runs").text)["runs"]]
    assert listed == sorted(RUN_NAMES)
    for view in read_all(reader, listed).values():
        assert {series["layer"] for series in view["series"]} == set(NAMES)
        assert view["problems"] == []


def test_a_name_too_long_to_be_shown_is_a_problem(load: Load, tmp_path: Path) -> None:
    with log(tmp_path, "run") as writing:
        writing.put_whole(Series("patterns", "x" * 100_000), 0)
        writing.put_whole(Series("patterns", "conv"), 0)
    answer = Reader(load(tmp_path), tmp_path).ask("series", run="run")
    assert [series["layer"] for series in answer.json["series"]] == ["conv"]
    (problem,) = answer.json["problems"]
    assert "name of more than" in problem["reason"]
    assert len(answer.data) < 5000


ROUTES = ("runs", "series", "curves", "profile", "facts", "sheet", "index.js", "nothing", "")
PARTS = (
    "..",
    "%2e%2e",
    "%2E%2E%2F",
    "..%2f",
    "..%5c",
    "\\",
    "/",
    "//",
    "etc/passwd",
    "%00",
    "~root",
)
PARTS += (
    "index.js",
    "static",
    "plugin.py",
    ";",
    "#",
    "%",
    "%zz",
    "%ff",
    "%0d%0aX-Evil:%201",
    " ",
)
METHODS = ("GET",) * 8 + ("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "GETS")


def test_requests_of_any_shape_get_an_answer(load: Load, tmp_path: Path) -> None:
    write_run(tmp_path, "a/convviz", steps=2)
    reader = Reader(load(tmp_path), tmp_path)
    client = Client(reader._app)
    for rng in rounds(400):
        path, query = odd_request(rng)
        method = rng.choice(METHODS)
        answer = client.open(path, query_string=query, method=method)
        route = path.removeprefix(BASE)
        TRIED["requests"] += 1
        if answer.status_code == 404 and "text/html" in (answer.content_type or ""):
            continue  # no route of ours: TensorBoard's own answer
        reader.check(answer)
        if method not in ("GET", "HEAD"):
            assert answer.status_code in (404, 405), (method, route)
        if method == "HEAD":
            assert answer.data == b""


def odd_request(rng: random.Random) -> tuple[str, str]:
    """A path and a query in which something is odd."""
    route = rng.choice(ROUTES)
    if rng.random() < 0.3:
        route = "/".join(rng.choice((route, *PARTS)) for _ in range(rng.randint(1, 5)))
    good = {"run": "a/convviz", "tag": "patterns/conv2", "step": "1", "at": "1002.25"}
    odd = ("", "1e999", "nan", "-0", "0x1", "1_000", "9" * 400, "٣", " 1", "1\n", *NAMES)
    for name in good:
        if rng.random() < 0.3:
            good[name] = rng.choice((*odd, *PARTS))
    parts = [f"{name}={quote(value)}" for name, value in good.items() if rng.random() < 0.9]
    parts += rng.sample(
        ["run=b", "run[]=x", "%ff=%ff", "=", "&&", "at", "x" * 3000], rng.randrange(3)
    )
    rng.shuffle(parts)
    return BASE + route, "&".join(parts)


TRAVERSAL = [
    *("..", "../", "../..", "../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/plugin.py"),
    *("%2e%2e%2fplugin.py", "%252e%252e/plugin.py", "..\\plugin.py", "..%5cplugin.py"),
    *("....//plugin.py", "..;/plugin.py", "./plugin.py", "/etc/passwd", "//etc/passwd"),
    *("file:///etc/passwd", "C:\\boot.ini", "C:/boot.ini", "\\\\host\\share", "~/.ssh/id_rsa"),
    *("index.js/..", "index.js/../plugin.py", "index.js%00.py", "index.js%0a", "index.js/"),
    *("static", "static/", "static/index.js", "static/../plugin.py", "plugin.py", "__init__.py"),
    *("plugin/convviz/../index.js", "plugin/convviz/../../plugin.py", "plugin/convviz/plugin.py"),
    *("%c0%ae%c0%ae/plugin.py", "%uff0e%uff0e/plugin.py", "..%00/plugin.py", "*", "?", "%"),
]


@pytest.mark.parametrize("path", TRAVERSAL)
def test_no_path_leads_to_a_file(tmp_path: Path, load: Load, path: str) -> None:
    write_run(tmp_path, "a/convviz", steps=1)
    client = client_of(load(tmp_path))
    answer = client.get(BASE + path)
    module = client.get(BASE + "index.js").data
    assert answer.status_code in (404, 308) or answer.data == module
    for name in ("run", "tag"):
        place = {"run": "a/convviz", "tag": "patterns/conv2", "step": "0", "at": "1000.25"}
        for route in ("facts", "sheet", "series"):
            if route == "series" and name == "tag":
                continue
            asked = client.get(BASE + route, query_string=place | {name: path})
            assert asked.status_code == 404
            assert b"root:" not in asked.data
    TRIED["paths"] += 1


def test_an_answer_holds_no_more_than_its_bounds(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left out is said, with the number; the newest step and what it needs stay."""
    for name, most in {
        "MOST_RUNS": 2,
        "MOST_SERIES": 4,
        "MOST_EVENTS": 20,
        "MOST_NOTES": 3,
    }.items():
        monkeypatch.setattr(store, name, most)
    for number, run in enumerate("abc"):
        with log(tmp_path, run) as writing:
            writing.put_whole(Series("model"), 0, at=1000.0 + number)
    failures = [{"tag": "x" * 5000, "reason": "y" * 5000}] * 10
    with log(tmp_path, "big") as writing:
        for layer in range(9):
            for step in range(30 if layer == 0 else 1):
                writing.put_whole(Series("patterns", f"conv{layer}"), step, at=2000.0)
        writing.put_whole(Series("inputs"), 0, at=2000.0)
        writing.put_whole(Series("model"), 29, at=2000.0, failures=failures)
    seen = store_of(load(tmp_path))
    assert [run["run"] for run in seen.runs()] == ["big", "c"]
    view = seen.series("big")
    assert [series["tag"] for series in view["series"]] == [
        *("inputs", "model", "patterns/conv0", "patterns/conv1"),
    ]
    (sampled,) = [series for series in view["series"] if series["tag"] == "patterns/conv0"]
    assert len(sampled["steps"]) == 5 and sampled["steps"][-1] == 29
    assert len(view["failures"]) == 3
    assert len(view["failures"][0]["tag"]) < 1100 and len(view["failures"][0]["reason"]) < 1100
    reasons = " ".join(problem["reason"] for problem in view["problems"])
    assert len(view["problems"]) == 4
    assert "more than 4 series" in reasons and "5 more problems" in reasons


def test_thousands_of_runs_are_listed_and_opened(load: Load, tmp_path: Path) -> None:
    # The Python loader takes a quarter of a minute for the whole number.
    many = 10_000 if FUZZ > 1 or load.__name__ != "python_loader" else 1_000
    with log(tmp_path, "0/convviz") as writing:
        writing.put_whole(Series("patterns", "conv"), 0)
        writing.put_whole(Series("model"), 0)
    (file,) = (tmp_path / "0/convviz").glob("*tfevents*")
    content = file.read_bytes()
    for number in range(1, many):
        directory = tmp_path / f"{number}/convviz"
        directory.mkdir(parents=True)
        (directory / "events.out.tfevents.1").write_bytes(content)
    reader = Reader(load(tmp_path), tmp_path)
    assert len(strict(reader.ask("runs").text)["runs"]) == many
    assert len(reader.everything("999/convviz")["series"]) == 2
    TRIED["runs"] += many


def test_a_run_that_is_deleted_while_open_is_gone_or_still_readable(
    tmp_path: Path, load: Load
) -> None:
    """No error: TensorBoard's loaders keep what they have read until their next reload."""
    write_run(tmp_path, "a/convviz", steps=3)
    write_run(tmp_path, "b/convviz", steps=3)
    reader = Reader(load(tmp_path), tmp_path)
    reader.everything("a/convviz")
    shutil.rmtree(tmp_path / "a")
    reader.everything("a/convviz")
    assert len(reader.everything("b/convviz")["series"]) == 4


@pytest.mark.parametrize("question", ["list_blob_sequences", "read_blob_sequences", "list_scalars"])
def test_a_loader_without_an_answer_is_told_as_such(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    """The data server was killed, or the log changed under the loader: 503, and asked again."""
    write_run(tmp_path, "a/convviz", steps=1)
    write_scalars(tmp_path, "a/train", {"epoch_loss": [1.0]})
    provider = load(tmp_path)

    def raises(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"{tmp_path} is gone")

    monkeypatch.setattr(provider, question, raises)
    client = client_of(provider)
    route = "curves" if question == "list_scalars" else "series"
    answer = client.get(BASE + route, query_string={"run": "a/convviz"})
    assert answer.status_code == 503
    assert answer.text == "TensorBoard cannot read this log just now"


def test_markup_is_nowhere_served_as_markup(load: Load, tmp_path: Path) -> None:
    with log(tmp_path, "run") as writing:
        writing.put(Series("patterns", "c"), 0, HTML, HTML)
        facts = example_facts("model", failures=[{"tag": HTML.decode(), "reason": HTML.decode()}])
        writing.put(Series("model"), 0, schema.encode(facts))
    reader = Reader(load(tmp_path), tmp_path)
    view = reader.everything("run")
    assert view["failures"][0]["reason"] == HTML.decode()
    for route in ("runs", "series", "curves", "facts", "sheet"):
        answer = reader.ask(route, run="run", tag="patterns/c", step="0", at="1000")
        assert answer.content_type.split(";")[0] in ("application/json", "text/plain")

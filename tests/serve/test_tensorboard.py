"""A real TensorBoard process over HTTP, with a log as the callback writes it."""

import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest

from convviz_tb.schema import Series
from support.logs import example_facts, picture
from support.servers import TensorBoard

pytestmark = pytest.mark.server

STEPS = 40
PREFIX = "/some/prefix"


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from convviz_tb.log.writer import RunWriter

    directory = tmp_path_factory.mktemp("logs")
    patterns, heatmaps = Series("patterns", "conv2"), Series("heatmaps", "conv2")
    writer = RunWriter(str(directory / "pets"))
    for step in range(STEPS):
        sheet = picture(8, 16, seed=step)
        writer.write(patterns, step, example_facts("patterns"), sheet)
        writer.write(heatmaps, step, example_facts("heatmaps"), sheet)
        writer.write_image(patterns, step, sheet, 16, 8)
        writer.write(Series("model"), step, example_facts("model", written=step + 1))
    writer.close()
    return directory


@pytest.fixture(scope="module", params=["fast", "slow, with a path prefix"])
def server(
    request: pytest.FixtureRequest, tensorboard: Callable[..., TensorBoard], logdir: Path
) -> TensorBoard:
    if request.param == "fast":
        flags = ["--load_fast=true"]
    else:
        flags = ["--load_fast=false", f"--path_prefix={PREFIX}"]
    return tensorboard(logdir, *flags)


def steps(server: TensorBoard) -> dict[str, list[int]]:
    series = server.ask("series?run=pets/convviz").json["series"]
    return {entry["tag"]: entry["steps"] for entry in series}


def test_every_logged_step_is_kept(server: TensorBoard) -> None:
    every = list(range(STEPS))
    kept = {"patterns/conv2": every, "heatmaps/conv2": every, "model": every}
    assert steps(server) == kept


def test_a_users_own_sampling_wins(tensorboard: Callable[..., TensorBoard], logdir: Path) -> None:
    flag = "--samples_per_plugin=convviz=5"
    server = tensorboard(logdir, "--load_fast=true", flag)
    assert {len(kept) for kept in steps(server).values()} == {5}


def test_facts_and_sheets_arrive(server: TensorBoard) -> None:
    view = server.ask("series?run=pets/convviz").json
    entry = next(entry for entry in view["series"] if entry["kind"] == "heatmaps")
    place = {"run": "pets/convviz", "tag": entry["tag"], "step": 17, "at": entry["wall_times"][17]}
    asked = urllib.parse.urlencode(place)
    assert server.ask(f"facts?{asked}").json == example_facts("heatmaps")
    sheet = server.ask(f"sheet?{asked}")
    assert sheet.body == picture(8, 16, seed=17)
    assert sheet.headers["Content-Type"] == "image/png"
    assert sheet.headers["Cache-Control"] == "private, max-age=86400"


def test_the_tab_is_listed_and_its_page_finds_the_module(server: TensorBoard) -> None:
    listing = server.ask("data/plugins_listing", base="").json
    assert listing["convviz"]["enabled"] is True
    assert listing["convviz"]["tab_name"] == "ConvViz"
    page = server.ask("data/plugin_entry.html?name=convviz", base="").body.decode()
    assert '<base href="plugin/convviz/" />' in page
    assert 'import("./plugin/convviz/index.js")' in page
    honouring_base = server.ask("data/plugin/convviz/plugin/convviz/index.js", base="")
    ignoring_base = server.ask("data/plugin/convviz/index.js", base="")
    assert honouring_base.status == ignoring_base.status == 200
    assert b"render" in honouring_base.body


def test_it_works_below_an_experiment(server: TensorBoard) -> None:
    runs = server.ask("experiment/any/data/plugin/convviz/runs", base="").json["runs"]
    assert [run["name"] for run in runs] == ["pets"]


def test_the_stock_images_tab_shows_our_pictures_too(server: TensorBoard) -> None:
    tags = server.ask("tags", base="data/plugin/images/")
    assert tags.status == 200
    (tag,) = tags.json["pets/convviz"]
    asked = urllib.parse.urlencode({"run": "pets/convviz", "tag": tag, "sample": 0})
    images = server.ask(f"images?{asked}", base="data/plugin/images/").json
    assert [image["step"] for image in images] == [0, STEPS - 1]
    shown = server.ask(f"individualImage?{images[-1]['query']}", base="data/plugin/images/")
    assert shown.body == picture(8, 16, seed=STEPS - 1)


def test_head_and_post(server: TensorBoard) -> None:
    head = server.ask("runs", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert server.ask("runs", method="POST").status == 405


@pytest.mark.parametrize(
    "path",
    [
        "../../../../etc/passwd",
        "%2e%2e/%2e%2e/plugin.py",
        "..%5c..%5cplugin.py",
        "plugin/convviz/../../plugin.py",
        "static/index.js",
        "plugin.py",
    ],
)
def test_paths_lead_nowhere(server: TensorBoard, path: str) -> None:
    assert server.ask(path).status == 404


def test_tensorboard_has_nothing_to_complain_about(server: TensorBoard) -> None:
    for route in [
        "runs",
        "series?run=pets/convviz",
        "series",
        "sheet?run=x",
        "index.js",
        "nothing",
    ]:
        server.ask(route)
    server.ask("runs", method="POST")
    assert "will become an error" not in server.output()
    assert "Traceback" not in server.output()

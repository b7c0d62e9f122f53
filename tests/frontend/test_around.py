"""What lies around the tiles: time, order, pins, files, addresses, and the states of a log."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from convviz_tb import schema
from convviz_tb.schema import Series
from support.browser import FAILURE, Tab, axe, dark, pick
from support.logs import log, picture, write_scalars

pytestmark = [pytest.mark.browser, pytest.mark.server]

ROOT = Path(__file__).parents[2]
FILTERS = (0, 4, 8, 12)
SHEET = {"count": 4, "columns": 2, "tile": [16, 16]}
STEPS = (0, 1, 2, 3)
#: By step: the order changes, and filter 8 answers to nothing at the end.
SCORES = [(1.0, 2.0, 3.0, 4.0), (4.0, 3.0, 2.0, 1.0), (1.0, 3.0, 2.0, 4.0), (2.0, 1.0, 0.0, 3.0)]


def write(logdir: Path, run: str, *, at: float = 1000.0, **changes: Any) -> None:
    """A run of two layers of four filters, and heatmaps of one of them."""
    with log(logdir, f"{run}/convviz") as writing:
        for step in STEPS:
            now = at + 10 * step
            if step == 0:
                writing.put_whole(Series("inputs"), 0, at=now)
            for layer in ("conv1", "conv2"):
                facts = {"sheet": SHEET, "tiles": tiles(step), "ascent_steps": 20}
                sheet = picture(32, 32, seed=step)
                blobs = schema.encode(facts), sheet
                writing.put(Series("patterns", layer), step, *blobs, at=now)
            writing.put_whole(Series("heatmaps", "conv2"), step, at=now)
            facts = {
                "written": step + 1,
                "planned": 3,
                "layers": [layer_facts("conv1", "patterns")],
            }
            facts["layers"] += [layer_facts("conv2", "patterns", "heatmaps")]
            writing.put_whole(Series("model"), step, at=now, **(facts | changes))


def tiles(step: int) -> list[dict[str, Any]]:
    found = zip(FILTERS, SCORES[step], strict=True)
    return [{"filter": at, "score": score, "drift": 1 / (1 + at)} for at, score in found]


def layer_facts(name: str, *kinds: str) -> dict[str, Any]:
    facts: dict[str, Any] = {"layer": name, "class_name": "Conv2D", "shape": [16, 16, 16]}
    return facts | {"filters": 16, "trainable": True, "kinds": list(kinds)}


@pytest.fixture(scope="module")
def server(
    loader_flag: str, tensorboard: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Any:
    logdir = tmp_path_factory.mktemp("logs")
    write(logdir, "plain", at=1000.0)
    write(logdir, "curved", at=2000.0)
    losses, accuracies = [2.0, 1.0, 0.5], [0.25, 0.5, 0.75]
    scalars = {"epoch_loss": losses, "epoch_accuracy": accuracies}
    write_scalars(logdir, "curved/train", scalars, at=2009.0, every=10)
    write_scalars(
        logdir, "curved/validation", {"epoch_loss": [2.5, 1.5, 1.25]}, at=2009.0, every=10
    )
    return tensorboard(logdir, loader_flag)


def test_the_loss_lies_over_the_steps_with_its_values(tab: Tab) -> None:
    tab.open("&p.convviz.run=curved/convviz").ready().at_step(3)
    expect(tab.frame.locator(".curve path:not(.curve-dots)")).to_have_count(2)
    expect(tab.frame.locator(".curve-values")).to_have_text(re.compile("train.0.500.*val.1.25"))
    tab.press("Home")
    expect(tab.frame.locator(".curve-values")).to_have_text("not trained yet")
    pick(tab, "Curve", "accuracy")
    expect(tab.frame.locator(".curve path:not(.curve-dots)")).to_have_count(1)
    expect(tab.page).to_have_url(re.compile("p.convviz.metric=accuracy"))
    pick(tab, "Curve", "no curve")
    expect(tab.frame.locator(".curve")).to_have_count(0)


def test_without_scalars_there_is_no_curve_and_no_complaint(tab: Tab) -> None:
    with tab.page.expect_response(re.compile("/convviz/curves")) as answered:
        tab.open("&p.convviz.run=plain/convviz").ready()
    assert answered.value.json()["curves"] == []
    expect(tab.frame.get_by_role("button", name=re.compile("^Axis"))).to_be_visible()
    expect(tab.frame.get_by_role("button", name=re.compile("^Curve"))).to_have_count(0)
    expect(tab.frame.locator(".curve")).to_have_count(0)


def test_the_axis_goes_by_step_or_by_wall_time(tab: Tab) -> None:
    tab.open("&p.convviz.run=curved/convviz").ready()
    expect(tab.frame.locator(".tick-label").last).to_have_text("3")
    pick(tab, "Axis", "By wall time since the first step")
    expect(tab.frame.locator(".tick-label").last).to_have_text(re.compile("30.s"))
    expect(tab.page).to_have_url(re.compile("p.convviz.axis=time"))
    tab.press("ArrowLeft")
    tab.at_step(2)


#: Collects the steps that the page goes to: looking now and then misses some.
STEPS_SHOWN = """() => {
  const slider = document.querySelector('[role=slider][aria-label=Step]');
  window.steps = [];
  new MutationObserver(() => steps.push(slider.getAttribute('aria-valuenow')))
    .observe(slider, {attributeFilter: ['aria-valuenow']});
}"""


def test_playing_goes_round_when_it_loops(tab: Tab) -> None:
    tab.open("&p.convviz.step=2").ready()
    pick(tab, "Speed", "4\u00d7")
    tab.frame.get_by_role("button", name="Loop").click()
    tab.frame.locator(".track-box").focus()
    tab.frame.evaluate(STEPS_SHOWN)
    tab.press("Space")
    tab.frame.wait_for_function("steps.length >= 5")
    assert tab.frame.evaluate("steps.slice(0, 5)") == ["3", "0", "1", "2", "3"]
    expect(tab.frame.get_by_role("button", name="Pause")).to_be_visible()
    tab.press("Space")
    expect(tab.frame.get_by_role("button", name="Play through the steps")).to_be_visible()


def test_b_may_be_another_layer_and_changes_places_with_it(tab: Tab) -> None:
    tab.open("&p.convviz.run=plain/convviz&p.convviz.way=side&p.convviz.step=2").ready()
    pick(tab, "Compared with", "Layer conv2")
    bar = tab.frame.get_by_role("region", name="Comparison")
    expect(bar).to_contain_text("conv2, step 2")
    expect(bar).to_contain_text("are unrelated")
    tab.press("ArrowLeft")
    expect(bar).to_contain_text("conv2, step 1")
    tab.press("x")
    expect(tab.frame.get_by_role("heading", level=1)).to_have_text("conv2")
    expect(bar).to_contain_text("conv1, step 1")
    tab.press("ArrowRight")
    expect(bar).to_contain_text("conv1, step 2")


def test_tiles_are_sorted_by_any_number_and_the_order_can_be_kept(tab: Tab) -> None:
    tab.open("&p.convviz.step=0").ready()
    assert tab.order() == [0, 4, 8, 12]
    pick(tab, "Sort", "score")
    assert tab.order() == [12, 8, 4, 0]
    tab.press("ArrowRight")
    tab.at_step(1)
    assert tab.order() == [0, 4, 8, 12]
    tab.frame.get_by_role("button", name="Keep this order at all steps").click()
    tab.press("ArrowLeft")
    tab.at_step(0)
    assert tab.order() == [0, 4, 8, 12]
    pick(tab, "Sort", "drift")  # a number this version has never heard of
    assert tab.order() == [0, 4, 8, 12]
    tab.frame.get_by_role("button", name="Highest first").click()
    assert tab.order() == [12, 8, 4, 0]
    tab.press("r")
    assert tab.order() == [0, 4, 8, 12]


def test_what_has_nothing_to_show_can_be_left_out(tab: Tab) -> None:
    tab.open().ready().at_step(3)
    expect(tab.frame.locator(".layer").first).to_contain_text("1 of 4 filters without response")
    tab.frame.get_by_role("button", name="Hide filters without response").click()
    assert tab.order() == [0, 4, 12]
    tab.press("ArrowLeft")
    tab.at_step(2)
    assert tab.order() == [0, 4, 8, 12]


def test_pins_stay_over_layers_runs_and_reloads(tab: Tab) -> None:
    tab.open("&p.convviz.run=plain/convviz").ready()
    tab.frame.locator(".tile").nth(2).focus()
    tab.press("t")
    pinned = tab.frame.locator(".pinned")
    expect(pinned).to_contain_text("conv1")
    tab.frame.locator(".layer").nth(1).click()
    pick(tab, "Run:", re.compile("curved"))  # type: ignore[arg-type]
    tab.ready()
    expect(pinned).to_have_count(1)
    tab.open().ready()  # an address without pins: the browser remembers
    pinned = tab.frame.locator(".pinned")
    expect(pinned.locator("canvas")).to_be_visible()
    pinned.click()
    expect(tab.frame.get_by_role("heading", name="Filter 8")).to_be_visible()
    expect(tab.frame.get_by_role("button", name="Run: plain")).to_be_visible()
    expect(tab.page).to_have_url(re.compile("p.convviz.pins=plain/convviz"))
    tab.press("t")
    expect(pinned).to_have_count(0)


def save(tab: Tab, option: str) -> tuple[str, bytes]:
    """The name and the content of the file that an option of the menu makes."""
    with tab.page.expect_download() as saved:
        pick(tab, "Download", option)
    return saved.value.suggested_filename, Path(saved.value.path()).read_bytes()


def test_the_sheet_and_the_numbers_can_be_taken_away(tab: Tab) -> None:
    tab.open("&p.convviz.run=plain/convviz").ready()
    name, content = save(tab, "These tiles (PNG)")
    assert name == "plain_patterns_conv1_step-3.png"
    assert Image.open(io.BytesIO(content)).height == 32 + 2 * (16 + 24 + 8)
    name, content = save(tab, "Metrics of all steps (CSV)")
    assert name == "plain_patterns_conv1_numbers.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert len(rows) == len(STEPS) * len(FILTERS)
    assert rows[-1]["layer"] == "conv1"
    assert (rows[-1]["step"], rows[-1]["filter"], rows[-1]["score"]) == ("3", "12", "3")


def test_a_tile_and_its_series_can_be_taken_away(tab: Tab) -> None:
    tab.open("&p.convviz.run=plain/convviz&p.convviz.tile=4")
    tab.frame.wait_for_selector(".viewer canvas")
    name, content = save(tab, "This tile (PNG)")
    assert name == "plain_patterns_conv1_filter-4_step-3.png"
    tile = Image.open(io.BytesIO(content)).convert("RGB")
    stored = Image.open(io.BytesIO(picture(32, 32, seed=3))).convert("RGB")
    assert tile.crop((8, 32, 24, 48)).tobytes() == stored.crop((16, 0, 32, 16)).tobytes()
    name, content = save(tab, "All steps in a row (PNG)")
    assert name == "plain_patterns_conv1_filter-4_steps.png"
    assert Image.open(io.BytesIO(content)).height == 32 + 16 + 24 + 8
    name, content = save(tab, "All steps, animated (GIF)")
    assert name == "plain_patterns_conv1_filter-4_steps.gif"
    moving = Image.open(io.BytesIO(content))
    assert (moving.n_frames, moving.size) == (4, (16, 40))  # type: ignore[attr-defined]
    name, content = save(tab, "All steps, one file each (ZIP)")
    assert name == "plain_patterns_conv1_filter-4_steps.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as held:
        assert held.testzip() is None
        assert len(held.namelist()) == 5
        assert "plain_patterns_conv1_filter-4_step-3.png" in held.namelist()


def test_the_back_button_leads_through_layers_and_tiles_not_through_steps(tab: Tab) -> None:
    tab.open().ready()
    heading = tab.frame.get_by_role("heading", level=1)
    tab.frame.locator(".layer").nth(1).click()
    expect(heading).to_have_text("conv2")
    tab.press("ArrowLeft", "ArrowLeft")
    tab.at_step(1)
    tab.page.wait_for_timeout(1100)  # who goes on at once is still on the way
    tab.frame.locator(".tile").first.click()
    expect(tab.frame.locator(".viewer")).to_be_visible()
    tab.page.go_back()
    expect(tab.frame.locator(".viewer")).to_have_count(0)
    expect(heading).to_have_text("conv2")
    tab.at_step(1)
    tab.page.go_back()
    expect(heading).to_have_text("conv1")
    tab.page.go_forward()
    expect(heading).to_have_text("conv2")
    tab.at_step(1)


def test_a_copied_link_shows_the_same_to_someone_else(
    tab: Tab,
    browser: Browser,
    open_tab: Callable[[str], Tab],
) -> None:
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.open("&p.convviz.run=plain/convviz&p.convviz.step=1&p.convviz.sort=-score").ready()
    tab.frame.locator(".layer").nth(1).click()
    tab.frame.locator(".tile").nth(1).focus()
    tab.press("t")
    tab.frame.get_by_role("button", name="Copy link to this view").click()
    expect(tab.frame.get_by_text("Link copied")).to_be_attached()
    link = tab.page.evaluate("navigator.clipboard.readText()")
    other = open_tab(tab.url)
    other.open("&" + link.partition("#")[2].partition("&")[2]).ready().at_step(1)
    assert other.order() == tab.order() == [0, 4, 8, 12]
    expect(other.frame.get_by_role("heading", level=1)).to_have_text("conv2")
    expect(other.frame.locator(".pinned")).to_contain_text("conv2")


def test_a_step_that_was_dropped_says_so(tab: Tab) -> None:
    gone = "Not found: step: not stored (any more)"
    tab.page.route(
        re.compile(r"/(facts|sheet)\?.*step=0"),
        lambda route: route.fulfill(status=404, content_type="text/plain", body=gone),
    )
    tab.open().ready()
    tab.press("Home")
    expect(tab.frame.get_by_text("TensorBoard has dropped this step")).to_be_visible()
    tab.page.unroute(re.compile(r"/(facts|sheet)\?.*step=0"))
    tab.press("ArrowRight")
    tab.at_step(1)
    assert all("404" in fault for fault in tab.faults)
    tab.faults.clear()


@pytest.mark.parametrize("fast", ["true", "false"], ids=["rust", "python"])
def test_a_sampled_log_says_how_much_is_missing(
    fast: str,
    tensorboard: Callable[..., Any],
    tmp_path: Path,
    open_tab: Callable[[str], Tab],
) -> None:
    with log(tmp_path, "run/convviz") as writing:
        for step in range(40):
            writing.put_whole(Series("patterns", "conv2"), step)
            writing.put_whole(Series("model"), step, written=step + 1)
    server = tensorboard(tmp_path, "--samples_per_plugin=convviz=5", f"--load_fast={fast}")
    tab = open_tab(server.url).open().ready()
    expect(tab.frame.get_by_text("TensorBoard kept 5 of 40 written steps")).to_be_visible()
    expect(tab.frame.get_by_text("--samples_per_plugin=convviz=0")).to_be_visible()
    # While the log is read, a step that was listed may make room for another one.
    assert all("404" in fault for fault in tab.faults)
    tab.faults.clear()


def test_a_log_of_a_newer_format_says_what_to_do(
    tensorboard: Callable[..., Any],
    tmp_path: Path,
    open_tab: Callable[[str], Tab],
) -> None:
    with log(tmp_path, "future/convviz") as writing:
        content = b'{"format": 99, "kind": "model", "layer": ""}'
        writing.put(Series("model"), 4, b"{}", content=content)
    tab = open_tab(tensorboard(tmp_path).url).open()
    expect(tab.frame.get_by_text("pip install --upgrade convviz_tb").first).to_be_visible()


def test_a_failure_in_the_callback_is_told_where_it_hit(
    tensorboard: Callable[..., Any],
    tmp_path: Path,
    open_tab: Callable[[str], Tab],
) -> None:
    write(tmp_path, "failed", failures=[FAILURE])
    tab = open_tab(tensorboard(tmp_path).url)
    tab.open("&p.convviz.layer=conv2&p.convviz.kind=patterns").ready()
    expect(tab.frame.get_by_text("OutOfMemory: too large").first).to_be_visible()


def test_it_works_under_a_path_prefix(
    tensorboard: Callable[..., Any],
    tmp_path: Path,
    open_tab: Callable[[str], Tab],
) -> None:
    write(tmp_path, "run")
    server = tensorboard(tmp_path, "--path_prefix=/some/prefix")
    tab = open_tab(server.url).open().ready()
    tab.at_step(3)
    tab.press("ArrowLeft")
    tab.at_step(2)


class Notebook(BaseHTTPRequestHandler):
    """Serves one page, from another origin than TensorBoard's."""

    def __init__(self, body: bytes, *arguments: Any) -> None:
        self.body = body
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: Any) -> None:
        pass


def test_it_works_inside_a_page_that_hides_its_address(
    server: Any,
    browser: Browser,
) -> None:
    """As in a notebook of another origin: nothing of the page around can be read or written."""
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    outer = (
        f'<iframe src="{server.url}data/plugin_entry.html?name=convviz" width="1000" height="600">'
    )
    notebook = HTTPServer(("127.0.0.1", 0), partial(Notebook, outer.encode()))
    Thread(target=notebook.serve_forever, daemon=True).start()
    page.goto(f"http://127.0.0.1:{notebook.server_port}/")
    inside = page.frame_locator("iframe")
    inside.get_by_role("button", name="Patterns").click()
    expect(inside.locator(".tile canvas")).to_have_count(4)
    inside.get_by_role("button", name="Layer: conv1").click()
    inside.get_by_role("option", name=re.compile("^conv2")).click()
    expect(inside.get_by_role("heading", level=1)).to_have_text("conv2")
    inside.locator(".tile").first.click()
    expect(inside.locator(".viewer")).to_be_visible()
    inside.locator(".viewer").press("ArrowLeft")
    expect(inside.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "2")
    page.close()
    notebook.shutdown()
    notebook.server_close()
    assert faults == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "keys",
    [
        "&p.convviz.kind=patterns",
        "&p.convviz.kind=heatmaps",
        "&p.convviz.kind=patterns&p.convviz.tile=4&p.convviz.pins=plain/convviz:patterns:conv1:8",
        "&p.convviz.kind=heatmaps&p.convviz.tile=0&p.convviz.step=1",
    ],
)
def test_nothing_keeps_anyone_out(tab: Tab, theme: str, keys: str) -> None:
    tab.open("&p.convviz.run=curved/convviz" + keys)
    tab.frame.wait_for_selector(".tile canvas, .viewer canvas")
    tab.frame.wait_for_selector(".curve-values")
    if theme == "dark":
        dark(tab.page)
        tab.frame.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert not (found := axe(tab)), "\n".join(found)


def test_the_help_and_the_menus_keep_nobody_out(tab: Tab) -> None:
    tab.open("&p.convviz.run=curved/convviz").ready()
    for name in ("Sort", "Curve", "Axis", "Speed", "Run:", "Download"):
        tab.frame.get_by_role("button", name=re.compile(f"^{name}")).first.click()
        assert not (found := axe(tab)), "\n".join(found)
        tab.press("Escape")
    tab.press("?")
    assert not (found := axe(tab)), "\n".join(found)
    expect(tab.frame.get_by_text("Bright is not strong")).to_be_visible()
    tab.frame.get_by_role("button", name="Keys").click()
    assert not (found := axe(tab)), "\n".join(found)

"""The tab as people meet it: a real TensorBoard in a real Chromium."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    expect,
)

from convviz_tb.schema import Series
from support.browser import FAILURE, Held, Tab, display
from support.logs import log
from support.servers import start_tensorboard
from support.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.server]


STEPS = (0, 2, 4, 7)
RARE = (0, 4)  # steps of a layer that is not logged at every one


def write(logdir: Path, run: str, steps: tuple[int, ...], *, at: float, first: int = 0) -> None:
    """A run of three layers, as the callback writes it; `conv2` misses some of the steps."""
    with log(logdir, run) as writing:
        for count, step in enumerate(steps, start=first + 1):
            now = at + step
            if step == 0:
                writing.put_whole(Series("inputs"), step, at=now)
            writing.put_whole(Series("patterns", "conv1"), step, at=now)
            if step in RARE:
                writing.put_whole(Series("patterns", "conv2"), step, at=now)
            writing.put_whole(Series("heatmaps", "conv2"), step, at=now)
            failures = [FAILURE] if step == 7 else []
            layers = [layer("conv1", True), layer("conv2", False)]
            facts: dict[str, Any] = {"written": count, "planned": 20, "failures": failures}
            writing.put_whole(Series("model"), step, at=now, layers=layers, **facts)


def layer(name: str, trainable: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {"layer": name, "class_name": "Conv2D", "shape": [8, 8, 4]}
    return facts | {"filters": 4, "trainable": trainable, "kinds": ["patterns", "heatmaps"]}


@pytest.fixture(scope="module")
def server(
    loader_flag: str,
    browser: Browser,
    tensorboard: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """A TensorBoard over two runs, with each of its loaders."""
    logdir = tmp_path_factory.mktemp("logs")
    write(logdir, "old/convviz", (0, 1, 2, 3, 4), at=1000.25)
    write(logdir, "new/convviz", STEPS, at=2000.25)
    return tensorboard(logdir, loader_flag)


def test_patterns_are_drawn_and_change_with_the_step(tab: Tab) -> None:
    tab.open().ready().at_step(7)
    newest = tab.pixels()
    assert len(newest) == 2
    assert all(levels > 16 for _, levels in newest), "a tile is blank"
    tab.press("ArrowLeft")
    tab.at_step(4)
    assert all(before != now for before, now in zip(newest, tab.pixels(), strict=True))


def test_opacity_lays_the_heatmap_over_the_picture(tab: Tab) -> None:
    tab.open("&p.convviz.kind=heatmaps&p.convviz.alpha=0").ready()
    picture = tab.pixels()
    assert all(levels > 16 for _, levels in picture), "a picture is blank"
    opacity = display(tab).get_by_label("Opacity of the heatmap in percent")
    opacity.fill("100")
    covered = tab.pixels()
    assert all(before != now for before, now in zip(picture, covered, strict=True))
    opacity.fill("0")
    assert tab.pixels() == picture
    tab.press("m")
    assert tab.pixels() == picture, "a colour map shows through at opacity 0"


def test_keys_walk_the_stored_steps(tab: Tab) -> None:
    tab.open().ready().at_step(7)
    for key, step in [
        ("ArrowLeft", 4),
        ("ArrowLeft", 2),
        ("Shift+ArrowLeft", 0),
        ("ArrowLeft", 0),
        ("ArrowRight", 2),
        ("End", 7),
        ("ArrowRight", 7),
        ("Home", 0),
    ]:
        tab.press(key)
        tab.at_step(step)
    expect(tab.frame.get_by_text("before training, baseline")).to_be_visible()


def test_a_deep_link_restores_the_view(tab: Tab) -> None:
    keys = "&p.convviz.run=old/convviz&p.convviz.kind=heatmaps&p.convviz.step=2"
    tab.open(keys + "&p.convviz.alpha=35&p.convviz.map=cividis").ready().at_step(2)
    expect(tab.frame.get_by_role("button", name="Run: old")).to_be_visible()
    expect(tab.frame.get_by_role("button", name="Heatmaps")).to_have_attribute(
        "aria-pressed", "true"
    )
    drawn = display(tab)
    expect(drawn.get_by_label("Opacity of the heatmap in percent")).to_have_value("35")
    expect(drawn.get_by_role("button", name="Colour map: cividis")).to_be_visible()
    tab.press("Escape")
    tab.press("ArrowRight")
    tab.at_step(3)
    tab.frame.locator(".tile").nth(1).click()
    expect(tab.page).to_have_url(re.compile(r"p\.convviz\.step=3"))
    expect(tab.page).to_have_url(re.compile(r"p\.convviz\.tile=1"))
    tab.page.reload()
    tab.open("&" + tab.hash().partition("&")[2])
    expect(tab.frame.locator(".viewer canvas").first).to_be_visible()
    expect(tab.frame.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "3")


def test_an_address_of_another_time_falls_back_to_what_is_there(tab: Tab) -> None:
    tab.open("&p.convviz.run=gone&p.convviz.layer=gone&p.convviz.step=5&p.convviz.map=jet")
    tab.ready().at_step(4)


def test_switching_the_run_keeps_layer_and_step(tab: Tab) -> None:
    tab.open("&p.convviz.layer=conv2&p.convviz.step=4").at_step(4)
    for run in ("old", "new"):
        tab.frame.get_by_role("button", name=re.compile("^Run:")).click()
        tab.frame.get_by_role("option", name=re.compile(run)).click()
        expect(tab.frame.get_by_role("button", name=f"Run: {run}")).to_be_visible()
        tab.at_step(4)
        expect(tab.frame.get_by_role("heading", name="conv2")).to_be_visible()


def test_a_run_stays_on_screen_until_there_is_something_to_show_of_the_next(tab: Tab) -> None:
    tab.open("&p.convviz.run=new/convviz").ready()
    series = Held(tab.page, re.compile(r"/series\?"))
    with tab.page.expect_request("**/series?run=old*"):
        tab.frame.get_by_role("button", name="Run: new").click()
        tab.frame.get_by_role("option", name=re.compile("old")).click()
    expect(tab.frame.get_by_role("button", name="Run: new")).to_be_visible()
    tab.at_step(7)
    series.let_go()
    expect(tab.frame.get_by_role("button", name="Run: old")).to_be_visible()
    tab.at_step(4)


def test_a_layer_without_the_step_offers_the_nearest(tab: Tab) -> None:
    tab.open("&p.convviz.layer=conv2")
    expect(tab.frame.get_by_text("Nothing stored for this layer at step 7")).to_be_visible()
    expect(tab.frame.get_by_text("OutOfMemory: too large")).to_be_visible()
    tab.frame.get_by_role("button", name="Go to step 4").click()
    tab.at_step(4)


def test_the_theme_follows_tensorboard(tab: Tab) -> None:
    tab.open().ready()
    paper = "getComputedStyle(document.body).backgroundColor"
    light = tab.frame.evaluate(paper)
    tab.page.evaluate("document.body.classList.add('dark-mode')")
    tab.frame.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert tab.frame.evaluate(paper) != light
    tab.page.evaluate("document.body.classList.remove('dark-mode')")
    tab.frame.wait_for_function("document.documentElement.dataset.theme === 'light'")
    assert tab.frame.evaluate(paper) == light


def test_a_tile_is_enlarged_and_left_by_key(tab: Tab) -> None:
    tab.open().ready()
    tab.frame.locator(".tile").first.focus()
    tab.press("Enter")
    expect(tab.frame.locator(".viewer")).to_be_focused()
    expect(tab.frame.locator(".filmstrip canvas")).to_have_count(len(STEPS))
    tab.press("ArrowLeft")
    chosen = tab.frame.locator(".frame[aria-current=true]")
    expect(chosen).to_have_attribute("aria-label", "Go to step 4")
    tab.press("Escape")
    expect(tab.frame.locator(".tile").first).to_be_focused()


def test_the_help_sheet_names_the_keys(tab: Tab) -> None:
    tab.open().ready()
    tab.press("?")
    expect(tab.frame.get_by_role("dialog", name="Help")).to_contain_text("Look at the score")
    tab.frame.get_by_role("button", name="Keys").click()
    expect(tab.frame.get_by_role("dialog", name="Help")).to_contain_text("Previous or next stored")
    tab.press("Escape")
    expect(tab.frame.get_by_role("dialog")).to_have_count(0)


def test_new_steps_are_followed_only_from_the_newest(
    browser: Browser,
    tensorboard: Callable[..., Any],
    tmp_path: Path,
    open_tab: Callable[[str], Tab],
) -> None:
    write(tmp_path, "live/convviz", (0, 1), at=time.time())
    tab = open_tab(tensorboard(tmp_path).url)
    tab.open().ready().at_step(1)
    expect(tab.frame.get_by_text("epoch 1 of 20")).to_be_visible()
    write(tmp_path, "live/convviz", (2,), at=time.time(), first=2)
    expect(tab.frame.get_by_text("epoch 2 of 20")).to_be_visible(timeout=15_000)
    tab.at_step(2)
    tab.press("ArrowLeft")
    write(tmp_path, "live/convviz", (3, 4), at=time.time(), first=3)
    chip = tab.frame.get_by_role("button", name="2 new steps")
    expect(chip).to_be_visible(timeout=15_000)
    tab.at_step(1)
    chip.click()
    tab.at_step(4)
    expect(chip).to_have_count(0)


def test_a_hidden_tab_asks_nothing(tab: Tab) -> None:
    tab.open().ready()
    tab.page.evaluate("location.hash = '#timeseries'")
    tab.frame.wait_for_function("innerHeight === 0")
    tab.asked.clear()
    tab.page.locator(".reload-button").click()  # told to hidden tabs, too
    wait_for(lambda: tab.page.wait_for_timeout(200) or tab.asked, "TensorBoard to reload")
    tab.page.wait_for_timeout(500)
    assert not [asked for asked in tab.asked if "/data/plugin/convviz/" in asked]
    tab.page.evaluate("location.hash = '#convviz'")
    expect(tab.frame.get_by_role("slider", name="Step")).to_be_visible()
    with tab.page.expect_request("**/data/plugin/convviz/runs"):
        tab.page.locator(".reload-button").click()


def test_a_silent_server_leaves_the_picture_and_is_asked_again(tab: Tab) -> None:
    tab.open().ready()
    shown = tab.pixels()
    tab.page.route("**/data/plugin/convviz/**", lambda route: route.abort())
    tab.press("ArrowLeft", "ArrowLeft", "ArrowLeft")
    expect(tab.frame.get_by_text("TensorBoard is not responding")).to_be_visible()
    assert len(tab.pixels()) == len(shown)
    tab.page.unroute("**/data/plugin/convviz/**")
    expect(tab.frame.get_by_text("TensorBoard is not responding")).to_have_count(0)
    tab.at_step(0)
    assert tab.faults and all("ERR_FAILED" in fault for fault in tab.faults)
    tab.faults.clear()


def test_facts_that_nobody_answers_for_tell_of_the_silence_too(tab: Tab) -> None:
    tab.open().ready()
    facts = re.compile(r"/(runs$|facts\?.*tag=model)")
    tab.page.route(facts, lambda route: route.abort())
    tab.press("ArrowLeft", "ArrowLeft")
    expect(tab.frame.get_by_text("TensorBoard is not responding")).to_be_visible()
    tab.at_step(2)
    tab.page.unroute(facts)
    expect(tab.frame.get_by_text("TensorBoard is not responding")).to_have_count(0)
    assert 0 < len(tab.faults) < 8, "asked again and again"
    tab.faults.clear()


def test_an_empty_directory_shows_the_lines_to_add(
    browser: Browser, tmp_path: Path, open_tab: Callable[[str], Tab]
) -> None:
    logdir = tmp_path / "logs"
    logdir.mkdir()
    process, url = start_tensorboard(logdir, tmp_path / "output.txt")
    with process:
        tab = open_tab(url).open()
        lines = tab.frame.locator("pre")
        expect(lines).to_contain_text("from convviz_tb import ConvViz, GradCAM")
        expect(lines).to_contain_text("callbacks=[watch]")
        expect(tab.frame.locator(".empty")).to_contain_text(str(logdir))
        tab.page.close()  # before its server: it would go on asking

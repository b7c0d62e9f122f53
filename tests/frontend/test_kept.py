"""What a log says of its end and of the place of its maps, on the page."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from convviz_tb.schema import Series
from support.browser import Tab
from support.logs import example_facts, log

pytestmark = [pytest.mark.browser, pytest.mark.server]

CAT, DOG, BIRD = range(3)


@pytest.fixture(scope="module")
def server(tensorboard: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Two runs: one that kept the weights of step 1, whose maps lie nobody knows where."""
    logdir = tmp_path_factory.mktemp("logs")
    maps = Series("heatmaps", "conv2")
    for run in ("kept", "plain"):
        with log(logdir, f"{run}/convviz") as writing:
            box = {"box": [0.25, 0.25, 0.5, 0.5], "label": None}
            tiles = [{"image": 0, "labels": [CAT, BIRD]} | box, {"image": 1} | box]
            names = {"class_names": ["cat", "dog", "bird"]}
            writing.put_whole(Series("inputs"), 0, tiles=tiles, **names)
            for step in range(3):
                facts = example_facts("heatmaps")
                of_bird = {"class_index": BIRD, "predicted": BIRD}
                facts["tiles"] = [t | of_bird | {"image": i} for i, t in enumerate(facts["tiles"])]
                placed = {"placed": False} if run == "kept" else {}
                writing.put_whole(maps, step, **facts | placed)
                writing.put_whole(Series("model"), step, planned=8, findings=[], written=step + 1)
            if run == "kept":
                writing.put_whole(Series("end"), 2, kept=1, stopped=True)
    return tensorboard(logdir)


def test_the_summary_leads_to_the_step_whose_weights_were_kept(tab: Tab) -> None:
    tab.open("&p.convviz.page=summary&p.convviz.run=kept/convviz")
    said = tab.frame.get_by_role("button", name="the weights of step 1 were put back")
    said.click()
    expect(tab.frame.locator(".now-meaning")).to_have_text("after 1 epoch, weights kept")
    tab.open("&p.convviz.page=summary&p.convviz.run=plain/convviz")
    expect(tab.frame.locator(".verdict")).to_be_visible()
    assert "put back" not in tab.frame.locator("body").inner_text()


def test_maps_that_lie_nobody_knows_where_cover_no_picture(tab: Tab) -> None:
    said = "place in the picture not known"
    tab.open("&p.convviz.kind=heatmaps&p.convviz.run=kept/convviz")
    tab.frame.wait_for_selector("main canvas")
    assert said in tab.frame.locator("body").inner_text()
    expect(tab.frame.locator(".object-box")).to_have_count(0)
    tab.open("&p.convviz.kind=heatmaps&p.convviz.run=plain/convviz")
    tab.frame.wait_for_selector("main canvas")
    assert said not in tab.frame.locator("body").inner_text()
    expect(tab.frame.locator(".object-box")).to_have_count(2)


def test_each_class_of_a_picture_is_right(tab: Tab) -> None:
    tab.open("&p.convviz.kind=heatmaps&p.convviz.run=plain/convviz&p.convviz.tile=0")
    numbers = tab.frame.locator(".numbers")
    expect(numbers.locator(".answer-right")).to_have_text("correct")
    expect(numbers.get_by_text("Labels")).to_be_visible()
    expect(numbers.locator("dd", has_text="cat, bird")).to_be_visible()
    tab.open("&p.convviz.kind=heatmaps&p.convviz.run=plain/convviz&p.convviz.tile=1")
    numbers = tab.frame.locator(".numbers")
    expect(numbers.get_by_text("Map of class")).to_be_visible()
    expect(numbers.get_by_text("Labels")).to_have_count(0)
    expect(numbers.locator(".answer-right, .answer-wrong")).to_have_count(0)

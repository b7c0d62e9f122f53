"""The confusion matrix of a set at each step; a cell keeps its pictures in the grid."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from convviz_tb import schema
from convviz_tb.schema import Series
from support.browser import Tab, axe
from support.logs import log
from support.pictures import blob, encoded, noise

pytestmark = [pytest.mark.browser, pytest.mark.server]

CLASSES = ["<b>cat</b>", "dog", "fish"]
LABELS = [0, 0, 1]
#: What the three pictures are taken for, and what the whole set is, by step.
PREDICTED = {0: [1, 1, 1], 1: [0, 1, 1]}
COUNTS = {0: [[1, 8, 0], [0, 5, 0], [2, 0, 3]], 1: [[8, 1, 0], [0, 5, 0], [0, 0, 5]]}


def write(logdir: Path, run: str, **confusion: Any) -> None:
    with log(logdir, f"{run}/convviz") as writing:
        for step, predicted in PREDICTED.items():

            def put(series: Series, pictures: list[Any], **facts: Any) -> None:
                sheet, geometry = encoded(pictures)
                blobs = schema.encode({"sheet": geometry, **facts}), sheet
                writing.put(series, step, *blobs, at=1000.25 + step)  # noqa: B023

            if step == 0:
                tiles = [
                    {"image": image, "label": label, "number": 7 * image, "group": "typical"}
                    for image, label in enumerate(LABELS)
                ]
                put(
                    Series("inputs"), [noise(i) for i in range(3)], tiles=tiles, class_names=CLASSES
                )
            numbers = {"score": 1.0, "probability": 0.6, "minimum": 0.0, "maximum": 0.5}
            maps = [
                numbers | {"image": image, "class_index": each, "predicted": each}
                for image, each in enumerate(predicted)
            ]
            put(Series("heatmaps", "conv2"), [blob(2, 2)] * 3, tiles=maps)
            matrix = {"classes": [0, 1, 2], "counts": COUNTS[step], "pictures": 30}
            matrix |= {"accuracy": 0.5, **confusion}
            writing.put_whole(Series("model"), step, at=1000.25 + step, confusion=matrix)


@pytest.fixture(scope="module")
def server(
    browser: Browser, tensorboard: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Any:
    logdir = tmp_path_factory.mktemp("logs")
    write(logdir, "run")
    write(logdir, "ragged", counts=[[1, 2, 3], [1]])
    write(logdir, "huge", classes=[*range(100)], counts=[[1] * 100] * 100)
    return tensorboard(logdir)


def show(tab: Tab, **keys: object) -> Tab:
    said = {"run": "run/convviz", "page": "tiles", "kind": "heatmaps", "step": 0, **keys}
    tab.open("".join(f"&p.convviz.{key}={value}" for key, value in said.items()))
    tab.frame.wait_for_selector("main .head, .viewer .big")
    return tab


def tiles(tab: Tab) -> Locator:
    return tab.frame.locator(".tile")


def opened(tab: Tab) -> Locator:
    tab.frame.get_by_role("button", name="Confusion").click()
    return tab.frame.get_by_role("dialog", name="Confusion")


def test_a_cell_keeps_its_pictures_and_follows_the_steps(tab: Tab) -> None:
    show(tab)
    window = opened(tab)
    expect(window).to_contain_text("50\u2009% of 30 pictures right at step 0")
    own = window.get_by_role("button", name="<b>cat</b> taken for dog: 8 of the set, 2 in the grid")
    own.click()
    expect(tiles(tab)).to_have_count(2)
    expect(tab.page).to_have_url(re.compile("convviz.cell=0:1"))
    assert axe(tab) == []
    tab.press("Escape")
    tab.press("ArrowRight")
    expect(tiles(tab)).to_have_count(1)
    window = opened(tab)
    expect(window.get_by_role("status")).to_contain_text("1 of the set, 1 in the grid")
    window.get_by_role("button", name="Clear").click()
    expect(tiles(tab)).to_have_count(3)


def test_a_cell_of_which_no_picture_is_shown_says_so(tab: Tab) -> None:
    show(tab, cell="2:0")
    said = tab.frame.locator(".grid-area h3")
    expect(said).to_have_text(
        "None of the 3 pictures with heatmaps is one of: fish taken for <b>cat</b>"
    )
    tab.frame.get_by_role("button", name="Show them anyway").click()
    expect(tiles(tab)).to_have_count(3)
    expect(tab.page).not_to_have_url(re.compile("convviz.cell"))


@pytest.mark.parametrize("run", ["ragged", "huge"])
def test_a_matrix_that_is_none_is_not_shown(tab: Tab, run: str) -> None:
    show(tab, run=f"{run}/convviz", cell="0:1")
    expect(tiles(tab)).to_have_count(3)
    expect(tab.frame.get_by_role("button", name="Confusion")).to_have_count(0)


def test_the_viewer_says_what_a_picture_was_chosen_as(tab: Tab) -> None:
    show(tab, tile=2)
    numbers = tab.frame.get_by_role("complementary", name="Metrics")
    expect(numbers).to_contain_text("Chosen astypical")
    expect(numbers).to_contain_text("Number in the set14")

"""What the filters see: the section of an enlarged picture, and a filter laid on it."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

import convviz_tb
from convviz_tb import schema
from convviz_tb.schema import Series
from support.browser import Tab, axe, pick
from support.logs import log
from support.pictures import blob, encoded, noise

pytestmark = [pytest.mark.browser, pytest.mark.server]

#: Where each filter sees something on the pictures: row and column of eight.
SEES = {2: (1, 1), 5: (5, 5)}


def write(logdir: Path) -> None:
    """Two pictures over two steps; at step 1 the filters have changed places. Then hostile ones."""
    with log(logdir, "run/convviz") as writing:
        for step in (0, 1):

            def put(series: Series, pictures: list[Any], **facts: Any) -> None:
                sheet, geometry = encoded(pictures)
                blobs = schema.encode({"sheet": geometry, **facts}), sheet
                writing.put(series, step, *blobs, at=1000.25 + step)  # noqa: B023

            if step == 0:
                tiles = [{"image": image, "label": 0} for image in (0, 1)]
                put(Series("inputs"), [noise(0), noise(1)], tiles=tiles, class_names=["cat"])
            for layer in ("conv", "odd", "plain"):
                maps = [blob(3, 3), blob(3, 3)]
                put(Series("heatmaps", layer), maps, tiles=heatmap_tiles())
                put(Series("patterns", layer), [noise(2), noise(5)], tiles=pattern_tiles())
            places = [*SEES.values()][:: 1 - 2 * step]
            maps = [blob(*place) for _ in (0, 1) for place in places]
            put(Series("feature_maps", "conv"), maps, tiles=feature_tiles())
            odd = [{"image": 0, "filter": 2**31 - 1, "minimum": None, "maximum": None}] * 2
            put(Series("feature_maps", "odd"), [blob(0, 0)] * 2, tiles=odd, field=[0, 0, 1, 1e300])
            writing.put_whole(Series("model"), step, at=1000.25 + step, **model_facts())


def heatmap_tiles() -> list[dict[str, Any]]:
    numbers = {"class_index": 0, "score": 1.0, "probability": 0.6, "predicted": 0}
    return [numbers | {"image": image, "minimum": 0.0, "maximum": 0.5} for image in (0, 1)]


def pattern_tiles() -> list[dict[str, Any]]:
    return [{"filter": filter_, "score": 1.0} for filter_ in SEES]


def feature_tiles() -> list[dict[str, Any]]:
    return [
        {"image": image, "filter": filter_, "minimum": 0.0, "maximum": 4.0 + image}
        for image in (0, 1)
        for filter_ in SEES
    ]


def model_facts() -> dict[str, Any]:
    layers = [
        {"layer": name, "class_name": "Conv2D", "shape": [8, 8, 8], "filters": 8}
        | {"trainable": True, "kinds": ["patterns", "heatmaps"]}
        for name in ("conv", "odd", "plain")
    ]
    return {"layers": layers}


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("logs")
    write(made)
    return made


@pytest.fixture(scope="module")
def server(browser: Browser, tensorboard: Callable[..., Any], logdir: Path) -> Any:
    return tensorboard(logdir)


def show(tab: Tab, **keys: object) -> Tab:
    said = {"kind": "heatmaps", "layer": "conv", "tile": 0, "step": 0, "show": "map", **keys}
    tab.open("".join(f"&p.convviz.{key}={value}" for key, value in said.items()))
    tab.frame.wait_for_selector(".stage canvas")
    return tab


def section(tab: Tab) -> Locator:
    return tab.frame.get_by_role("region", name="What the filters see")


#: Where a canvas is hottest: row and column of eight.
HOTTEST = """one => {
    const {data} = one.getContext('2d').getImageData(0, 0, one.width, one.height);
    const at = (x, y) => 4 * (Math.round((y + 0.5) / 8 * one.height) * one.width
        + Math.round((x + 0.5) / 8 * one.width));
    const light = ([x, y]) => data[at(x, y)] + data[at(x, y) + 1] + data[at(x, y) + 2];
    const all = [...Array(64).keys()].map(i => [i % 8, Math.floor(i / 8)]);
    const [x, y] = all.reduce((best, next) => light(next) > light(best) ? next : best);
    return [y, x];
}"""


def hottest(tab: Tab, canvas: str) -> tuple[int, int]:
    row, column = tab.settled().eval_on_selector(canvas, HOTTEST)
    return row, column


def sees(tab: Tab, place: tuple[int, int]) -> None:
    """Waits until the stage is hottest there."""
    tab.frame.wait_for_function(
        f"""place => JSON.stringify(({HOTTEST})(document.querySelector('.stage canvas')))
            === JSON.stringify(place)""",
        arg=list(place),
    )


def test_a_filter_is_laid_on_the_picture_and_followed_over_the_steps(tab: Tab) -> None:
    show(tab)
    sees(tab, (3, 3))
    own = section(tab).get_by_role("button", name="Filter 5")
    own.focus()
    tab.press("Enter")
    sees(tab, SEES[5])
    expect(tab.frame.locator(".lens")).to_have_text("filter 5")
    expect(tab.page).to_have_url(re.compile("convviz.sees=5"))
    tab.press("ArrowRight")
    expect(tab.frame.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "1")
    sees(tab, SEES[2])  # they have changed places
    tab.press("ArrowDown")  # the next picture, through the same filter
    expect(
        section(tab).get_by_role("button", name="Filter 5, largest activation 5")
    ).to_be_visible()
    section(tab).get_by_role("button", name="Heatmap again").click()
    sees(tab, (3, 3))
    expect(tab.page).not_to_have_url(re.compile("convviz.sees"))


def test_a_link_shows_it_and_b_is_seen_through_the_same_filter(tab: Tab) -> None:
    show(tab, sees=2, step=1, way="side")
    sees(tab, SEES[5])
    expect(tab.frame.locator(".lens")).to_have_text(["filter 2", "filter 2"])
    assert hottest(tab, ".stage figure + figure canvas") == SEES[2]
    expect(section(tab).locator("li").first.locator("canvas")).to_have_count(2)
    assert axe(tab) == []


def test_another_layer_and_the_grid_show_heatmaps(tab: Tab) -> None:
    show(tab, sees=2)
    sees(tab, SEES[2])
    tab.press("Escape")
    expect(tab.page).not_to_have_url(re.compile("convviz.sees"))
    show(tab, sees=2, layer="plain")
    sees(tab, (3, 3))
    expect(section(tab)).to_have_count(0)


def test_what_the_filters_see_is_saved(tab: Tab) -> None:
    show(tab)
    expect(section(tab).locator("canvas")).to_have_count(2)
    with tab.page.expect_download() as saved:
        pick(tab, "Download", "What the filters see (PNG)")
    path = saved.value.path()
    assert Image.open(io.BytesIO(Path(path).read_bytes())).width > 200
    assert saved.value.suggested_filename == "run_heatmaps_conv_picture-0-filters_step-0.png"


def test_maps_without_numbers_are_said_to_be_none(tab: Tab) -> None:
    show(tab, layer="odd", sees=2**31 - 1)
    expect(tab.frame.locator(".stage .flag")).to_have_text("no map of this filter")


def test_a_report_has_them(browser: Browser, logdir: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    convviz_tb.report(logdir, path)
    page = browser.new_page()
    page.goto(f"{path.as_uri()}#p.convviz.kind=heatmaps&p.convviz.layer=conv&p.convviz.tile=0")
    page.get_by_role("button", name="Filter 2").click()
    expect(page.locator(".lens")).to_have_text("filter 2")
    page.close()

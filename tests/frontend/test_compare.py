"""Scales, classes, steps and runs against each other, in a real TensorBoard and a real Chromium."""

import base64
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from convviz_tb import schema
from convviz_tb.schema import Series
from support.browser import Tab, display
from support.logs import log
from support.pictures import blob, encoded, noise
from support.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.server]

SIDE = 16  # of patterns and pictures
MAP = 8  # of heatmaps
FILTERS = [0, 5, 9]
CLASSES = ["cat", "dog", "owl"]
STEPS = (0, 1, 2, 3)
LUMA = np.array([0.2126, 0.7152, 0.0722])


def maximum(step: int, place: int) -> float:
    """Evidence grows with the steps; that of the first class of a picture is the strongest."""
    return round(0.1 * (step + 1) * (1 - 0.3 * place), 6)


def heatmap_tiles(step: int) -> list[dict[str, Any]]:
    """Two pictures, three classes each; the second one is taken for another from step 2 on."""
    return [
        {
            "image": image,
            "class_index": index,
            "score": 1.0 + index,
            "probability": 0.5 - 0.2 * index,
        }
        | {"predicted": 1 if image == 1 and step >= 2 else 0}
        | {"minimum": 0.0, "maximum": maximum(step, index) * (1 + image)}
        for image in range(2)
        for index in range(3)
    ]


def write(
    logdir: Path,
    run: str,
    steps: tuple[int, ...],
    *,
    seed: int,
    baseline: str | None,
    heat: bool = True,
) -> None:
    """A run of a pattern layer and, where wished, a heatmap layer with three classes a picture."""
    with log(logdir, run) as writing:

        def put(series: Series, step: int, pictures: list[np.ndarray], **facts: Any) -> None:
            sheet, geometry = encoded(pictures)
            writing.put(
                series, step, schema.encode({"sheet": geometry, **facts}), sheet, at=1000.25 + step
            )

        for count, step in enumerate(steps, start=1):
            if step == steps[0]:
                labels = [{"image": image, "label": 0} for image in range(2)]
                inputs = [noise(7, image) for image in range(2)]
                put(Series("inputs"), step, inputs, tiles=labels, class_names=CLASSES)
            scores = [{"filter": index, "score": 1.0 + step + index} for index in FILTERS]
            put(
                Series("patterns", "conv1"),
                step,
                [noise(seed, step, index) for index in FILTERS],
                tiles=scores,
            )
            if heat:
                maps = [blob(2 + 2 * (at % 3), 2 + step) for at in range(6)]
                put(Series("heatmaps", "conv2"), step, maps, tiles=heatmap_tiles(step))
            kinds = {"conv1": ["patterns"], "conv2": ["heatmaps"]}
            layers = [
                {
                    "layer": name,
                    "class_name": "Conv2D",
                    "shape": [8, 8, 9],
                    "filters": 9,
                    "trainable": True,
                    "kinds": kind,
                }
                for name, kind in kinds.items()
            ]
            own = {} if baseline is None else {"baseline": baseline}
            writing.put_whole(
                Series("model"), step, at=1000.25 + step, written=count, layers=layers, **own
            )


@pytest.fixture(scope="module")
def server(
    browser: Browser,
    loader_flag: str,
    tensorboard: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    logdir = tmp_path_factory.mktemp("logs")
    write(logdir, "main/convviz", STEPS, seed=1, baseline="same")
    write(logdir, "twin/convviz", (0, 2, 4, 6), seed=2, baseline="same")
    write(logdir, "other/convviz", (0, 1), seed=3, baseline="another", heat=False)
    return tensorboard(logdir, loader_flag)


def show(tab: Tab, **keys: object) -> Tab:
    """Opens the tab on the main run with these keys in the address."""
    said = {"run": "main/convviz", **keys}
    tab.open("".join(f"&p.convviz.{key}={value}" for key, value in said.items()))
    if "tile" in keys or "as" in keys:
        tab.frame.wait_for_selector(".stage canvas, .matrix canvas")
        return tab
    return tab.ready()


def heat(tab: Tab, **keys: object) -> Tab:
    return show(tab, kind="heatmaps", **keys)


READ = """all => all.map(one => {
    const {data} = one.getContext('2d').getImageData(0, 0, one.width, one.height);
    let text = '';
    for (let at = 0; at < data.length; at += 4096)
        text += String.fromCharCode(...data.subarray(at, at + 4096));
    return btoa(text);
})"""


def canvases(tab: Tab, selector: str = ".tile canvas") -> list[np.ndarray]:
    """RGBA of every canvas, one row per pixel."""
    read = tab.settled().eval_on_selector_all(selector, READ)
    return [
        np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, 4).astype(int) for text in read
    ]


def same(left: list[np.ndarray], right: list[np.ndarray]) -> bool:
    return len(left) == len(right) and all(map(np.array_equal, left, right))


def coloured(pixels: np.ndarray) -> np.ndarray:
    """Which pixels are not grey."""
    return np.ptp(pixels[:, :3], axis=1) > 8


def settled(tab: Tab) -> None:
    """Waits until B has been loaded."""
    tab.frame.wait_for_selector(".pair-b canvas", state="attached")


def linked(tab: Tab, *keys: str) -> None:
    """Waits until the address says so: it is not written at every move of the hand."""

    def said() -> bool:
        tab.page.wait_for_timeout(50)
        return all(key in tab.hash() for key in keys)

    wait_for(said, f"{keys} in the address")


def test_the_scope_measures_a_map_by_its_picture_over_all_steps(tab: Tab) -> None:
    own = canvases(heat(tab, step=0))
    legend = tab.frame.locator(".legend-end")
    expect(legend).to_have_text("0.10 to 0.20")
    display(tab).get_by_role("button", name="Full colour: max of each map").click()
    tab.frame.get_by_role("option", name=re.compile("max of each picture")).click()
    expect(legend).to_have_text("0.40 to 0.80")
    weak = canvases(tab)
    assert not same(own, weak)
    linked(tab, "p.convviz.scope=picture")
    # At the step of the maximum both say the same.
    assert same(canvases(heat(tab, step=3)), canvases(heat(tab, step=3, scope="picture")))


def test_the_scope_of_a_layer_makes_pictures_comparable(tab: Tab) -> None:
    own, layer = canvases(heat(tab, step=1)), canvases(heat(tab, step=1, scope="layer"))
    expect(tab.frame.locator(".legend-end")).to_have_text("0.40")
    assert not np.array_equal(own[0], layer[0]), "the weaker picture keeps its full colour"
    assert np.array_equal(own[1], layer[1]), "the strongest map of the layer has the full colour"


def test_below_the_threshold_the_picture_is_clear(tab: Tab) -> None:
    picture = canvases(heat(tab, show="picture"))[0]
    changed = []
    for floor in (0, 50, 95):
        covered = canvases(heat(tab, alpha=100, floor=floor))[0]
        changed.append(np.any(covered != picture, axis=1))
    assert changed[0].sum() > changed[1].sum() > changed[2].sum() > 0
    assert not np.any(changed[2] & ~changed[1]), "a higher threshold covers other places"
    tab.frame.get_by_label("Threshold in percent of the full colour").fill("50")
    assert np.array_equal(np.any(canvases(tab)[0] != picture, axis=1), changed[1])


def test_picture_or_map_alone_by_one_key(tab: Tab) -> None:
    looks = [canvases(heat(tab))]
    for _ in range(3):
        tab.press("w")
        looks.append(canvases(tab))
    for one, other in itertools.combinations(looks, 2):
        assert not same(one, other)
    _, outline, _, picture = looks
    changed = np.any(outline[0] != picture[0], axis=1)
    assert 0 < changed.mean() < 0.2, "an outline leaves most of the picture untouched"
    assert same(picture, canvases(heat(tab, alpha=0)))


def test_maps_of_one_picture_are_one_tile_with_its_classes(tab: Tab) -> None:
    heat(tab, step=1)
    expect(tab.frame.locator(".tile")).to_have_count(2)
    before = canvases(tab)
    picker = tab.frame.get_by_role("group", name="Class of the map of picture 0")
    picker.get_by_role("button", name="dog 30").click()
    expect(tab.frame.locator(".tile").first).to_contain_text("dog")
    after = canvases(tab)
    assert not np.array_equal(before[0], after[0])
    assert np.array_equal(before[1], after[1])
    linked(tab, "p.convviz.cls=0:1")
    tab.press("ArrowRight")
    tab.at_step(2)
    expect(picker.get_by_role("button", name="dog")).to_have_attribute("aria-pressed", "true")


def test_tiles_that_fit_are_in_sight_with_their_classes(tab: Tab) -> None:
    tab.page.set_viewport_size({"width": 1400, "height": 900})
    heat(tab, step=1)
    hidden = "one => one.scrollHeight - one.clientHeight"
    assert tab.settled().eval_on_selector(".grid-area", hidden) == 0


def test_a_changed_prediction_is_marked(tab: Tab) -> None:
    heat(tab, step=2)
    expect(tab.frame.locator(".changed")).to_have_text("was cat")
    expect(tab.frame.locator("li", has=tab.frame.locator(".changed"))).to_have_count(1)
    tab.press("ArrowRight")
    tab.at_step(3)
    expect(tab.frame.locator(".changed")).to_have_count(0)
    tab.press("c")  # since the baseline it has changed
    expect(tab.frame.locator(".changed")).to_have_text("B: cat")


def test_side_by_side_shows_the_step_of_b_beside_that_of_a(tab: Tab) -> None:
    baseline = canvases(show(tab, step=0))
    newest = canvases(show(tab))
    tab.frame.get_by_role("button", name="Compare", exact=True).click()
    settled(tab)
    expect(
        tab.frame.get_by_role("button", name="Compared with: step 0 (before training)")
    ).to_contain_text("step 0 (before training)")
    assert same(canvases(tab, ".pair-a canvas"), newest)
    assert same(canvases(tab, ".pair-b canvas"), baseline)
    expect(tab.frame.locator(".tile").first).to_contain_text("1.00")


def test_b_is_set_by_key_and_by_shift_and_click(tab: Tab) -> None:
    show(tab, step=2).press("b", "ArrowRight")
    tab.at_step(3)
    settled(tab)
    marker = tab.frame.locator(".thumb-b")
    expect(marker).to_have_attribute("title", "B, step 2")
    track = tab.frame.get_by_role("slider", name="Step").locator(".track")
    box = track.bounding_box()
    assert box
    track.click(position={"x": box["width"] / 3, "y": 20}, modifiers=["Shift"], force=True)
    expect(marker).to_have_attribute("title", "B, step 1")
    tab.at_step(3)
    linked(tab, "p.convviz.b=1")
    tab.press("x")
    tab.at_step(1)
    expect(marker).to_have_attribute("title", "B, step 3")


def test_swiping_moves_one_divider_in_all_tiles(tab: Tab) -> None:
    show(tab, way="swipe")
    settled(tab)
    tab.frame.get_by_label("Share of A in percent").fill("25")
    clips = tab.settled().eval_on_selector_all(
        ".pair-b", "all => all.map(one => getComputedStyle(one).clipPath)"
    )
    assert set(clips) == {"inset(0px 0px 0px 25%)"}


def test_blinking_alternates_unless_less_motion_is_wished(tab: Tab) -> None:
    show(tab, way="blink")
    settled(tab)
    tab.frame.wait_for_selector(".pair-shows-b")
    tab.frame.wait_for_selector(".pair:not(.pair-shows-b)")
    tab.page.emulate_media(reduced_motion="reduce")
    show(tab, way="blink")
    settled(tab)
    tab.page.wait_for_timeout(1000)
    expect(tab.frame.locator(".pair-shows-b")).to_have_count(0)
    tab.frame.get_by_title("Show the other one").click()
    expect(tab.frame.locator(".pair-shows-b")).to_have_count(len(FILTERS))


def test_equal_patterns_have_a_clear_difference(tab: Tab) -> None:
    show(tab, way="difference", b=3, step=3)
    expect(tab.frame.get_by_text("A and B are the same step")).to_be_visible()
    tab.frame.wait_for_selector(".pair-difference canvas")
    assert all(np.all(pixels[:, 3] == 0) for pixels in canvases(tab))
    show(tab, way="difference", step=3)
    tab.frame.wait_for_selector(".difference-legend")
    expect(tab.frame.locator(".difference-legend")).to_contain_text("+")
    tab.frame.wait_for_function(
        "document.querySelector('.difference-legend').textContent.includes('\u2212')"
    )
    for pixels, filter_index in zip(canvases(tab), FILTERS, strict=True):
        now, then = (
            noise(1, step, filter_index).reshape(-1, 3) @ [0.2126, 0.7152, 0.0722]
            for step in (3, 0)
        )
        strong = np.abs(now - then) > 40
        brighter = pixels[:, 0] > pixels[:, 2]  # orange, not purple
        assert np.array_equal(brighter[strong], (now > then)[strong])


def test_equal_heatmaps_have_a_grey_difference_and_more_evidence_is_orange(tab: Tab) -> None:
    heat(tab, way="difference", b=3, step=3)
    tab.frame.wait_for_selector(".pair-difference canvas")
    assert not any(coloured(pixels).any() for pixels in canvases(tab))
    heat(tab, way="difference", step=3)
    expect(tab.frame.locator(".difference-legend")).to_contain_text("+0.79")
    for pixels in canvases(tab):
        lively = pixels[coloured(pixels)]
        assert len(lively) > 100
        more, less = lively[:, 0] > lively[:, 2], lively[:, 2] > lively[:, 0]
        assert more.sum() > less.sum()


def test_b_may_be_another_run_and_says_what_its_filters_are_worth(tab: Tab) -> None:
    show(tab, way="side", brun="twin/convviz", step=3)
    settled(tab)
    expect(tab.frame.locator(".compare")).to_contain_text("twin, step 2")
    expect(tab.frame.locator(".compare-remark")).to_have_count(0)
    tab.frame.get_by_role("button", name="Compared with: twin, step 2").click()
    tab.frame.get_by_role("option", name=re.compile("Run other at the step")).click()
    expect(tab.frame.locator(".compare-remark")).to_contain_text("began with different weights")
    heat(tab, way="side", brun="other/convviz")
    expect(tab.frame.locator(".compare-remark")).to_contain_text("no heatmaps in that run")


def test_columns_are_compared_with_one_run_or_each_with_its_own_past(tab: Tab) -> None:
    column = 'section[aria-label="Run twin"] canvas'
    show(tab, step=2, beside="twin/convviz", way="difference")
    expect(tab.frame.locator(".pair-difference canvas")).to_have_count(2 * len(FILTERS))
    expect(tab.frame.locator(".difference-legend")).to_contain_text("+")
    own_past = canvases(tab, column)
    tab.frame.get_by_role("button", name=re.compile("^Compared with")).click()
    tab.frame.get_by_role("option", name=re.compile("Run main")).click()
    # A is then what the others are measured by: its own tiles stay as they are.
    plain = canvases(show(tab, step=2))
    show(tab, step=2, beside="twin/convviz", way="difference", brun="main/convviz")
    first = 'section[aria-label="Run main"] canvas'
    wait_for(lambda: same(canvases(tab, first), plain), "the first column to stay as it is")
    wait_for(lambda: not same(canvases(tab, column), own_past), "another difference")
    expected = [
        noise(2, 2, at).astype(float) @ LUMA - noise(1, 2, at).astype(float) @ LUMA
        for at in FILTERS
    ]
    for drawn, signed in zip(canvases(tab, column), expected, strict=True):
        more, less = drawn[signed.ravel() > 60], drawn[signed.ravel() < -60]
        assert (more[:, 0] > more[:, 2]).all(), "more in the column is orange"
        assert (less[:, 2] > less[:, 0]).all(), "less in the column is purple"


def test_a_swipe_between_columns_shows_both_runs(tab: Tab) -> None:
    keys = {"step": 2, "beside": "twin/convviz", "way": "swipe", "brun": "main/convviz"}
    show(tab, **keys)
    column = tab.frame.get_by_role("region", name="Run twin")
    expect(column.locator(".pair-swipe canvas")).to_have_count(2 * len(FILTERS))
    expect(tab.frame.get_by_role("region", name="Run main").locator(".pair")).to_have_count(0)


def test_a_pinned_tile_is_compared_with_another_filter(tab: Tab) -> None:
    show(tab, tile=0, step=1)
    own = canvases(tab, ".stage canvas")
    tab.frame.get_by_role("button", name="Compare with this").click()
    tab.press("ArrowDown", "ArrowRight")
    expect(tab.frame.locator(".stage figcaption").nth(1)).to_contain_text("filter 0, step 1")
    assert same(canvases(tab, ".stage figure:nth-child(2) canvas"), own)
    assert not same(canvases(tab, ".stage figure:nth-child(1) canvas"), own)


def test_runs_stand_in_columns_with_the_same_tiles(tab: Tab) -> None:
    twin = canvases(tab.open("&p.convviz.run=twin/convviz&p.convviz.step=2").ready())
    show(tab, step=3)
    tab.frame.get_by_role("button", name="Runs side by side: none").click()
    tab.frame.get_by_role("option", name="twin").click()
    tab.frame.get_by_role("option", name="other").click()
    tab.press("Escape")
    column = tab.frame.get_by_role("region", name="Run twin")
    expect(column.locator("canvas")).to_have_count(len(FILTERS))
    expect(column.locator(".column-head")).to_contain_text("step 2")
    assert same(canvases(tab, 'section[aria-label="Run twin"] canvas'), twin)
    expect(tab.frame.locator(".alignment")).to_contain_text("began with different weights")
    tab.frame.get_by_role("button", name="the same progress").click()
    expect(column.locator(".column-head")).to_contain_text("step 6")
    linked(tab, "p.convviz.beside=twin/convviz,other/convviz")


def test_a_run_without_the_layer_says_so(tab: Tab) -> None:
    heat(tab, beside="other/convviz")
    expect(tab.frame.get_by_role("region", name="Run other")).to_contain_text(
        "no heatmaps of this layer"
    )


def test_the_matrix_shows_all_steps_and_leads_to_them(tab: Tab) -> None:
    baseline = canvases(show(tab, step=0))
    show(tab).press("a")
    expect(tab.frame.locator(".matrix-cell canvas")).to_have_count(len(STEPS) * len(FILTERS))
    assert same(canvases(tab, '.matrix-column[aria-label="Step 0"] canvas'), baseline)
    now = tab.frame.locator(".matrix-column[aria-current=true]")
    expect(now).to_have_attribute("aria-label", "Step 3")
    tab.frame.get_by_role("button", name=re.compile("^Step 1: Filter 5")).click()
    expect(now).to_have_attribute("aria-label", "Step 1")
    linked(tab, "p.convviz.step=1", "p.convviz.as=matrix")


def test_the_matrix_fits_the_width_as_far_as_its_pictures_can_be_read(tab: Tab) -> None:
    show(tab, **{"as": "matrix"})
    cells = tab.frame.locator(".matrix-cell")
    widths = cells.evaluate_all("all => all.map(one => one.offsetWidth)")
    assert set(widths) == {160}, "four steps have more space than the largest cells need"


def test_the_matrix_has_a_line_for_each_run(tab: Tab) -> None:
    twin = canvases(tab.open("&p.convviz.run=twin/convviz&p.convviz.step=2").ready())
    show(tab, beside="twin/convviz").press("a")
    cells = tab.frame.locator(".matrix-cell canvas")
    expect(cells).to_have_count(2 * len(STEPS) * len(FILTERS))
    assert same(canvases(tab, '.matrix-column[aria-label="Step 3"] canvas')[1::2], twin)
    expect(
        tab.frame.get_by_role("button", name=re.compile("^twin, Step 2: Filter 5"))
    ).to_have_count(2)
    expect(tab.frame.locator(".matrix-run").nth(1)).to_have_text("twin")


TRANSFORMS = "all => all.map(one => one.style.transform)"


def test_pictures_compared_are_enlarged_together(tab: Tab) -> None:
    show(tab, tile=5, way="side")
    frames = tab.frame.locator(".stage-content")
    expect(frames).to_have_count(2)
    expect(frames.nth(1).locator("canvas")).to_be_visible()
    tab.press("+", "+")
    fitting = tab.frame.get_by_role("button", name="Fit", exact=True)
    expect(fitting).to_have_attribute("aria-pressed", "false")
    picture = tab.frame.locator(".stage-picture").first
    box = picture.bounding_box()
    assert box
    tab.page.mouse.move(box["x"] + 100, box["y"] + 100)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 140, box["y"] + 110, steps=4)
    tab.page.mouse.up()
    moved = tab.settled().eval_on_selector_all(".stage-content", TRANSFORMS)
    assert len(set(moved)) == 1 and "scale(2.25)" in moved[0]
    linked(tab, "p.convviz.zoom=225", "p.convviz.x=")
    tab.page.reload()
    tab.open("&" + tab.hash().partition("&")[2])
    tab.frame.wait_for_selector(".stage canvas")
    assert tab.settled().eval_on_selector_all(".stage-content", TRANSFORMS) == moved
    tab.press("0")
    fitting = tab.frame.get_by_role("button", name="Fit", exact=True)
    expect(fitting).to_have_attribute("aria-pressed", "true")


def test_the_wheel_enlarges_only_where_that_is_wished(tab: Tab) -> None:
    show(tab, tile=5)
    box = tab.frame.locator(".stage-picture").bounding_box()
    assert box
    tab.page.mouse.move(box["x"] + 50, box["y"] + 50)
    tab.page.mouse.wheel(0, -300)
    tab.page.wait_for_timeout(300)
    assert "zoom" not in tab.hash()
    tab.page.keyboard.down("Alt")
    tab.page.mouse.wheel(0, -300)
    tab.page.keyboard.up("Alt")
    tab.frame.wait_for_function("document.querySelector('.stage-content').style.transform !== ''")
    tab.press("0")
    display(tab).get_by_role("button", name="Scroll zooms").click()
    tab.press("Escape")
    tab.page.mouse.move(box["x"] + 50, box["y"] + 50)
    tab.page.mouse.wheel(0, -300)
    tab.frame.wait_for_function("document.querySelector('.stage-content').style.transform !== ''")


def test_a_link_restores_the_comparison(tab: Tab) -> None:
    heat(tab, step=3, way="difference", b=1, tile=1, cls="1:2", scope="all", floor=20)
    expect(tab.frame.get_by_role("button", name="Difference", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(tab.frame.locator(".thumb-b")).to_have_attribute("title", "B, step 1")
    expect(
        tab.frame.get_by_role("group", name="Class of the map of picture 1").locator(
            "[aria-pressed=true]"
        )
    ).to_contain_text("owl")
    tab.press("c")
    chosen = display(tab).get_by_role("button", name="Full colour: max of this layer")
    expect(chosen).to_be_visible()
    expect(tab.frame.get_by_label("Threshold in percent of the full colour")).to_have_value("20")

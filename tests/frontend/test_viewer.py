"""The viewer and the page around it: sizes, what was frozen when, downloads, the summary."""

import functools
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

from convviz_tb.schema import Series
from support.browser import PATIENCE_OF_A_PAGE, Tab, axe, dark, display, pick
from support.logs import log, write_scalars
from support.pictures import blob, noise

pytestmark = [pytest.mark.browser, pytest.mark.server]

#: Runs that differ in the tail only, as people name them.
RUNS = ("a_network_with_quite_a_long_name_lr1e-4", "a_network_with_quite_a_long_name_lr1e-2")
FILTERS = (0, 3, 5, 9)
STEPS = (0, 1, 2, 3, 4, 5)
CLASSES = ["flower", "donut"]
BOX = [0.25, 0.25, 0.75, 0.5]


def write(logdir: Path, run: str, *, seed: int) -> None:
    """A fine-tuning: frozen for two epochs, then not; at the end a map is flat."""
    with log(logdir, f"{run}/convviz") as writing:
        for step in STEPS:
            at = 1000.25 + step
            put = functools.partial(writing.put_tiles, step=step, at=at)
            if step == 0:
                labels = [{"image": image, "label": 0, "box": BOX} for image in range(2)]
                pictures = [
                    np.kron(noise(7, image), np.ones((6, 6, 1), np.uint8)) for image in (0, 1)
                ]
                put(Series("inputs"), pictures, tiles=labels, class_names=CLASSES)
            for layer in ("conv1", "relu1"):
                pictures = [noise(seed, max(2, step), index) for index in FILTERS]
                put(Series("patterns", layer), pictures, tiles=pattern_tiles(layer, step))
            maps = [blob(2 + step // 2, 2), blob(4, 4)]
            put(Series("heatmaps", "conv1"), maps, tiles=heatmap_tiles(step))
            writing.put_whole(Series("model"), step, at=at, **model_facts(step))
    rates = {
        "epoch_loss": [2.0, 1.5, 1.0, 0.5, 0.25],
        "epoch_learning_rate": [1e-3] * 2 + [1e-4] * 3,
    }
    write_scalars(logdir, f"{run}/train", rates, at=1001.0, every=1)
    if seed == 1:
        losses = {"epoch_loss": [2.5, 2.0, 1.25, 1.5, 2.25]}
        write_scalars(logdir, f"{run}/validation", losses, at=1001.0, every=1)


def pattern_tiles(layer: str, step: int) -> list[dict[str, Any]]:
    drift = 0.1 * max(0, step - 2)
    kernel = {} if layer == "relu1" else {"kernel_drift": drift}
    return [
        {"filter": index, "score": 1.0 + place, "function_drift": drift * place, "twin": 3}
        | {"twin_similarity": 0.95 if index == 9 else 0.2}
        | kernel
        for place, index in enumerate(FILTERS)
    ]


def heatmap_tiles(step: int) -> list[dict[str, Any]]:
    return [
        {"image": image, "class_index": 0, "score": 1.0, "probability": 0.6}
        | {"predicted": image, "minimum": 0.0, "maximum": 0.5 + 0.1 * step}
        | {"overlap_baseline": 1 - 0.15 * step * image}
        | {"entropy": 0.9999 if image == 0 and step == 5 else 0.5}
        for image in range(2)
    ]


def model_facts(step: int) -> dict[str, Any]:
    drift = 0.1 * max(0, step - 2)
    numbers = {"function_drift": drift, "dead": 0, "stuck": 1}
    layers = [
        {"layer": name, "class_name": kind, "shape": [16, 16, 10], "filters": 10}
        | {"trainable": step > 2, "kinds": ["patterns"], "numbers": numbers | own}
        for name, kind, own in (("conv1", "Conv2D", {"kernel_drift": drift}), ("relu1", "ReLU", {}))
    ]
    findings = [{"text": "conv1 moved most.", "kind": "patterns", "layer": "conv1", "filter": 5}]
    if step == 5:
        bad = {"text": "conv1 finds no evidence.", "kind": "heatmaps", "layer": "conv1"}
        findings.insert(0, bad | {"image": 0, "step": 5, "severity": "bad"})  # type: ignore[arg-type]
    facts = {"written": step + 1, "planned": 5, "seconds": 3.0, "epoch_seconds": 2.0}
    return facts | {"layers": layers, "failures": [], "findings": findings if step else []}


@pytest.fixture(scope="module")
def server(
    browser: Browser, tensorboard: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Any:
    logdir = tmp_path_factory.mktemp("logs")
    for seed, run in enumerate(RUNS):
        write(logdir, run, seed=seed)
    return tensorboard(logdir)


def show(tab: Tab, size: tuple[int, int] = (1280, 720), **keys: object) -> Tab:
    tab.page.set_viewport_size({"width": size[0], "height": size[1]})
    said = {"run": f"{RUNS[0]}/convviz", "kind": "patterns", **keys}
    tab.open("".join(f"&p.convviz.{key}={value}" for key, value in said.items()))
    tab.frame.wait_for_selector(".stage canvas" if "tile" in keys else "main canvas")
    expect(tab.frame.locator("[aria-busy=true]")).to_have_count(0)
    return tab


def box_of(found: Locator) -> dict[str, float]:
    box = found.bounding_box()
    assert box
    return dict(box)


@pytest.mark.parametrize(("size", "least"), [((1280, 720), 440), ((2560, 1440), 1200)])
def test_an_enlarged_picture_is_large(tab: Tab, size: tuple[int, int], least: int) -> None:
    show(tab, size, tile=3)
    box = box_of(tab.frame.locator(".stage-fitted canvas"))
    assert min(box["width"], box["height"]) >= least
    # On a wide page the other tiles stay beside it.
    expect(tab.frame.locator(".tile[aria-current=true]")).to_have_count(int(size[0] > 1920))


def test_both_pictures_of_an_enlarged_pair_are_large(tab: Tab) -> None:
    show(tab, tile=3, way="side")
    expect(tab.frame.locator(".stage-fitted canvas")).to_have_count(2)
    for picture in tab.frame.locator(".stage-fitted").all():
        assert box_of(picture)["width"] >= 300


def test_the_grid_has_most_of_the_height(tab: Tab) -> None:
    show(tab, (1400, 900))
    tab.frame.wait_for_selector(".layer-chart canvas")
    page = tab.frame.evaluate("innerHeight")
    assert box_of(tab.frame.locator(".grid-area"))["height"] >= 0.7 * page


def test_the_list_of_layers_folds_to_a_strip_and_comes_back(tab: Tab) -> None:
    show(tab)
    layers = tab.frame.get_by_role("navigation", name="Layers in network order")
    assert box_of(layers)["width"] > 200
    tab.frame.get_by_role("button", name="Fold the list of layers").click()
    assert box_of(layers)["width"] <= 48
    expect(layers.get_by_role("button", name="conv1")).to_have_text(re.compile("c1"))
    tab.frame.get_by_role("button", name="Show the list of layers").click()
    assert box_of(layers)["width"] > 200


def test_frozen_is_what_a_layer_was_at_the_step_on_screen(tab: Tab) -> None:
    show(tab, (1400, 900), step=1)
    title = tab.frame.locator(".head")
    expect(title).to_contain_text("frozen")
    expect(tab.frame.locator(".layer").first).to_contain_text("frozen")
    tab.press("End")
    expect(title).not_to_contain_text("frozen")
    expect(tab.frame.locator(".layer").first).not_to_contain_text("frozen")
    mark = tab.frame.locator(".time .time-mark")
    expect(mark).to_have_text("unfrozen, lr 1e\u22124")
    expect(mark).to_have_attribute("title", re.compile("After step 2: 2 layers unfrozen"))
    expect(tab.frame.locator(".time .frozen-span")).to_have_attribute("title", re.compile("0 to 2"))


def test_a_layer_without_weights_has_a_row_and_a_bar_by_default(tab: Tab) -> None:
    show(tab, (1400, 900), layer="relu1")
    expect(tab.frame.locator(".layer-chart-names li")).to_have_count(2)
    expect(tab.frame.locator(".layer-value")).to_have_count(2)
    expect(tab.frame.get_by_role("button", name="Layer metric: responses changed")).to_be_visible()


def test_the_chart_is_folded_and_brought_back_by_one_button(tab: Tab) -> None:
    show(tab, (1400, 900))
    chart = tab.frame.locator(".layer-chart")
    tab.frame.get_by_role("button", name="Hide layer chart").click()
    expect(chart).to_have_count(0)
    tab.frame.get_by_role("button", name="Show layer chart").click()
    expect(chart).to_be_visible()
    show(tab, (1280, 720))  # too low a page for it, unless it is asked for
    chart = tab.frame.locator(".layer-chart")
    expect(chart).to_have_count(0)
    tab.frame.get_by_role("button", name="Show layer chart").click()
    expect(chart).to_be_visible()


def test_boxes_lie_on_each_picture_of_a_pair(tab: Tab) -> None:
    show(tab, kind="heatmaps", way="side")
    tab.frame.wait_for_selector(".pair-b canvas")
    for half in (".pair-a", ".pair-b"):
        for picture in tab.frame.locator(half).all():
            own, box = box_of(picture), box_of(picture.locator(".object-box"))
            assert (box["x"] - own["x"]) / own["width"] == pytest.approx(0.25, abs=0.02)
            assert box["width"] / own["width"] == pytest.approx(0.5, abs=0.03)
    show(tab, kind="heatmaps", way="side", tile=1)
    expect(tab.frame.locator(".stage-fitted .object-box")).to_have_count(2)


def test_a_drag_over_a_tile_does_not_enlarge_it(tab: Tab) -> None:
    show(tab, kind="heatmaps", way="swipe")
    tab.frame.wait_for_selector(".pair-b canvas")
    box = box_of(tab.frame.locator(".tile-picture").first)
    tab.page.mouse.move(box["x"] + 20, box["y"] + 20)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 60, box["y"] + 20, steps=3)
    tab.page.mouse.up()
    tab.settled()
    expect(tab.frame.locator(".viewer")).to_have_count(0)
    tab.page.mouse.click(box["x"] + 20, box["y"] + 20)
    expect(tab.frame.locator(".viewer")).to_be_visible()


def test_zoom_fills_the_stage_and_is_told_in_the_pixels_of_the_picture(tab: Tab) -> None:
    show(tab, tile=3)
    stage = box_of(tab.frame.locator(".stage"))
    tab.press("+", "+", "+")
    shown = tab.settled().evaluate(
        """() => {
            const frame = document.querySelector('.stage-picture').getBoundingClientRect();
            const picture = document.querySelector('.stage-content').getBoundingClientRect();
            return Math.min(picture.right, frame.right) - Math.max(picture.left, frame.left);
        }"""
    )
    assert shown == pytest.approx(stage["width"], abs=2)
    tab.press("1")
    expect(tab.frame.locator(".zoom-share")).to_have_text(re.compile("^100.%$"))
    expect(tab.frame.get_by_role("button", name="1:1")).to_have_attribute("aria-pressed", "true")


def test_names_of_runs_that_differ_at_the_end_can_be_told_apart(tab: Tab) -> None:
    show(tab)
    name = tab.frame.locator(".top .menu-button .run-name")
    expect(name).to_have_text(RUNS[0])
    inside = name.evaluate(
        """one => {
            const tail = document.createRange();
            tail.selectNode(one.lastChild);
            return tail.getBoundingClientRect().right <= one.getBoundingClientRect().right + 1;
        }"""
    )
    assert inside, "the end of the name is cut"


def test_the_predicted_class_is_never_cut_beside_other_runs(tab: Tab) -> None:
    show(tab, kind="heatmaps", beside=f"{RUNS[1]}/convviz")
    wrong = tab.frame.locator(".answer-wrong")
    expect(wrong).to_have_count(2)
    expect(wrong.first).to_have_text("donut")
    expect(wrong.first).to_have_attribute("title", "predicted donut")


def test_a_difference_may_be_of_amounts_or_of_places(tab: Tab) -> None:
    show(tab, kind="heatmaps", way="difference", step=1)
    legend = tab.frame.locator(".difference-legend")
    expect(legend).to_have_attribute("aria-label", re.compile(r"raw values, from .0\.1"))
    tab.frame.get_by_role("button", name="Places").click()
    # The maps differ in nothing but their size.
    expect(legend).to_have_attribute("aria-label", re.compile("share of the evidence, from 0 to 0"))
    expect(tab.page).to_have_url(re.compile("p.convviz.of=places"))


def save(tab: Tab, option: str) -> tuple[str, bytes]:
    with tab.page.expect_download() as saved:
        pick(tab, "Download", option)
    return saved.value.suggested_filename, Path(saved.value.path()).read_bytes()


def test_downloads_are_what_is_on_screen(tab: Tab) -> None:
    tiles = "These tiles (PNG)"
    show(tab, kind="heatmaps")
    files = {"plain": save(tab, tiles)}
    for way in ("side", "swipe", "difference"):
        show(tab, kind="heatmaps", way=way)
        drawn = ".pair-difference canvas" if way == "difference" else ".pair-b canvas"
        expect(tab.frame.locator(drawn)).to_have_count(2)
        files[way] = save(tab, tiles)
    show(tab, kind="heatmaps", **{"as": "matrix"})
    expect(tab.frame.locator(".matrix-cell canvas")).to_have_count(2 * len(STEPS))
    files["matrix"] = save(tab, tiles)
    show(tab, kind="heatmaps", beside=f"{RUNS[1]}/convviz")
    expect(tab.frame.locator(".columns canvas")).to_have_count(4)
    files["columns"] = save(tab, tiles)
    assert len({content for _, content in files.values()}) == len(files)
    assert len({name for name, _ in files.values()}) == len(files)
    sizes = {name: Image.open(io.BytesIO(content)).size for name, (_, content) in files.items()}
    assert sizes["side"][0] > 1.8 * sizes["plain"][0]
    assert sizes["matrix"][0] > 2.5 * sizes["plain"][0]


def test_a_download_says_what_it_is_of(tab: Tab) -> None:
    show(tab, kind="heatmaps", tile=1)
    _, content = save(tab, "This tile (PNG)")
    page = np.asarray(Image.open(io.BytesIO(content)).convert("L")).astype(int)
    dark_rows = (page < 100).sum(axis=1) > 0
    assert dark_rows[8:24].any(), "no title"
    assert dark_rows[-24:-4].any(), "no legend"
    picture = np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)[32:]
    side = 288  # 96 pixels, three times
    line = picture[round(0.25 * side), 8 + round(0.3 * side) : 8 + round(0.7 * side)]
    assert (line.min(axis=1) > 200).all(), "the box of the object is not on the picture"
    _, content = save(tab, "Metrics of all steps (CSV)")
    assert "class" in content.decode().split("\r\n")[0].split(",")
    assert ",flower" in content.decode()


def test_commands_are_announced_as_commands(tab: Tab) -> None:
    show(tab)
    tab.frame.get_by_role("button", name="Download").click()
    menu = tab.frame.get_by_role("menu", name="Download")
    expect(menu.get_by_role("menuitem")).to_have_count(3)
    expect(menu.get_by_role("option")).to_have_count(0)


def test_a_flat_map_is_marked_and_has_no_colour(tab: Tab) -> None:
    show(tab, kind="heatmaps", step=4)
    expect(tab.frame.get_by_text("flat: the same everywhere")).to_have_count(0)
    tab.press("ArrowRight")
    tab.at_step(5)
    flat = tab.frame.locator(".tile").first
    expect(flat).to_contain_text("flat: the same everywhere")
    covered = tab.pixels()[0]
    show(tab, kind="heatmaps", step=5, show="picture")
    assert tab.pixels()[0] == covered, "a map that says nothing is coloured"


def test_findings_are_a_chip_coloured_for_damage_only(tab: Tab) -> None:
    show(tab, step=4)
    chip = tab.frame.locator(".findings-chip")
    expect(chip.get_by_role("button", name="1 finding")).to_be_visible()
    expect(chip).not_to_have_class(re.compile("findings-bad"))
    tab.press("End")
    expect(chip).to_have_class(re.compile("findings-bad"))
    chip.get_by_role("button", name="2 findings").click()
    chip.get_by_role("button", name="conv1 finds no evidence").click()
    expect(tab.frame.get_by_role("heading", name="picture 0")).to_be_visible()


def test_filters_that_respond_alike_are_grouped(tab: Tab) -> None:
    show(tab)
    expect(tab.frame.locator(".facts")).to_contain_text("3 kinds")
    pick(tab, "Sort", "likeness")
    assert tab.order() == [0, 3, 9, 5]
    expect(tab.frame.locator(".tile-joined .tile")).to_have_attribute("data-tile", "9")


def test_a_note_is_kept_and_shown(tab: Tab) -> None:
    show(tab, tile=3)
    label = "Note on this tile, kept in this browser"
    tab.frame.get_by_label(label).fill("a muzzle")
    tab.frame.get_by_label(label).press("Enter")
    tab.press("Escape")
    expect(tab.frame.locator('.tile[data-tile="3"]')).to_contain_text("a muzzle")
    show(tab, tile=3)  # after a reload
    expect(tab.frame.get_by_label(label)).to_have_value("a muzzle")
    _, content = save(tab, "Metrics of all steps (CSV)")
    assert "a muzzle" in content.decode()


def test_what_logging_costs_is_told_against_training(tab: Tab) -> None:
    show(tab)
    cost = tab.frame.locator(".cost")
    expect(cost).to_contain_text("training it 2.0 s")
    expect(cost).to_have_class(re.compile("caption-odd"))
    expect(cost).to_contain_text("cheaper")


def test_runs_are_those_that_tensorboard_is_filtered_to_in_its_colours(tab: Tab) -> None:
    tab.open(query="?runFilter=lr1e-2", keys="&p.convviz.page=tiles").ready()
    button = tab.frame.get_by_role("button", name=f"Run: {RUNS[1]}")
    button.click()
    expect(tab.frame.get_by_role("option")).to_have_count(1)
    colours = tab.frame.eval_on_selector_all(
        ".run-dot", "all => all.map(one => getComputedStyle(one).backgroundColor)"
    )
    assert len(set(colours)) == 1 and "rgba(0, 0, 0, 0)" not in colours


def test_the_tab_opens_on_a_summary_that_leads_everywhere(tab: Tab) -> None:
    tab.page.set_viewport_size({"width": 1400, "height": 900})
    tab.open(keys="")
    summary = tab.frame.locator(".summary")
    expect(summary.get_by_role("heading", level=1)).to_contain_text("Something is wrong")
    expect(summary.get_by_role("region", name="Heatmaps that moved most")).to_be_visible()
    expect(summary.locator(".layer-chart canvas")).to_be_visible()
    expect(summary.locator(".curve")).to_be_visible()
    expect(summary).to_contain_text("Logging the last step took 3.0 s")
    filters = summary.get_by_role("region", name="Filters that changed most")
    filters.get_by_role("button").first.click()
    expect(tab.frame.get_by_role("heading", name="filter 9")).to_be_visible()
    expect(tab.frame.locator(".stage-fitted canvas")).to_have_count(2)
    tab.page.go_back()
    expect(summary).to_be_visible()
    summary.get_by_role("button", name="conv1 moved most").click()
    expect(tab.frame.get_by_role("heading", name="filter 5")).to_be_visible()
    tab.press("s")
    expect(summary).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_summary_keeps_nobody_out(tab: Tab, theme: str) -> None:
    tab.open(keys="")
    expect(tab.frame.locator(".summary canvas").last).to_be_visible()
    if theme == "dark":
        dark(tab.page)
        tab.frame.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert not (found := axe(tab)), "\n".join(found)


def test_the_display_menu_keeps_nobody_out(tab: Tab) -> None:
    show(tab, kind="heatmaps")
    display(tab)
    assert not (found := axe(tab)), "\n".join(found)


def test_a_key_gives_the_page_to_the_picture_and_takes_it_back(tab: Tab) -> None:
    show(tab, tile=3, way="side", b=0)
    bar = tab.frame.get_by_role("button", name=re.compile("^Run:"))
    before = box_of(tab.frame.locator(".stage"))
    tab.press("z")
    for gone in (bar, *map(tab.frame.locator, (".layers", ".numbers", ".compare", ".filmstrip"))):
        expect(gone).to_have_count(0)
    after = box_of(tab.frame.locator(".stage"))
    assert after["width"] > before["width"] + 300
    assert after["height"] > before["height"] + 100
    expect(tab.frame.locator(".stage canvas")).to_have_count(2)
    tab.press("ArrowLeft")
    expect(tab.frame.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "4")
    assert not (found := axe(tab)), "\n".join(found)
    tab.press("Escape")
    expect(bar).to_be_visible()
    expect(tab.frame.locator(".numbers")).to_be_visible()
    button = tab.frame.get_by_role("button", name="Picture alone")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(bar).to_have_count(0)


def test_the_best_epoch_of_the_validation_has_a_flag(tab: Tab) -> None:
    show(tab, run=f"{RUNS[1]}/convviz", step=3)
    flag = tab.frame.locator(".best-epoch")
    expect(flag).to_have_attribute(
        "title", "Best epoch: lowest validation loss, 1.25, after epoch 3"
    )
    tick, thumb = box_of(flag), box_of(tab.frame.locator(".thumb"))
    assert abs(tick["x"] + 4 - (thumb["x"] + thumb["width"] / 2)) < 2
    expect(tab.frame.locator(".now-step")).to_contain_text("the best epoch")
    tab.press("ArrowLeft")
    expect(tab.frame.locator(".now-step")).not_to_contain_text("best")
    tab.press("s")
    said = "lowest validation loss, 1.25 after epoch 3"
    expect(tab.frame.get_by_role("region", name="Verdict")).to_contain_text(said)
    show(tab, step=3)
    expect(tab.frame.locator(".curve")).to_be_attached()
    expect(tab.frame.locator(".best-epoch")).to_have_count(0)


@pytest.fixture
def phone(browser: Browser, server: Any) -> Iterator[Tab]:
    size = {"width": 390, "height": 844}
    context = browser.new_context(viewport=size, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_OF_A_PAGE)
    tab = Tab(context.new_page(), server.url)
    yield tab
    context.close()
    assert tab.faults == []


def test_on_a_phone_pictures_and_steps_work_by_touch(phone: Tab) -> None:
    tab = phone
    tab.open("&p.convviz.kind=heatmaps&p.convviz.step=5").ready()
    tab.frame.locator(".tile").first.tap()
    picture = tab.frame.locator(".stage-fitted canvas")
    expect(picture).to_be_visible()
    assert box_of(picture)["width"] >= 300
    tab.frame.get_by_role("button", name="Previous stored step").tap()
    slider = tab.frame.get_by_role("slider", name="Step")
    expect(slider).to_have_attribute("aria-valuenow", "4")
    track = box_of(tab.frame.locator(".track"))
    assert track["width"] > 250
    tab.page.touchscreen.tap(track["x"] + 2, track["y"] + track["height"] / 2)
    expect(slider).to_have_attribute("aria-valuenow", "0")
    tab.frame.get_by_role("button", name="All", exact=True).tap()
    expect(tab.frame.locator(".viewer")).to_have_count(0)
    assert tab.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")


def drag_fingers(tab: Tab, *ways: list[tuple[float, float]]) -> None:
    """Each finger goes down at the first of its places, over the others, and up at the last."""
    touch = tab.page.context.new_cdp_session(tab.page)

    def send(kind: str, places: list[tuple[float, float]]) -> None:
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    first, *others = [list(places) for places in zip(*ways, strict=True)]
    send("touchStart", first)
    for places in others:
        send("touchMove", places)
    send("touchEnd", [])
    touch.detach()


def test_two_fingers_zoom_the_enlarged_picture_and_one_moves_it(phone: Tab) -> None:
    phone.open("&p.convviz.kind=patterns&p.convviz.tile=3")
    picture = phone.frame.locator(".stage-content canvas")
    before = box_of(picture)
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2

    def out(by: int) -> list[tuple[float, float]]:
        return [(x + by * each, y) for each in (10, 20, 30)]

    drag_fingers(phone, out(1), out(-1))
    expect(phone.page).to_have_url(re.compile(r"p\.convviz\.zoom=300"))
    zoomed = box_of(picture)
    assert zoomed["width"] == pytest.approx(3 * before["width"], rel=0.02)
    assert zoomed["x"] + zoomed["width"] / 2 == pytest.approx(x, abs=4), "it slips from the fingers"
    drag_fingers(phone, [(x, y), (x + 20, y - 10), (x + 40, y - 20)])
    moved = box_of(picture)
    shift = (moved["x"] - zoomed["x"], moved["y"] - zoomed["y"])
    assert shift == pytest.approx((40, -20), abs=2)
    drag_fingers(phone, out(1)[::-1], out(-1)[::-1])
    expect(phone.page).not_to_have_url(re.compile("zoom="))
    assert box_of(picture)["width"] == pytest.approx(before["width"], rel=0.02)

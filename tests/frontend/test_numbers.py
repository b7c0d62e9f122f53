"""What was measured beside the pictures: found, sorted, flagged and drawn over the steps."""

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, expect

from convviz_tb.schema import Series
from support.browser import Tab, axe, dark, pick
from support.logs import log
from support.pictures import blob, noise

pytestmark = [pytest.mark.browser, pytest.mark.server]

FILTERS = (0, 3, 5, 9)
STEPS = (0, 1, 2, 3, 4)
LAYERS = ("conv1", "base/conv2")
BOX = [0.25, 0.25, 0.75, 0.5]
STICKER = [0.75, 0.75, 1.0, 1.0]
DEAD = "silent on all 8 probe pictures, and no ascent found a response"
OLD = "budget: 3 of 4 filters computed"
#: A layer that a budget leaves out at all but two steps.
RARE = (0, 4)
LATER = "budget: left for a later step."
#: By layer and filter: how far the kernels are from step 0 at step 4.
DRIFT = {"conv1": (0.0, 0.0, 0.0, 0.0), "base/conv2": (0.1, 0.8, 0.2, 0.4)}


def moved(layer: str, place: int, step: int) -> float:
    """Nothing moves before step 2, and conv1 never does."""
    return DRIFT[layer][place] * max(0, step - 1) / 3


def pattern_tiles(layer: str, step: int) -> list[dict[str, Any]]:
    tiles: list[dict[str, Any]] = []
    for place, index in enumerate(FILTERS):
        drift = moved(layer, place, step)
        tile = {"filter": index, "score": 1.0 + place, "computed": step, "kernel_drift": drift}
        tile |= {"kernel_cosine": 1 - drift / 2, "kernel_norm": 1.0, "pattern_drift": drift / 2}
        tile |= {"function_drift": drift / 4, "active": 0.5, "response": 2.0, "gradient": 0.1}
        tile |= {"dead": False, "stuck": False, "twin": 9, "twin_similarity": 0.9}
        tiles.append(tile)
    if layer == "base/conv2" and step >= 3:
        tiles[2] |= {"score": 0.0, "active": 0.0, "dead": True, "reason": DEAD}
    if layer == "base/conv2" and step == 4:
        tiles[3]["computed"] = 3
    return tiles


def heatmap_tiles(step: int) -> list[dict[str, Any]]:
    return [
        {"image": image, "class_index": 0, "score": 1.0, "probability": 0.2 + 0.1 * step}
        | {"predicted": 0, "minimum": 0.0, "maximum": 0.5, "centre": [0.3 + 0.1 * step, 0.5]}
        | {"area": 0.25, "entropy": 0.6, "overlap_previous": None if step == 0 else 0.75}
        | {"energy_inside": 0.8 - 0.1 * step * image, "pointing": image == 0}
        | {"energy_on_price_tag": 0.05 + 0.1 * step * image}
        | {"channels": [[9, 0.5], [0, -0.25], [7, 0.125]]}
        for image in range(2)
    ]


def model_facts(step: int) -> dict[str, Any]:
    layers = [
        {"layer": layer, "class_name": "Conv2D", "shape": [16, 16, 10], "filters": 10}
        | {"trainable": layer != "conv1", "kinds": ["patterns", "heatmaps"]}
        | {"numbers": layer_numbers(layer, step)}
        for layer in LAYERS
    ]
    findings: list[dict[str, Any]] = []
    if step >= 2:
        text = "base/conv2 moved most: filter 3 changed by 80 %."
        findings.append({"text": text, "kind": "patterns", "layer": "base/conv2", "step": step})
        findings[0]["filter"] = 3
    if step >= 3:
        text = "On cat the heatmap left the object at epoch 3."
        findings.append({"text": text, "kind": "heatmaps", "layer": "base/conv2", "step": 3})
        findings[1]["image"] = 1
    facts: dict[str, Any] = {"written": step + 1, "planned": 4, "seconds": 2.0, "budget": 0.25}
    facts |= {"baseline": "same", "epoch_seconds": 10.0, "failures": [], "findings": findings}
    skipped = [{"tag": "patterns/base/conv2", "reason": OLD}] if step == 4 else []
    skipped += [] if step in RARE else [{"tag": "patterns/rare", "reason": LATER}]
    return facts | {"layers": layers, "skipped": skipped}


def layer_numbers(layer: str, step: int) -> dict[str, float]:
    drift = float(np.median([moved(layer, place, step) for place in range(len(FILTERS))]))
    numbers = {"kernel_drift": drift, "pattern_drift": drift / 2, "seconds": 0.5, "stuck": 0}
    dead = 1 if layer == "base/conv2" and step >= 3 else 0
    energy = {"energy_inside": 0.8 - 0.05 * step, "energy_on_price_tag": 0.05 + 0.05 * step}
    return numbers | energy | {"dead": dead}


def write(logdir: Path, run: str, *, first_seed: int = 1) -> None:
    """A run with every number; its pictures are equal at steps 0 and 1, and others from then on."""
    scalars: dict[str, list[float]] = {}
    with log(logdir, f"{run}/convviz") as writing:
        for step in STEPS:
            at = 1000.25 + step
            put = functools.partial(writing.put_tiles, step=step, at=at)
            if step == 0:
                labels = [{"image": image, "label": 0, "box": BOX} for image in range(2)]
                labels[1]["regions"] = {"price_tag": STICKER}
                pictures = [noise(7, image) for image in range(2)]
                put(Series("inputs"), pictures, tiles=labels, class_names=["cat", "dog"])
            for layer in LAYERS:
                pictures = [noise(first_seed, max(1, step), index) for index in FILTERS]
                facts = {"tiles": pattern_tiles(layer, step), "trainable": layer != "conv1"}
                facts |= {"probes": 8, "baseline_step": 0, "noise_floor": 0.02}
                put(Series("patterns", layer), pictures, refreshed=step == 2, **facts)
            if step in RARE:
                writing.put_whole(Series("patterns", "rare"), step, at=at)
            maps = [blob(2 + step, 2 + 3 * image) for image in range(2)]
            put(Series("heatmaps", "base/conv2"), maps, tiles=heatmap_tiles(step))
            model = model_facts(step)
            writing.put_whole(Series("model"), step, at=at, **model)
            for layer in model["layers"]:
                for name, value in layer["numbers"].items():
                    scalars.setdefault(f"convviz/{name}/{layer['layer']}", []).append(value)
        for tag, values in scalars.items():
            for step, value in enumerate(values):
                writing.put_scalar(tag, step, value, at=1000.25 + step)


def write_old(logdir: Path) -> None:
    """A run as it was written before there were numbers."""
    with log(logdir, "old/convviz") as writing:
        for step in (0, 1):
            writing.put_whole(Series("patterns", "conv1"), step, at=900.0 + step)
            writing.put_whole(Series("model"), step, at=900.0 + step, written=step + 1)


@pytest.fixture(scope="module")
def server(
    browser: Browser,
    loader_flag: str,
    tensorboard: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    logdir = tmp_path_factory.mktemp("logs")
    write_old(logdir)
    write(logdir, "twin", first_seed=2)
    write(logdir, "main")
    return tensorboard(logdir, loader_flag)


def show(tab: Tab, **keys: object) -> Tab:
    said = {"run": "main/convviz", "layer": "base/conv2", "kind": "patterns", **keys}
    tab.open("".join(f"&p.convviz.{key}={value}" for key, value in said.items()))
    tab.frame.wait_for_selector(".stage canvas" if "tile" in keys else ".tile canvas")
    return tab


def course(tab: Tab, group: str, name: str) -> Locator:
    """One line of the drawer."""
    lines = tab.frame.get_by_role("region", name=group, exact=True).locator(".history-line")
    return lines.filter(has=tab.frame.get_by_text(name, exact=True))


def test_tiles_are_sorted_by_a_number_and_show_it(tab: Tab) -> None:
    show(tab)
    pick(tab, "Sort", "weights moved How far the weights moved from the baseline")
    assert tab.order() == [3, 9, 5, 0]
    expect(tab.frame.locator(".caption-number").first).to_have_text(re.compile("80.%"))
    tab.frame.get_by_role("button", name="Highest first").click()
    assert tab.order() == [0, 5, 9, 3]
    expect(tab.page).to_have_url(re.compile("p.convviz.sort=kernel_drift"))
    # Of a cosine the lowest stand out.
    pick(tab, "Sort", "weights turned by")
    assert tab.order() == [3, 9, 5, 0]


def test_tiles_are_filtered_by_the_range_of_a_number(tab: Tab) -> None:
    show(tab)
    tab.frame.get_by_role("button", name="Filter", exact=True).click()
    window = tab.frame.get_by_role("dialog", name="Filter tiles by a metric")
    window.get_by_role("button", name=re.compile("^Filter by")).click()
    window.get_by_role("option", name="picture changed", exact=True).click()
    window.get_by_role("slider", name="At least, picture changed").fill("0.15")
    expect(window).to_contain_text("2 of 4 shown")
    assert tab.order() == [3, 9]
    window.get_by_role("slider", name="At most, picture changed").fill("0.3")
    assert tab.order() == [9]
    expect(tab.page).to_have_url(re.compile("p.convviz.only=pattern_drift"))
    tab.press("Escape")
    expect(window).to_have_count(0)
    named = tab.frame.get_by_role(
        "button", name=re.compile("^Filter: picture changed 15.% to 30.%")
    )
    expect(named).to_be_focused()
    tab.press("h")  # pictures have no such number: all of them are shown
    expect(tab.frame.locator(".tile canvas")).to_have_count(2)


def test_dead_and_older_tiles_say_so_and_why(tab: Tab) -> None:
    show(tab)
    flagged = tab.frame.locator('.tile[data-tile="5"]')
    expect(flagged.locator(".tile-why")).to_be_hidden()
    expect(flagged).to_have_attribute("aria-label", re.compile(f"dead: {DEAD}"))
    flagged.hover()
    expect(flagged).to_contain_text(f"dead: {DEAD}")
    expect(flagged.locator(".tile-why")).to_be_visible()
    old = tab.frame.locator('.tile[data-tile="9"]')
    expect(old).to_contain_text("from step 3")
    flagged.focus()
    tab.press("Tab")
    expect(old.locator(".tile-why")).to_be_visible()
    expect(old).to_contain_text(OLD)
    expect(tab.frame.locator(".facts")).to_contain_text(OLD)


def test_a_layer_that_was_left_out_says_why(tab: Tab) -> None:
    tab.open("&p.convviz.run=main/convviz&p.convviz.layer=rare&p.convviz.step=3")
    expect(tab.frame.get_by_text("Nothing stored for this layer at step 3")).to_be_visible()
    expect(tab.frame.locator(".message")).to_contain_text(LATER)
    tab.frame.get_by_role("button", name="Go to step 4").click()
    tab.at_step(4)


def test_layers_show_their_number_and_count_their_dead(tab: Tab) -> None:
    show(tab)
    frozen, other, _ = tab.frame.locator(".layer").all()
    expect(frozen).to_contain_text("frozen")
    expect(frozen.locator(".layer-value")).to_have_text("0")
    expect(other.locator(".layer-value")).to_have_text(re.compile("30.%"))
    expect(other).to_contain_text("1 dead")
    tab.press("Home")
    expect(other.locator(".layer-value")).to_have_text("0")
    expect(other).not_to_contain_text("dead")
    pick(tab, "Layer metric", "seconds")
    expect(other.locator(".layer-value")).to_have_text(re.compile("0.50.s"))
    expect(tab.page).to_have_url(re.compile("p.convviz.net=seconds"))


def test_what_looking_has_cost_stands_below_the_layers(tab: Tab) -> None:
    show(tab)
    cost = tab.frame.locator(".cost")
    expect(cost).to_contain_text("Logging this step 2.0 s")
    expect(cost).to_contain_text(re.compile("training it 10.0 s, budget 25.%"))


def test_one_chart_tells_which_layer_moved_when(tab: Tab) -> None:
    show(tab, step=0, layer="conv1")
    chart = tab.frame.get_by_role("img", name=re.compile("weights moved: 2 layers over 5 steps"))
    expect(chart).to_have_attribute("aria-label", re.compile("base/conv2 changed most, at step"))
    ink = tab.frame.eval_on_selector(
        ".layer-chart-cells canvas",
        """one => [0.25, 0.75].map(down => [0.02, 0.25, 0.5, 0.75, 0.98].map(along => {
            const [x, y] = [Math.floor(one.width * along), Math.floor(one.height * down)];
            return one.getContext('2d').getImageData(x, y, 1, 1).data[3];
        }))""",
    )
    still, moving = ink
    assert max(still) < moving[4], "a frozen layer has moved"
    assert moving[0] == moving[1] < moving[2] < moving[3] < moving[4]
    box = chart.bounding_box()
    assert box
    chart.click(position={"x": box["width"] * 0.5, "y": box["height"] * 0.75})
    tab.at_step(2)
    expect(tab.frame.get_by_role("heading", level=1)).to_have_text("base/conv2")
    tab.frame.get_by_role("button", name=re.compile("^Go to conv1.*frozen")).click()
    expect(tab.frame.get_by_role("heading", level=1)).to_contain_text("conv1")
    tab.press("l")
    expect(chart).to_have_count(0)
    tab.press("l")
    expect(chart).to_be_visible()


def test_the_chart_outlines_layers_that_lose_filters(tab: Tab) -> None:
    """A filter of base/conv2 is dead at the steps 3 and 4, of five."""
    show(tab, step=3)
    expect(tab.frame.get_by_text("losing filters")).to_be_visible()
    rows = tab.frame.locator(".layer-chart-names button")
    lost = re.compile("1 more filter dead")
    expect(rows.filter(has_text="conv2")).to_have_attribute("title", lost)
    is_red = """one => [0.02, 0.25, 0.5, 0.75, 0.98].map(along => {
        const reds = new Set();
        for (let y = 0; y < one.height; y++) {
            const x = Math.floor(one.width * along);
            const [red, green, , alpha] = one.getContext('2d').getImageData(x, y, 1, 1).data;
            if (red > 150 && green < 80 && alpha === 255) reds.add(Math.floor(2 * y / one.height));
        }
        return [...reds];
    })"""
    canvas = tab.frame.locator(".layer-chart-cells canvas")
    expect(canvas).to_be_visible()
    assert canvas.evaluate(is_red) == [[], [], [], [1], [1]]
    box = canvas.bounding_box()
    assert box
    canvas.hover(position={"x": box["width"] * 0.75, "y": box["height"] * 0.75})
    expect(tab.frame.locator(".layer-chart-tip")).to_contain_text("1 more filter dead")
    pick(tab, "Run:", "old")
    expect(tab.frame.get_by_text("losing filters")).to_have_count(0)


def test_the_summary_leads_to_what_it_speaks_of(tab: Tab) -> None:
    show(tab, step=0)
    summary = tab.frame.get_by_role("region", name="Findings up to this step")
    summary.get_by_role("button", name="No findings").click()
    expect(summary).to_contain_text("This is before training")
    tab.press("Escape", "End")
    summary.get_by_role("button", name="2 findings").click()
    expect(summary).to_contain_text("moved most")
    summary.get_by_role("button", name="On cat the heatmap left the object").click()
    expect(tab.frame.get_by_role("heading", name="Picture 1")).to_be_visible()
    slider = tab.frame.get_by_role("slider", name="Step")
    expect(slider).to_have_attribute("aria-valuenow", "3")
    summary.get_by_role("button", name="2 findings").click()
    summary.get_by_role("button", name="moved most").click()
    expect(tab.frame.get_by_role("heading", name="Filter 3")).to_be_visible()


def test_the_enlarged_filter_has_its_numbers_over_the_steps(tab: Tab) -> None:
    show(tab, tile=3)
    line = course(tab, "Drift from the baseline", "weights")
    picture = line.get_by_role("img")
    expect(picture).to_have_attribute("aria-label", re.compile("0 at step 0, 80.% at step 4"))
    floor = course(tab, "Drift from the baseline", "picture").locator(".history-line-floor")
    assert floor.get_attribute("d") == "M0 0.95h1", "the noise floor is not where 2 of 40 % lie"
    expect(tab.frame.locator(".history")).to_contain_text("are noise of the ascent")
    box = picture.bounding_box()
    assert box
    tab.page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + 5)
    slider = tab.frame.get_by_role("slider", name="Step")
    expect(slider).to_have_attribute("aria-valuenow", "2")
    expect(line.locator(".history-line-value")).to_have_text(re.compile("27.%"))


def test_a_filter_is_shown_beside_its_twin(tab: Tab) -> None:
    show(tab, tile=3)
    related = tab.frame.locator(".related")
    expect(related).to_contain_text("Most similar filter: 9")
    expect(related.locator("canvas")).to_be_visible()
    related.get_by_role("button", name="Side by side").click()
    expect(tab.frame.locator(".stage figcaption").nth(1)).to_contain_text("filter 9, step 4")
    related.get_by_role("button", name="Go there").click()
    expect(tab.frame.get_by_role("heading", name="Filter 9")).to_be_visible()


def test_the_enlarged_heatmap_has_its_box_its_numbers_and_its_filters(tab: Tab) -> None:
    show(tab, kind="heatmaps", tile=1)
    assert places_of_boxes(tab) == [
        pytest.approx([0.25, 0.25, 0.5, 0.25], abs=0.01),
        pytest.approx([0.75, 0.75, 0.25, 0.25], abs=0.01),
    ]
    inside = course(tab, "Where the evidence is", "on the object")
    expect(inside.get_by_role("img")).to_have_attribute("aria-label", re.compile("40.% at step 4"))
    expect(course(tab, "Where the evidence is", "on the price tag")).to_contain_text("45\u2009%")
    named = tab.frame.locator(".stage .box-name")
    expect(named).to_be_hidden()
    tab.frame.locator(".stage-picture").hover()
    expect(named).to_be_visible()
    expect(named).to_have_text("price tag")
    expect(course(tab, "Over the steps", "probability")).to_contain_text(re.compile("60.%"))
    path = tab.frame.locator(".centre-path path").first
    expect(path).to_have_attribute("d", re.compile("^M0.3 0.5L"))
    channels = tab.frame.get_by_role("region", name="Top contributing channels")
    expect(channels.locator("canvas")).to_have_count(2)
    expect(channels.get_by_role("button", name="Filter 7")).to_be_disabled()
    channels.get_by_role("button", name=re.compile("Filter 9, weight 0.50")).click()
    expect(tab.frame.get_by_role("heading", name="Filter 9")).to_be_visible()


def places_of_boxes(tab: Tab) -> list[list[float]]:
    """Left, top, width and height in the enlarged picture."""
    stage = tab.frame.locator(".stage-fitted").bounding_box()
    assert stage
    found = []
    for each in tab.frame.locator(".stage .object-box").all():
        box = each.bounding_box()
        assert box
        place = [
            (box["x"] - stage["x"]) / stage["width"],
            (box["y"] - stage["y"]) / stage["height"],
        ]
        found.append([*place, box["width"] / stage["width"], box["height"] / stage["height"]])
    return found


def test_pictures_are_sorted_by_the_energy_on_a_region(tab: Tab) -> None:
    show(tab, kind="heatmaps", layer="base/conv2")
    pick(tab, "Sort", "evidence on the price tag Share of the evidence that lies on the price tag.")
    expect(tab.frame.locator(".tile").first).to_have_attribute("data-tile", "1")
    pick(tab, "Layer metric", "evidence on the price tag")
    expect(tab.frame.locator(".layer-value").last).to_have_text("25\u2009%")


def test_the_last_step_of_a_run_of_the_same_beginning_is_a_baseline(tab: Tab) -> None:
    show(tab, step=1, way="side")
    pick(tab, "Compared with", "Run twin, last step")
    button = tab.frame.get_by_role("button", name="Compared with: twin, step 4")
    expect(button).to_be_visible()
    tab.press("ArrowRight")
    tab.at_step(2)
    expect(button).to_be_visible()


def test_a_log_without_numbers_says_why_there_are_none(tab: Tab) -> None:
    tab.open("&p.convviz.run=old/convviz&p.convviz.tile=0")
    expect(tab.frame.locator(".history")).to_contain_text("before drift was measured")
    expect(tab.frame.locator(".layer-chart")).to_have_count(0)
    expect(tab.frame.locator(".findings")).to_have_count(0)
    expect(tab.frame.locator(".layer-value")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "keys",
    [
        {"sort": "-kernel_drift", "only": "kernel_drift:0.05:"},
        {"tile": 5},
        {"kind": "heatmaps", "tile": 1},
        {"kind": "heatmaps", "sort": "energy_inside"},
    ],
)
def test_the_numbers_keep_nobody_out(tab: Tab, theme: str, keys: dict[str, object]) -> None:
    show(tab, **keys)
    tab.frame.wait_for_selector(".filmstrip canvas" if "tile" in keys else ".layer-chart canvas")
    tab.frame.locator(".findings-chip > button").click()
    assert not (found := axe(tab)), "\n".join(found)
    tab.press("Escape")
    if "tile" not in keys:
        tab.frame.locator(".filter > button").click()
    if theme == "dark":
        dark(tab.page)
        tab.frame.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert not (found := axe(tab)), "\n".join(found)

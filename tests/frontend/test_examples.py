"""Examples on screen: cut from the right place of the right picture, in every view with them."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

import convviz_tb
from support.browser import Tab, axe, dark, display, pick
from support.examples import CLASSES, LAYER, OTHER, colour_of, write_examples

pytestmark = [pytest.mark.browser, pytest.mark.server]

RUN = f"&p.convviz.run=new/convviz&p.convviz.layer={LAYER}"
LINES = f"{RUN}&p.convviz.kind=patterns&p.convviz.examples=true"


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    write_examples(folder, "new")
    write_examples(folder, "old", examples=False)
    write_examples(folder, "heat", source="inputs")
    return folder


@pytest.fixture(scope="module")
def server(browser: Browser, tensorboard: Callable[..., Any], logdir: Path) -> Any:
    return tensorboard(logdir)


def shown(tab: Tab, keys: str = LINES, size: tuple[int, int] = (1280, 720)) -> Tab:
    tab.page.set_viewport_size({"width": size[0], "height": size[1]})
    tab.open(keys)
    tab.frame.wait_for_selector(".example canvas")
    expect(tab.frame.locator("[aria-busy=true], .grid-waiting")).to_have_count(0)
    return tab


def examples_of(tab: Tab, filter_: int) -> Locator:
    return tab.frame.get_by_role("list", name=f"Examples of filter {filter_}", exact=True)


PLACE = """([canvas, x, y]) => {
    const at = [x * canvas.width, y * canvas.height].map(Math.floor);
    return [...canvas.getContext('2d').getImageData(...at, 1, 1).data].slice(0, 3);
}"""


def colours(tab: Tab, filter_: int) -> list[tuple[int, int, int]]:
    """The colour within the outline of each example: that of what the filter sees."""
    found = []
    for example in examples_of(tab, filter_).get_by_role("button").all():
        canvas, box = example.locator("canvas"), example.locator(".crop-seen")
        inner, outer = box.bounding_box(), canvas.bounding_box()
        assert inner and outer
        x = (inner["x"] + inner["width"] / 2 - outer["x"]) / outer["width"]
        y = (inner["y"] + inner["height"] / 2 - outer["y"]) / outer["height"]
        handle = canvas.element_handle()
        found.append(tuple(tab.frame.evaluate(PLACE, [handle, x, y])))
    return found


def test_each_line_is_a_pattern_and_the_parts_of_pictures_that_excite_its_filter(tab: Tab) -> None:
    shown(tab, f"{LINES}&p.convviz.step=0")
    assert tab.order() == [0, 3, 5]
    assert colours(tab, 0) == [colour_of(number) for number in (0, 1, 2, 3)]
    assert colours(tab, 3) == [colour_of(number) for number in (2, 3)]
    expect(tab.frame.locator(".lines > li").nth(2)).to_contain_text(
        "None of the 12 pictures excites it"
    )
    assert tab.texts(".tally-text") == ["3 of 4 dog", "2 classes"]


def test_a_picture_is_that_of_the_newest_event_that_has_it(tab: Tab) -> None:
    shown(tab, f"{LINES}&p.convviz.step=1")
    assert colours(tab, 3) == [colour_of(2), colour_of(3)]
    tab.press("ArrowRight")
    tab.at_step(2)
    expect(examples_of(tab, 3).get_by_role("button").first).to_have_accessible_name(
        re.compile("picture 9, cat, activation 8.50")
    )
    # Picture 2 was stored again, of another colour.
    assert colours(tab, 3) == [colour_of(9, 1), colour_of(2, 1)]


def test_pictures_of_the_heatmaps_serve_where_no_others_were_searched(tab: Tab) -> None:
    shown(tab, LINES.replace("new/", "heat/"))
    assert colours(tab, 3) == [colour_of(9), colour_of(2)]


def test_few_requests_bring_the_examples_of_a_step(tab: Tab) -> None:
    shown(tab, f"{LINES}&p.convviz.step=0")
    query = re.compile(r"/(facts|sheet)\?.*tag=(examples|pictures)\b.*step=0")
    asked = [found.groups() for each in tab.asked if (found := query.search(each))]
    # Each once, whatever shows it.
    assert sorted(asked) == [("facts", "examples"), ("facts", "pictures"), ("sheet", "pictures")]


def test_examples_come_once_the_server_answers_again(tab: Tab) -> None:
    asked = re.compile(r"/(facts|sheet)\?.*tag=(examples|pictures)")
    tab.page.route(asked, lambda route: route.abort())
    tab.open(LINES)
    tab.frame.wait_for_selector(".lines canvas")
    expect(tab.frame.locator(".example")).to_have_count(0)
    tab.page.unroute(asked)
    tab.frame.wait_for_selector(".example canvas")
    assert tab.faults and all("ERR_FAILED" in fault for fault in tab.faults)
    tab.faults.clear()


def test_the_switch_and_a_key_lead_there_and_back_and_the_address_says_so(tab: Tab) -> None:
    tab.open(RUN).ready()
    tab.frame.get_by_role("button", name="Examples", exact=True).click()
    tab.frame.wait_for_selector(".example canvas")
    assert "p.convviz.examples=true" in tab.hash()
    tab.press("p")
    expect(tab.frame.locator(".example")).to_have_count(0)
    tab.press("e")
    tab.frame.wait_for_selector(".example canvas")
    tab.page.go_back()
    expect(tab.frame.locator(".example")).to_have_count(0)


def test_lines_are_sorted_and_filtered_by_selectivity(tab: Tab) -> None:
    shown(tab)
    pick(tab, "Sort", "class selectivity")
    assert tab.order() == [3, 0, 5]
    shown(tab, f"{LINES}&p.convviz.only=selectivity:0.5:")
    assert tab.order() == [3]


def test_the_pointer_shows_the_place_in_the_whole_picture(tab: Tab) -> None:
    shown(tab, f"{LINES}&p.convviz.step=0")
    examples_of(tab, 0).get_by_role("button").nth(1).hover()
    card = tab.frame.locator(".hovered")
    expect(card).to_contain_text("picture 1 dog")
    box, whole = card.locator(".crop-seen").bounding_box(), card.locator("canvas").bounding_box()
    assert box and whole
    # Row 1, column 2 of four by four.
    assert (box["x"] - whole["x"]) / whole["width"] == pytest.approx(0.5, abs=0.02)
    assert (box["y"] - whole["y"]) / whole["height"] == pytest.approx(0.25, abs=0.02)
    tab.page.mouse.move(1, 1)
    expect(card).to_have_count(0)


def test_a_press_opens_the_whole_picture_and_keys_walk_through_the_others(tab: Tab) -> None:
    shown(tab, f"{LINES}&p.convviz.step=1")
    first = examples_of(tab, 0).get_by_role("button").first
    first.focus()
    tab.press("Enter")
    window = tab.frame.get_by_role("dialog", name="Example 1 of 4 of filter 0")
    expect(window).to_contain_text("row 0, column 0 of its feature map")
    tab.press("ArrowRight", "ArrowRight")
    window = tab.frame.get_by_role("dialog", name="Example 3 of 4 of filter 0")
    expect(window.get_by_role("img", name="picture 2, dog, activation 4.50")).to_be_visible()
    assert (
        tab.frame.evaluate(PLACE, [window.locator("canvas").element_handle(), 0.5, 0.5])
        == [110] * 3
    )
    tab.press("Escape")
    expect(window).to_have_count(0)
    expect(first).to_be_focused()
    tab.at_step(1)


def test_the_drawer_of_a_filter_shows_its_examples_and_those_of_b(tab: Tab) -> None:
    shown(tab, f"{RUN}&p.convviz.kind=patterns&p.convviz.tile=3&p.convviz.way=side")
    drawer = tab.frame.get_by_role("region", name="Your pictures that excite it")
    expect(drawer.get_by_role("list")).to_have_count(2)
    expect(drawer).to_contain_text("Most active on cat, over all 12 pictures")
    expect(drawer).to_contain_text("1 of 2 as at the step before")
    names = [each.get_attribute("aria-label") or "" for each in drawer.get_by_role("button").all()]
    assert [re.findall(r"picture (\d)", name)[0] for name in names] == ["9", "2", "2", "3"]


def test_lines_of_a_and_b_stand_below_each_other_whatever_the_way(tab: Tab) -> None:
    for way in ("side", "difference"):
        shown(tab, f"{LINES}&p.convviz.way={way}")
        expect(tab.frame.locator(".lines > li").nth(1).locator(".example")).to_have_count(4)
        expect(tab.frame.locator(".line-name").first).to_contain_text("step 0")


def test_other_runs_have_lines_of_their_own(tab: Tab) -> None:
    shown(tab, f"{LINES}&p.convviz.beside=heat/convviz,old/convviz")
    line = tab.frame.locator(".lines > li").first
    expect(line.locator(".example")).to_have_count(8)
    expect(line).to_contain_text("No examples there")
    expect(line.locator(".line-step")).to_have_text(["step 2", "step 2"])
    expect(tab.frame.get_by_role("group", name="Steps of other runs")).to_be_visible()


def test_all_steps_show_how_the_favourites_change(tab: Tab) -> None:
    tab.open(f"{LINES}&p.convviz.as=matrix")
    tab.frame.wait_for_selector(".favourite canvas")
    expect(tab.frame.locator(".favourites")).to_have_count(3 * 2)
    new = [
        column.locator(".favourite-new").count()
        for column in tab.frame.locator(".matrix-column").all()
    ]
    assert new == [0, 0, 1]
    cell = tab.frame.get_by_role("button", name=re.compile("^Step 2: Filter 3, 2 classes"))
    expect(cell).to_have_accessible_name(re.compile("picture 9, cat, activation 8.50, new"))


def test_a_channel_of_a_heatmap_has_its_pattern_else_its_examples_and_never_an_empty_square(
    tab: Tab,
) -> None:
    tab.open(f"{RUN}&p.convviz.kind=heatmaps&p.convviz.tile=0")
    channels = tab.frame.get_by_role("region", name="Top contributing channels")
    of = {number: channels.get_by_role("button", name=f"Filter {number},") for number in (3, 7, 8)}
    expect(of[3].locator("canvas")).to_have_count(2)
    expect(of[7].locator("canvas")).to_have_count(1)
    expect(of[8].locator(".picture")).to_have_count(0)
    expect(channels).to_contain_text("1 of them are not among the 3 filters")
    of[7].click()
    expect(tab.frame.get_by_role("dialog", name="Example 1 of 1 of filter 7")).to_be_visible()


def test_the_head_says_how_the_filters_were_chosen(tab: Tab) -> None:
    shown(tab, LINES, (1400, 900))
    expect(tab.frame.locator(".head .facts")).to_contain_text("3 of 10 filters")
    expect(tab.frame.locator(".head .facts")).to_contain_text("most used on your pictures")
    tab.frame.get_by_role("button", name="How these pictures were made").click()
    told = tab.frame.get_by_role("dialog", name="How these pictures were made")
    expect(told).to_contain_text("12 pictures searched for examples")
    expect(told).to_contain_text(re.compile(r"a filter sees 8\s\S\s8 of 32\s\S\s32 pixels"))


def test_without_examples_the_page_says_why(tab: Tab) -> None:
    tab.open(LINES.replace("new/", "old/"))
    message = tab.frame.locator(".message")
    expect(message).to_contain_text("This run logged no examples")
    expect(message).to_contain_text("examples=Examples(images, labels)")
    choice = tab.frame.get_by_role("button", name="Examples", exact=True)
    expect(choice).to_be_disabled()
    expect(choice).to_have_attribute("title", re.compile("logged no examples"))
    message.get_by_role("button", name="Show the patterns alone").click()
    tab.ready()
    # And an enlarged filter is as it was before there were examples.
    tab.frame.locator(".tile").first.click()
    tab.frame.wait_for_selector(".stage canvas")
    expect(tab.frame.get_by_text("Your pictures that excite it")).to_have_count(0)
    tab.open(LINES.replace(LAYER, OTHER))
    expect(tab.frame.locator(".message")).to_contain_text("No examples of this layer so far")


def saved(tab: Tab, what: str) -> bytes:
    with tab.page.expect_download() as download:
        pick(tab, "Download", what)
    return Path(download.value.path()).read_bytes()


def test_lines_are_saved_as_they_are_on_screen(tab: Tab) -> None:
    shown(tab, f"{LINES}&p.convviz.step=0")
    page = np.asarray(Image.open(io.BytesIO(saved(tab, "These tiles (PNG)"))).convert("RGB"))
    for number in (0, 1, 2, 3):
        near = np.abs(page.astype(int) - colour_of(number)).max(axis=-1) < 8
        assert near.sum() > 500, f"picture {number} is not in the file"
    assert page.shape[1] > 5 * 160


def test_examples_of_all_steps_are_saved_as_facts(tab: Tab) -> None:
    shown(tab)
    facts = json.loads(saved(tab, "Examples of all steps (JSON)"))
    assert (facts["run"], facts["layer"]) == ("new", LAYER)
    assert [step["step"] for step in facts["steps"]] == [0, 1, 2]
    (three,) = [own for own in facts["steps"][2]["filters"] if own["filter"] == 3]
    assert three["favourite"] == "cat"
    assert three["examples"][0] == {
        "picture": 9,
        "activation": 8.5,
        "position": [3, 1],
        "label": 0,
        "class": CLASSES[0],
        "part": [8, 24, 8, 8],
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_examples_hold_to_the_rules_for_accessible_pages(tab: Tab, theme: str) -> None:
    for keys, size in ((LINES, (1280, 720)), (f"{LINES}&p.convviz.way=side", (390, 844))):
        shown(tab, keys, size)
        if theme == "dark":
            dark(tab.page)
        tab.settled()
        assert not (found := axe(tab)), "\n".join(found)
    shown(tab, f"{RUN}&p.convviz.kind=patterns&p.convviz.tile=3")
    if theme == "dark":
        dark(tab.page)
    assert not (found := axe(tab)), "\n".join(found)
    tab.frame.locator(".example").first.click()
    tab.frame.wait_for_selector("dialog canvas")
    assert not (found := axe(tab)), "\n".join(found)


@pytest.mark.parametrize("width", [390, 800, 1280, 1920])
def test_lines_fit_the_page(tab: Tab, width: int) -> None:
    shown(tab, LINES, (width, 720))
    assert tab.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    area = tab.frame.locator(".grid-area")
    assert area.evaluate("area => area.scrollWidth <= area.clientWidth")


def test_the_size_of_lines_is_chosen_like_that_of_tiles(tab: Tab) -> None:
    shown(tab, f"{LINES}&p.convviz.size=64")
    box = tab.frame.locator(".lines .tile-picture").first.bounding_box()
    assert box and box["width"] == pytest.approx(64, abs=1)
    expect(display(tab)).to_be_visible()


def test_a_report_shows_the_examples(
    logdir: Path, tmp_path: Path, server: Any, open_tab: Callable[[str], Tab], browser: Browser
) -> None:
    tab = shown(open_tab(server.url), f"{LINES}&p.convviz.step=1")
    convviz_tb.report(logdir, tmp_path / "report.html", runs=["new"])
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{(tmp_path / 'report.html').as_uri()}#convviz{LINES}&p.convviz.step=1")
    page.wait_for_selector(".example canvas")
    own = Tab(page, "")
    own.frame = page.main_frame
    assert [colours(own, each) for each in (0, 3)] == [colours(tab, each) for each in (0, 3)]
    assert faults == []
    page.close()


def test_what_the_callback_finds_in_a_training_is_where_the_page_shows_it(
    tmp_path: Path, tensorboard: Callable[..., Any], open_tab: Callable[[str], Tab]
) -> None:
    """A filter for red finds the red squares, and each crop is outlined around one."""
    import keras

    from convviz_tb import ConvViz, Examples, FilterPatterns

    pictures, reds = np.zeros((24, 96, 96, 3), np.float32), range(0, 24, 5)
    for number in reds:
        row, column = 8 * (1 + number % 9), 8 * (1 + number % 7)
        pictures[number, row : row + 8, column : column + 8, 0] = 1
    conv = keras.layers.Conv2D(2, 8, strides=8, activation="relu", trainable=False, name="red")
    pooled = [conv, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, "softmax")]
    model = keras.Sequential([keras.Input((96, 96, 3)), *pooled])
    weights = np.zeros((8, 8, 3, 2), np.float32)
    weights[..., 0, 0], weights[..., 1, 1] = 1, 1
    conv.set_weights([weights, np.zeros(2, np.float32)])
    model.compile("sgd", "sparse_categorical_crossentropy")
    labels = np.isin(np.arange(24), reds).astype(int)
    watch = ConvViz(
        tmp_path / "new",
        patterns=FilterPatterns(["red"], filters=2, steps=1),
        examples=Examples(pictures, labels, class_names=["nothing", "red"]),
    )
    model.fit(pictures, labels, epochs=1, verbose=0, callbacks=[watch])
    tab = shown(
        open_tab(tensorboard(tmp_path).url),
        "&p.convviz.run=new/convviz&p.convviz.kind=patterns&p.convviz.examples=true",
    )
    expect(examples_of(tab, 0).get_by_role("button")).to_have_count(len(reds))
    for red, green, blue in colours(tab, 0):
        assert red > 200 and green < 60 and blue < 60
    expect(tab.frame.locator(".lines > li").first).to_contain_text("5 of 5 red")
    expect(tab.frame.locator(".lines > li").nth(1)).to_contain_text("None of the 24 pictures")

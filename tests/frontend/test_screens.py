"""The main views at six sizes, in both themes: everything fits, and is kept to be looked at."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from support.browser import Held, Tab, dark, pick
from support.examples import write_examples

pytestmark = [pytest.mark.browser, pytest.mark.server]

ROOT = Path(__file__).parents[2]
SCREENS = ROOT / "artifacts" / "screens"
RUN = "p.convviz.run=run1/convviz"
SEARCHED = "&p.convviz.run=searched/convviz&p.convviz.examples=true"
VIEWS = {
    "summary": "&p.convviz.page=summary",
    "patterns": "",
    "pattern": "&p.convviz.tile=5&p.convviz.step=3",
    "examples": SEARCHED,
    "filter with examples": f"{SEARCHED}&p.convviz.tile=3",
    "picture of an example": SEARCHED,
    "heatmaps": "&p.convviz.kind=heatmaps",
    "heatmap": "&p.convviz.kind=heatmaps&p.convviz.tile=2",
    "outline": "&p.convviz.kind=heatmaps&p.convviz.show=outline",
    "side": "&p.convviz.way=side",
    "difference": "&p.convviz.kind=heatmaps&p.convviz.way=difference",
    "columns": "&p.convviz.beside=run2/convviz",
    "matrix": "&p.convviz.as=matrix&p.convviz.beside=run2/convviz",
    "side of one": "&p.convviz.kind=heatmaps&p.convviz.way=side&p.convviz.tile=2",
    "pins": "&p.convviz.pins=run1/convviz:patterns:base/block1_conv1:3",
}
#: A phone, half a screen, a small laptop, a laptop, a screen, a large screen.
SIZES = ((390, 844), (800, 720), (1280, 720), (1400, 900), (1920, 1080), (2560, 1440))


@pytest.fixture(scope="module")
def server(tensorboard: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        from big_log import write_log
    finally:
        sys.path.pop(0)
    logdir = tmp_path_factory.mktemp("logs")
    write_examples(logdir, "searched")
    write_log(logdir, runs=2, layers=4, steps=8, filters=24, tile=64, start=1.79e9)
    return tensorboard(logdir)


def drawn(tab: Tab) -> None:
    """Waits until pictures are on screen, and nothing is loading."""
    tab.frame.wait_for_selector("main canvas")
    waits = "[aria-busy=true], .grid-waiting, .summary-pair .picture:not(:has(canvas))"
    expect(tab.frame.locator(waits)).to_have_count(0)


def keep(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.jpg", type="jpeg", quality=85)


#: Controls that stick out of the page or lie under others, by what they are called.
UNREACHABLE = """() => {
  const BARS = '.top button, .top input, .time button, .compare button, .viewer-head button';
  const dialog = document.querySelector('dialog[open]');
  const found = [];
  for (const one of dialog?.querySelectorAll('button') ?? document.querySelectorAll(BARS)) {
    const box = one.getBoundingClientRect();
    if (!box.width || one.closest('.offscreen')) continue;
    const name = one.ariaLabel || one.innerText || one.title;
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const top = document.elementFromPoint(x, y);
    if (box.left < 0 || box.right > innerWidth + 0.5) found.push(`${name}: sticks out`);
    else if (!top || !(one.contains(top) || top.contains(one))) found.push(`${name}: covered`);
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push('the page scrolls sideways');
  return found;
}"""


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_fits(tab: Tab, name: str) -> None:
    tab.page.set_viewport_size({"width": 1400, "height": 900})
    tab.open(f"&{RUN}{VIEWS[name]}")
    drawn(tab)
    if name == "picture of an example":
        tab.frame.locator(".example").first.click()
        expect(tab.frame.get_by_role("dialog")).to_be_visible()
    for theme in ("light", "dark"):
        if theme == "dark":
            dark(tab.page)
            tab.frame.wait_for_function("document.documentElement.dataset.theme === 'dark'")
        for width, height in SIZES:
            tab.page.set_viewport_size({"width": width, "height": height})
            tab.frame.wait_for_function(f"innerWidth === {width}")
            tab.frame.wait_for_function("new Promise(requestAnimationFrame).then(() => true)")
            drawn(tab)
            keep(tab.page, f"{name.replace(' ', '-')}-{width}-{theme}")
            assert not (found := tab.frame.evaluate(UNREACHABLE)), f"{width}: {found}"


def test_the_help_is_kept_too(tab: Tab) -> None:
    tab.open(f"&{RUN}")
    drawn(tab)
    tab.press("?")
    expect(tab.frame.get_by_role("dialog")).to_be_visible()
    keep(tab.page, "help-reading")
    tab.frame.get_by_role("button", name="Keys").click()
    keep(tab.page, "help-keys")


#: Collects what moves on the page: every element but the marks of the step and of the layer, and
#: figures of changing length that are set flush right.
JUMPS = """() => {
  const MEANT = '.thumb, .layer-chart-now, .layer-chart-row, .curve-values, .caption-number';
  window.jumps = [];
  new PerformanceObserver(list => {
    for (const {node, previousRect, currentRect} of list.getEntries().flatMap(one => one.sources))
      if (node instanceof Element && !node.matches(MEANT))
        jumps.push([node.className, JSON.stringify(previousRect), JSON.stringify(currentRect)]);
  }).observe({type: 'layout-shift'});
}"""


@pytest.mark.parametrize("kind", ["patterns", "heatmaps"])
def test_nothing_jumps_while_a_step_or_layer_loads(tab: Tab, kind: str) -> None:
    beside = Held(tab.page, re.compile("/(curves|profile)"))
    tab.page.route("**/sheet?*", lambda route: (tab.page.wait_for_timeout(60), route.continue_()))
    with tab.page.expect_request("**/curves?*"), tab.page.expect_request("**/profile?*"):
        tab.open(f"&{RUN}&p.convviz.kind={kind}&p.convviz.step=4")
    drawn(tab)
    tab.frame.evaluate(JUMPS)
    beside.let_go()
    expect(tab.frame.locator(".curve")).to_be_attached()
    expect(tab.frame.get_by_role("img", name=re.compile("changed most"))).to_be_attached()
    for key in ("Home", "End", "ArrowLeft", "[", "]", "Home"):
        tab.press(key)
        drawn(tab)
    pick(tab, "Run:", "run2")
    expect(tab.frame.get_by_role("button", name="Run: run2")).to_be_visible()
    drawn(tab)
    expect(tab.frame.get_by_role("img", name=re.compile("changed most"))).to_be_attached()
    assert tab.settled().evaluate("jumps") == []
    tab.page.unroute_all(behavior="ignoreErrors")

"""A report as people open it: from disk in a real Chromium, without a server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import convviz_tb
from convviz_tb.schema import Series
from support.browser import PATIENCE_OF_A_PAGE, Tab, pick
from support.hostile import NAMES
from support.logs import log, write_run

pytestmark = [pytest.mark.browser, pytest.mark.server]
SCREENS = Path(__file__).parents[2] / "artifacts" / "screens"
TILE = ".grid-area[aria-busy=false] .tile canvas"


@pytest.fixture
def open_report(browser: Browser) -> Iterator[Callable[..., Tab]]:
    """Opens a file; nothing but it may be loaded, and nothing may go wrong in it."""
    tabs: list[Tab] = []

    def start(file: Path, keys: str = "", **options: Any) -> Tab:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
        context.set_default_timeout(PATIENCE_OF_A_PAGE)
        tab = Tab(context.new_page(), file.as_uri())
        tab.page.goto(f"{tab.url}#convviz{keys}")
        tab.frame = tab.page.main_frame
        tabs.append(tab)
        return tab

    yield start
    for tab in tabs:
        loaded = {asked.partition("#")[0] for asked in tab.asked}
        tab.page.context.close()
        assert tab.faults == []
        assert {each for each in loaded if not each.startswith("blob:")} == {tab.url}


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    write_run(tmp_path / "logs", "one/convviz", 3)
    write_run(tmp_path / "logs", "two/convviz", 3)
    return tmp_path / "logs"


@pytest.fixture
def file(logdir: Path, tmp_path: Path) -> Path:
    convviz_tb.report(logdir, tmp_path / "report.html")
    return tmp_path / "report.html"


VIEWS = ["&p.convviz.page=layer", "&p.convviz.page=layer&p.convviz.kind=heatmaps"]


@pytest.mark.parametrize("keys", VIEWS)
def test_its_pictures_are_those_of_the_tab(keys, file, logdir, tensorboard, open_tab, open_report):
    keys += "&p.convviz.run=one/convviz&p.convviz.step=1"
    tab = open_tab(tensorboard(logdir).url).open(keys).ready()
    report = open_report(file, keys).ready()
    assert report.pixels() == tab.pixels()
    assert report.texts(".tile") == tab.texts(".tile")


def test_the_tab_saves_the_report_of_its_run(logdir, tensorboard, open_tab, open_report, tmp_path):
    tab = open_tab(tensorboard(logdir).url).open(f"{VIEWS[0]}&p.convviz.run=two/convviz").ready()
    with tab.page.expect_download() as saved:
        pick(tab, "Download", "Save report (HTML)")
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    assert file.suffix == ".html"
    report = open_report(file, VIEWS[0]).ready()
    assert report.pixels() == tab.pixels()
    report.frame.get_by_role("button", name="Download").click()
    expect(report.frame.get_by_role("menuitem", name="These tiles (PNG)")).to_be_visible()
    expect(report.frame.get_by_role("menuitem", name="Save report (HTML)")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_follows_the_theme_of_the_system(theme, file, open_report):
    report = open_report(file, VIEWS[0], color_scheme=theme).ready()
    expect(report.page.locator("html")).to_have_attribute("data-theme", theme)
    SCREENS.mkdir(parents=True, exist_ok=True)
    report.page.screenshot(path=SCREENS / f"report-{theme}.png")


PAGES = ["&p.convviz.page=summary", *VIEWS, f"{VIEWS[0]}&p.convviz.tile=0"]
PAGES += [f"{VIEWS[0]}&p.convviz.beside=two/convviz", f"{VIEWS[1]}&p.convviz.as=matrix"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_of_it_breaks_its_policy(theme, file, open_report):
    """The fixture fails for whatever the browser has blocked."""
    for keys in PAGES:
        report = open_report(file, keys + "&p.convviz.run=one/convviz", color_scheme=theme)
        expect(report.page.locator("canvas").first).to_be_visible()
        report.press("?")
        expect(report.page.get_by_role("dialog").first).to_be_visible()


#: Of each element in view what its style makes of it.
LOOKS = """all => all.map(one => {
    const {color, backgroundColor, fontSize, display, width} = getComputedStyle(one);
    return [one.className, color, backgroundColor, fontSize, display, width];
})"""


@pytest.mark.parametrize("keys", VIEWS)
def test_its_elements_look_as_those_of_the_tab(
    keys, file, logdir, tensorboard, open_tab, open_report
):
    keys += "&p.convviz.run=one/convviz&p.convviz.step=1"
    tab = open_tab(tensorboard(logdir).url).open(keys).ready()
    report = open_report(file, keys, color_scheme="light").ready()
    report.page.set_viewport_size(tab.frame.evaluate("({width: innerWidth, height: innerHeight})"))
    looks = [
        each.settled().eval_on_selector_all(".tile, .tile *, .bar", LOOKS) for each in (tab, report)
    ]
    assert looks[0] == looks[1] != []


def test_styles_in_markup_do_nothing(file, open_report):
    report = open_report(file, VIEWS[0]).ready()
    colour = report.page.evaluate("""() => {
        const markup = '<style>i {color: red}</style><i style="color: red" class=canary>.</i>';
        document.body.insertAdjacentHTML('beforeend', markup);
        return getComputedStyle(document.querySelector('.canary')).color;
    }""")
    assert colour != "rgb(255, 0, 0)"
    while len([fault for fault in report.faults if "blocked by policy: inline" in fault]) < 2:
        report.settled()
    report.faults.clear()


def test_keys_walk_through_its_steps(file, open_report):
    report = open_report(file, VIEWS[0] + "&p.convviz.step=2").ready()
    report.at_step(2)
    report.press("ArrowLeft")
    report.at_step(1)


def test_it_says_what_it_leaves_out_and_nothing_of_tensorboard(logdir, tmp_path, open_report):
    convviz_tb.report(logdir, tmp_path / "report.html", steps=2)
    report = open_report(tmp_path / "report.html", VIEWS[0]).ready()
    notice = report.page.get_by_text("Not all is in this report: one: 2 of 3 steps, as asked for")
    expect(notice).to_be_visible()
    assert "samples_per_plugin" not in report.page.locator("body").inner_text()


def test_a_hostile_log_runs_nothing_in_it(tmp_path, open_report):
    attack = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"
    attack += "<style>body {display: none}</style><p style='position: fixed'>"
    with log(tmp_path / "logs", "run/convviz") as writing:
        for name in (attack, *NAMES):
            writing.put_whole(Series("patterns", name), 0)
        writing.put_whole(Series("model"), 0, failures=[{"tag": attack, "reason": attack}])
    convviz_tb.report(tmp_path / "logs", tmp_path / "report.html")
    report = open_report(tmp_path / "report.html", VIEWS[0])
    dialogs: list[str] = []
    report.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    report.ready()
    assert "owned" not in report.page.title() and dialogs == []
    assert elements(report.page, "script, iframe, object") == 2
    assert elements(report.page, "style, p[style], img") == 0


def elements(page: Page, selector: str) -> int:
    return page.locator(selector).count()

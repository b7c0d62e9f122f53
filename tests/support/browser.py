"""A real Chromium, and the tab in it."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Frame,
    Locator,
    Page,
    Route,
    expect,
    sync_playwright,
)

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]

#: A failure as the facts of a model tell it.
FAILURE = {"tag": "patterns/conv2", "reason": "OutOfMemory: too large"}


class Tab:
    """The page in a browser, with everything that must not happen in it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.faults: list[str] = []
        self.asked: list[str] = []
        #: Chromium itself reports every answer 404: set where the log is such that there are some.
        self.expects_404 = False
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        # Tells of what the policy blocked, in every frame; the console is then our messenger.
        page.add_init_script(
            "addEventListener('securitypolicyviolation', event =>"
            " console.error('blocked by policy: ' + event.blockedURI))"
        )

    def _said(self, message: ConsoleMessage) -> None:
        # Under a path prefix TensorBoard looks for its own fonts where they are not.
        own_font = message.location.get("url", "").endswith(".woff2")
        gone = self.expects_404 and re.match("Failed to load resource.* 404 ", message.text)
        if message.type == "error" and not own_font and not gone:
            self.faults.append(message.text)

    def open(self, keys: str = "&p.convviz.page=tiles", query: str = "") -> "Tab":
        """Goes to an address; one that says nothing would lead to the summary."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.url}{query}#convviz{keys}")
        frame = self.page.wait_for_selector('iframe[src*="name=convviz"]').content_frame()
        assert frame is not None
        self.frame: Frame = frame
        return self

    def ready(self) -> "Tab":
        """Waits until tiles of the present step are drawn."""
        self.frame.wait_for_selector(".grid-area[aria-busy=false] .tile canvas")
        return self

    def settled(self) -> Frame:
        """The frame, once it has drawn what it was last told."""
        # The second of two frames begins after the first was drawn, with the effects it left.
        self.frame.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        return self.frame

    def pixels(self) -> list[tuple[int, int]]:
        """Of every tile a checksum of its pixels, and how many different levels they have."""
        tiles = self.settled().eval_on_selector_all(
            ".tile canvas",
            """all => all.map(one => {
                const {data} = one.getContext('2d').getImageData(0, 0, one.width, one.height);
                let sum = 0;
                for (const level of data) sum = (Math.imul(sum, 31) + level) | 0;
                return [sum, new Set(data).size];
            })""",
        )
        return [(checksum, levels) for checksum, levels in tiles]

    def at_step(self, step: int) -> None:
        slider = self.frame.get_by_role("slider", name="Step")
        expect(slider).to_have_attribute("aria-valuenow", str(step))
        self.ready()

    def order(self) -> list[int]:
        """The filters on screen, first to last."""
        return [int(name) for name in self.texts(".tile .caption-name")]

    def texts(self, selector: str) -> list[str]:
        return self.settled().locator(selector).all_inner_texts()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def hash(self) -> str:
        return urlsplit(self.page.url).fragment


class Held:
    """Requests that wait until they are let go."""

    def __init__(self, page: Page, urls: re.Pattern[str]) -> None:
        self._routes: list[Route] | None = []
        page.route(urls, lambda route: self._take(route))

    def _take(self, route: Route) -> None:
        if self._routes is None:
            route.continue_()
        else:
            self._routes.append(route)

    def let_go(self) -> None:
        waiting, self._routes = self._routes or [], None
        for route in waiting:
            route.continue_()


#: A page waits so long for what becomes true in the end: on a busy machine that may take a while.
PATIENCE_OF_A_PAGE = 120_000  # milliseconds
expect.set_options(timeout=PATIENCE_OF_A_PAGE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium on PATH, and CHROMIUM does not name one")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[Callable[[str], Tab]]:
    """Opens a tab on a TensorBoard; when the test is over nothing may have gone wrong in it."""
    tabs: list[Tab] = []

    def start(url: str) -> Tab:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(PATIENCE_OF_A_PAGE)
        tabs.append(Tab(context.new_page(), url))
        return tabs[-1]

    yield start
    for tab in tabs:
        hosts = {urlsplit(asked).netloc for asked in tab.asked if asked.startswith("http")}
        tab.page.context.close()
        assert tab.faults == []
        assert hosts == {urlsplit(tab.url).netloc}


@pytest.fixture
def tab(server: Any, open_tab: Callable[[str], Tab]) -> Tab:
    """A tab on the TensorBoard that a module has started, its fixture `server`."""
    return open_tab(server.url)


def axe(tab: Tab) -> list[str]:
    """What the rules of axe-core find, one line each."""
    source = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
    tab.frame.evaluate(source.read_text("utf-8"))
    # Experimental, and wrong about ours: it wants "Run curved" where the name is "Run: curved".
    off = {"label-content-name-mismatch": {"enabled": False}}
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
    found = tab.frame.evaluate("how => axe.run(document, how)", {"runOnly": tags, "rules": off})
    return [
        f"{fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


def dark(page: Page) -> None:
    page.evaluate("document.body.classList.add('dark-mode')")


def display(tab: Tab) -> Locator:
    """The menu of how pictures are drawn, open."""
    tab.frame.get_by_role("button", name="Display").click()
    return tab.frame.get_by_role("dialog", name="Display")


def pick(tab: Tab, menu: str, option: str) -> None:
    tab.frame.get_by_role("button", name=re.compile(f"^{menu}")).click()
    role = "menuitem" if menu == "Download" else "option"
    tab.frame.get_by_role(role, name=option).click()

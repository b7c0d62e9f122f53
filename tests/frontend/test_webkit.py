"""The tab in WebKit, the engine of Safari; and what old Safari makes of imports."""

import json
import re
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from support.browser import Tab
from support.logs import write_run
from support.processes import Process, free_port
from support.waiting import PATIENCE, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.server]

DRIVER = shutil.which("WebKitWebDriver")
SCREEN = shutil.which("Xvfb")
BROWSERS = sorted(Path("/usr/lib").glob("*/webkit2gtk-4*/MiniBrowser"))


@pytest.fixture(scope="module")
def server(tensorboard: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    logdir = tmp_path_factory.mktemp("logs")
    write_run(logdir, "run/convviz", steps=3)
    return tensorboard(logdir)


class WebKit:
    """One window of WebKit."""

    def __init__(self, driver: str) -> None:
        options = {"binary": str(BROWSERS[-1]), "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        answer = self._post(f"{driver}/session", {"capabilities": wanted})
        self._session = f"{driver}/session/{answer['sessionId']}"

    def go(self, url: str) -> None:
        self._post(f"{self._session}/url", {"url": url})

    def ask(self, script: str) -> Any:
        """The value of a script in the page; `tab` is the document of our tab, or null."""
        find = "const frame = document.querySelector('iframe[src*=\"name=convviz\"]');"
        find += "const tab = frame?.contentDocument;"
        body = {"script": f"{find} return {script};", "args": []}
        return self._post(f"{self._session}/execute/sync", body)

    def close(self) -> None:
        request = urllib.request.Request(self._session, method="DELETE")
        urllib.request.urlopen(request, timeout=PATIENCE).close()

    @staticmethod
    def _post(url: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(url, json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["value"]


@pytest.fixture
def webkit(tmp_path: Path) -> Iterator[WebKit]:
    if not (DRIVER and SCREEN and BROWSERS):
        pytest.skip("no WebKit (Debian: apt-get install webkit2gtk-driver xvfb)")
    port = free_port()
    with ExitStack() as stack:
        screen = stack.enter_context(
            Process(
                [SCREEN, "-displayfd", "1", "-screen", "0", "1400x900x24"], tmp_path / "screen.txt"
            )
        )
        display = screen.wait_for_output(r"^(\d+)$", "Xvfb to start")[1]
        own = {"DISPLAY": f":{display}", "HOME": str(tmp_path)}
        own |= {"WEBKIT_DISABLE_DMABUF_RENDERER": "1"}
        command = [DRIVER, f"--port={port}", "--host=127.0.0.1"]
        driver = stack.enter_context(Process(command, tmp_path / "driver.txt", own))
        driver.wait_for_port(port, "the driver of WebKit to start")
        window = WebKit(f"http://127.0.0.1:{port}")
        yield window
        window.close()


def test_the_tab_works_in_webkit(server: Any, webkit: WebKit) -> None:
    webkit.go(f"{server.url}#convviz&p.convviz.page=tiles")

    def becomes(script: str, wanted: Any) -> None:
        wait_for(lambda: webkit.ask(script) == wanted, f"{script} to be {wanted}")

    step = "tab?.querySelector('[role=slider]')?.ariaValueNow"
    becomes("tab?.querySelectorAll('.grid-area[aria-busy=false] .tile canvas').length", 2)
    becomes(step, "2")
    webkit.ask("tab.querySelector('[aria-label=\"Previous stored step\"]').click()")
    becomes(step, "1")
    pixels = "[...tab.querySelector('.tile canvas').getContext('2d').getImageData(0,0,8,8).data]"
    assert len(set(webkit.ask(pixels))) > 16, "a tile is blank"
    webkit.ask("[...tab.querySelectorAll('.switch button')][2].click()")
    becomes("!!tab.querySelector('.legend')", True)
    becomes("tab.querySelectorAll('.grid-area[aria-busy=false] .tile canvas').length", 2)
    webkit.ask("tab.querySelector('.tile').click()")
    becomes("!!tab.querySelector('.viewer canvas')", True)
    becomes("location.hash.includes('p.convviz.tile=0')", True)


def test_imports_that_ignore_the_base_find_the_module(
    server: Any,
    open_tab: Callable[[str], Tab],
) -> None:
    """WebKit bug 201692: an import in an inline script goes by the page, not by its <base>."""
    tab = open_tab(server.url)

    def as_safari(route: Route) -> None:
        page = route.fetch().text()
        ignoring = page.replace('import("./', f'import("{server.url}data/')
        assert ignoring != page
        # The policy knows the script that TensorBoard wrote; this one is ours.
        route.fulfill(status=200, content_type="text/html", body=ignoring)

    tab.page.route(re.compile("plugin_entry.html"), as_safari)
    tab.open().ready()
    tab.press("ArrowLeft")
    tab.at_step(1)
    expect(tab.frame.locator(".tile canvas").first).to_be_visible()
    assert f"{server.url}data/plugin/convviz/index.js" in tab.asked

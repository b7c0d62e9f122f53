"""Logs made to attack whoever looks at them, in a real Chromium: nothing of theirs runs or leaves.

The canary is threefold: scripts of the log would call home, change the title of the page or
navigate it; the test's own ears hear every request, dialog, popup, navigation and console error.
"""

import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from convviz_tb import schema
from convviz_tb.schema import Series
from support.browser import Tab
from support.hostile import (
    BLOBS,
    FUZZ,
    HTML,
    NAMES,
    RUN_NAMES,
    SEED,
    TRIED,
    odd_facts,
    png,
    rich_facts,
)
from support.logs import example_facts, log, picture, write_run
from support.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.server]

ODD_LAYERS = 8 * FUZZ


class Ears:
    """Everything that happens around a page, beside what `Tab` hears."""

    def __init__(self, tab: Tab) -> None:
        self.heard: list[str] = []
        self._tab = tab
        tab.expects_404 = True
        page, context = tab.page, tab.page.context
        page.on("dialog", lambda dialog: (self.heard.append(dialog.message), dialog.dismiss()))
        page.on("download", lambda _: self.heard.append("download"))
        page.on("framenavigated", lambda frame: self._navigated(frame.url))
        context.on("page", lambda _: self.heard.append("popup"))
        context.route(
            lambda url: urlsplit(url).netloc != urlsplit(tab.url).netloc,
            lambda route: route.abort(),
        )

    def _navigated(self, url: str) -> None:
        own = url.startswith(self._tab.url) or url == "about:blank"
        if not own:
            self.heard.append(f"went to {url}")

    def check(self) -> None:
        tab = self._tab
        assert self.heard == []
        assert "owned" not in tab.page.title()
        assert tab.frame.evaluate("document.querySelectorAll('script, iframe, object').length") <= 1
        assert tab.frame.evaluate("document.querySelectorAll('[onerror], [onload]').length") == 0
        assert tab.faults == []


def write_attack(logdir: Path, run: str) -> None:
    """Every name and every text is markup, and so is what should be pictures."""
    with log(logdir, run) as writing:
        layer = example_facts("model")["layers"][0]
        layers = [layer | {"layer": name, "class_name": HTML.decode()} for name in NAMES]
        for step in (0, 1):
            names = [*NAMES[:3], HTML.decode()]
            facts = schema.encode(rich_facts("inputs", class_names=names))
            writing.put(Series("inputs"), step, facts, picture(8, 16))
            facts = schema.encode(rich_facts("pictures", class_names=names))
            writing.put(Series("pictures"), step, facts, picture(8, 16))
            for place, name in enumerate(NAMES):
                facts = rich_facts("patterns", mode=name, objective=name, view=name)
                for tile in facts["tiles"]:
                    tile |= {"reason": HTML.decode(), "dead": True, name: 1, "x": name}
                blob = picture(8, 16) if place % 2 else list(BLOBS.values())[place]
                writing.put(Series("patterns", name), step, schema.encode(facts), blob)
                facts = rich_facts("heatmaps", method=name)
                writing.put(Series("heatmaps", name), step, schema.encode(facts), picture(8, 16))
                facts = rich_facts("examples", source=("pictures", "inputs", name)[place % 3])
                writing.put(Series("examples", name), step, schema.encode(facts))
            told = [{"tag": f"patterns/{name}", "reason": HTML.decode()} for name in NAMES]
            found = [{"text": name, "kind": "patterns", "layer": name, "step": 0} for name in NAMES]
            facts = rich_facts("model", layers=layers, failures=told, skipped=told, findings=found)
            writing.put(Series("model"), step, schema.encode(facts), at=1e9)
        writing.put(Series("patterns", "odd"), 0, b"", b"", content=HTML)


def write_odd(logdir: Path, run: str) -> None:
    """Facts of which something is wrong, layer by layer, and pictures that are too much."""
    rng = random.Random(f"{SEED} browser")
    with log(logdir, run) as writing:
        for number in range(ODD_LAYERS):
            for step in (0, 1):
                for kind in ("patterns", "heatmaps"):
                    facts = odd_facts(rng, kind)
                    blob = rng.choice((picture(8, 16), picture(8, 16), *BLOBS.values()))
                    writing.put(Series(kind, f"odd{number:03}"), step, facts, blob)
                    TRIED["events in a browser"] += 1
                layer = Series("examples", f"odd{number:03}")
                writing.put(layer, step, odd_facts(rng, "examples"))
        for step in (0, 1):
            writing.put(Series("inputs"), step, odd_facts(rng, "inputs"), picture(8, 16))
            writing.put(Series("pictures"), step, odd_facts(rng, "pictures"), picture(8, 16))
            writing.put_whole(Series("examples", "good"), step)
            writing.put_whole(Series("patterns", "good"), step)
            writing.put(Series("model"), step, odd_facts(rng, "model"))
        most = schema.encode(rich_facts("patterns"))
        writing.put(Series("patterns", "bomb"), 1, most, png(8000, 8000))
        many = rich_facts("patterns")
        many["tiles"] *= 100 * min(10, FUZZ)
        many["sheet"] |= {"count": len(many["tiles"]), "tile": [1, 1]}
        writing.put(Series("patterns", "many"), 1, schema.encode(many), picture(8, 16))


@pytest.fixture(scope="module")
def server(
    browser: Browser,
    tensorboard: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    logdir = tmp_path_factory.mktemp("logs")
    write_attack(logdir, "attack/convviz")
    write_odd(logdir, "odd/convviz")
    for run in RUN_NAMES:
        write_run(logdir, f"{run}/convviz", steps=2)
    # The Rust data server cannot read the layers whose names JSON escapes: less to attack with.
    return tensorboard(logdir, "--load_fast=false")


@pytest.fixture
def tab(server: Any, open_tab: Callable[[str], Tab]) -> Iterator[Tab]:
    opened = open_tab(server.url)
    ears = Ears(opened)
    yield opened
    ears.check()
    assert "Traceback" not in server.output()
    assert "will become an error" not in server.output()


def settle(tab: Tab) -> None:
    """Waits until the tiles of the place are there, or a message in their place."""
    tab.frame.wait_for_selector(
        ":is(.grid-area[aria-busy=false], .viewer) :is(.message, canvas, .crop-none)"
    )


def through_the_layers(tab: Tab) -> int:
    """Clicks every layer of the list; how many of them show tiles. The others say why not."""
    shown = 0
    layers = tab.frame.locator(".layers-list button")
    for number in range(layers.count()):
        layers.nth(number).click()
        settle(tab)
        shown += tab.frame.locator(".tile canvas").count() > 0
        message = tab.frame.locator(".grid-area .message")
        if message.count():
            expect(message).to_contain_text(SAID)
    return shown


#: In words: what the server refuses, what the browser cannot decode, what was not stored.
SAID = re.compile(
    "cannot be used: (facts|sheet|tag): |cannot be shown|could not be decoded|Nothing of"
    "|No examples of this layer"
)


@pytest.mark.parametrize("kind", ["patterns", "heatmaps", "patterns&p.convviz.examples=true"])
def test_names_texts_and_bytes_of_an_attack_are_only_shown(tab: Tab, kind: str) -> None:
    tab.open(f"&p.convviz.run=attack%2Fconvviz&p.convviz.kind={kind}")
    settle(tab)
    assert tab.frame.locator(".layers-list button").count() == len(NAMES)
    assert through_the_layers(tab) >= len(NAMES) // 2
    expect(tab.frame.get_by_text("evil.example").first).to_be_attached()


def test_every_view_of_an_attack_is_only_a_view(tab: Tab) -> None:
    start = f"&p.convviz.run=attack%2Fconvviz&p.convviz.layer={quote(NAMES[1], safe='')}"
    for keys in (
        *("&p.convviz.tile=0", "&p.convviz.as=matrix", "&p.convviz.examples=true"),
        *("&p.convviz.examples=true&p.convviz.as=matrix",),
    ):
        tab.open(start + keys)
        settle(tab)
        tab.press("ArrowLeft", "b", "?", "Escape")
        settle(tab)


def test_facts_of_any_kind_are_shown_or_said_to_be_unreadable(tab: Tab) -> None:
    shown = 0
    for kind in ("patterns", "heatmaps", "patterns&p.convviz.examples=true"):
        tab.open(f"&p.convviz.run=odd%2Fconvviz&p.convviz.kind={kind}")
        settle(tab)
        shown += through_the_layers(tab)
    assert shown >= ODD_LAYERS // 6
    tab.open("&p.convviz.run=odd%2Fconvviz&p.convviz.layer=good").ready()
    assert tab.frame.locator(".tile canvas").count() == 2


def test_runs_of_any_name_are_opened(tab: Tab) -> None:
    for run in RUN_NAMES if FUZZ > 1 else RUN_NAMES[:5]:
        tab.open(f"&p.convviz.run={quote(run + '/convviz', safe='')}").ready()
        expect(tab.frame.get_by_text(run.split("/")[-1]).first).to_be_attached()


def test_an_address_made_to_attack_is_only_an_address(tab: Tab) -> None:
    keys = (
        "run",
        "layer",
        "kind",
        "step",
        "tile",
        "sort",
        "pins",
        "map",
        "as",
        "vs",
        "metric",
        "examples",
    )
    for attack in NAMES if FUZZ > 1 else NAMES[:2]:
        tab.open("".join(f"&p.convviz.{key}={quote(attack, safe='')}" for key in keys))
        settle(tab)


@pytest.mark.parametrize("fast", ["true", "false"])
def test_a_run_deleted_while_open_leaves_the_others(
    tensorboard: Callable[..., Any],
    open_tab: Callable[[str], Tab],
    tmp_path: Path,
    fast: str,
) -> None:
    write_run(tmp_path, "going/convviz", steps=3)
    write_run(tmp_path, "staying/convviz", steps=3)
    server = tensorboard(tmp_path, f"--load_fast={fast}")
    tab = open_tab(server.url)
    ears = Ears(tab)
    tab.open("&p.convviz.run=going%2Fconvviz").ready()
    shutil.rmtree(tmp_path / "going")
    wait_for(
        lambda: [run["name"] for run in server.ask("runs").json["runs"]] == ["staying"],
        "TensorBoard to notice",
    )
    tab.press("ArrowLeft", "ArrowLeft")
    tab.open("&p.convviz.run=going%2Fconvviz").ready()
    expect(tab.frame.get_by_text("staying").first).to_be_visible()
    ears.check()

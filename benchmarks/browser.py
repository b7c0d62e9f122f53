"""How fast the tab is in a headless Chromium, on a large log, and against the stock Images tab.

Prints one line per measure: what, the median or the worst of all rounds, and the target. Wants
Playwright (it comes with the extra `dev`) and a Chromium; CHROMIUM names another program.

Script is measured in processor time of the page's main thread, out of Chromium's own trace: on a
busy machine wall time tells of the neighbours.
"""

import argparse
import gzip
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from big_log import write_log, write_pictures
from playwright.sync_api import Browser, CDPSession, Frame, Page, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
BUNDLE = Path(__file__).parent.parent / "convviz_tb" / "static" / "index.js"
RUN = "run1/convviz"
ROUNDS = 15
LATENCY = 100  # milliseconds
PICTURES = 64  # filters of a layer

#: Notes when a key or the pointer went down, and at which frame the tiles of another step stood.
WATCH = """() => {
  const log = (window.benchmark = {asked: 0, drawn: [], tasks: [], label: null});
  const now = () => document.querySelector('.grid-area[aria-busy=false] .grid')?.ariaLabel;
  log.label = now();
  for (const kind of ['keydown', 'pointerdown'])
    addEventListener(kind, () => { log.asked = performance.now(); }, true);
  new PerformanceObserver(list => list.getEntries().forEach(one => log.tasks.push(one.duration)))
    .observe({type: 'longtask'});
  const look = () => {
    const label = now();
    if (label && label !== log.label) {
      log.label = label;
      log.drawn.push(performance.now() - log.asked);
    }
    requestAnimationFrame(look);
  };
  look();
}"""


@contextmanager
def tensorboard(logdir: Path, *flags: str) -> Iterator[str]:
    """Address of a TensorBoard that has read everything."""
    output = tempfile.TemporaryFile("w+")
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logdir), "--port=0"]
    process = subprocess.Popen([*command, *flags], stdout=output, stderr=subprocess.STDOUT)
    try:
        url = None
        while url is None:
            time.sleep(0.1)
            output.seek(0)
            said = output.read()
            if process.poll() is not None:
                raise RuntimeError(f"TensorBoard has ended: {said}")
            found = re.search(r" at (http://\S+)", said)
            url = found and found[1]
        sizes = [-1, -2]
        while sizes[-1] != sizes[-2]:  # until the loader finds nothing more
            time.sleep(3)
            sizes.append(len(ask(url, "runs")[0]) + len(ask(url, f"series?run={RUN}")[0]))
        yield url
    finally:
        process.terminate()
        process.wait()


def ask(url: str, route: str) -> tuple[bytes, float]:
    """The answer of a route of ours, and the milliseconds it took."""
    started = time.perf_counter()
    request = urllib.request.Request(f"{url}data/plugin/convviz/{route}")
    try:
        with urllib.request.urlopen(request) as response:
            body = response.read()
    except urllib.error.HTTPError:  # not read yet
        body = b""
    return body, (time.perf_counter() - started) * 1000


def report(what: str, value: float, unit: str, target: float | None = None) -> None:
    """Prints one line."""
    said = "" if target is None else f"{'' if value <= target else 'MISSED '}(at most {target:g})"
    print(f"{what:58}{value:10.1f} {unit:3} {said}", flush=True)


def frame_of(page: Page) -> Frame:
    """The frame of our tab, once its tiles are drawn."""
    frame = page.wait_for_selector('iframe[src*="name=convviz"]').content_frame()
    assert frame is not None
    frame.wait_for_selector(".grid-area[aria-busy=false] .tile canvas")
    return frame


def first_picture(browser: Browser, url: str) -> float:
    """Milliseconds from choosing the tab to its first tiles."""
    times = []
    for _ in range(5):
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(f"{url}#timeseries")
        page.wait_for_timeout(3000)
        started = page.evaluate(
            "() => { location.hash = '#convviz&p.convviz.page=tiles'; return Date.now(); }"
        )
        frame = page.wait_for_selector('iframe[src*="name=convviz"]').content_frame()
        assert frame is not None
        frame.wait_for_function("document.querySelector('.tile canvas')", polling="raf")
        times.append(frame.evaluate("Date.now()") - started)
        page.close()
    return statistics.median(times)


def step_change(page: Page, frame: Frame, *, near: bool) -> float:
    """Milliseconds from a key or a click to the tiles of the new step."""
    frame.evaluate("() => { benchmark.drawn = []; }")
    box = frame.locator(".track").bounding_box()
    assert box is not None
    for at in range(ROUNDS):
        before = frame.evaluate("benchmark.drawn.length")
        if near:
            page.keyboard.press("ArrowLeft")
        else:  # far from every step that was on screen so far, and at rest before
            page.mouse.click(box["x"] + box["width"] * (0.03 + 0.06 * at), box["y"] + 40)
        frame.wait_for_function(f"benchmark.drawn.length > {before}")
        page.wait_for_timeout(800)
    return statistics.median(frame.evaluate("benchmark.drawn"))


def drag(page: Page, frame: Frame, pause: float) -> None:
    """Moves the hand over all steps and back."""
    box = frame.locator(".track").bounding_box()
    assert box is not None
    y = box["y"] + 40
    page.mouse.move(box["x"], y)
    page.mouse.down()
    for step in [*range(200), *range(199, -1, -1)]:
        page.mouse.move(box["x"] + box["width"] * step / 199, y)
        page.wait_for_timeout(pause)
    page.mouse.up()
    page.wait_for_timeout(500)


def scrub(page: Page, frame: Frame) -> tuple[float, float, int]:
    """Drags to the last step and back.

    Returns:
        The longest task of script in milliseconds of processor time, the longest task of any kind
        in wall time (0 where none took 50 ms; painting and waiting for a processor included), and
        the number of steps drawn.
    """
    frame.evaluate("() => { benchmark.drawn = []; benchmark.tasks = []; }")
    browser = page.context.browser
    assert browser is not None
    browser.start_tracing(page=page, categories=["-*", "devtools.timeline", "v8"])
    drag(page, frame, 12)
    script = longest_script(json.loads(browser.stop_tracing())["traceEvents"])
    tasks = frame.evaluate("benchmark.tasks")
    return script, max(tasks, default=0), frame.evaluate("benchmark.drawn.length")


#: What a main thread does for a page's script: run it, and collect its garbage.
SCRIPT = {"EventDispatch", "FunctionCall", "FireAnimationFrame", "TimerFire", "RunMicrotasks"}
SCRIPT |= {"EvaluateScript", "MinorGC", "MajorGC"}


def longest_script(events: list[dict[str, Any]]) -> float:
    """Milliseconds of processor time of the longest task; tasks lie in one another."""
    times = [one["tdur"] for one in events if one["name"] in SCRIPT and "tdur" in one]
    return max(times, default=0) / 1000


def hurry(page: Page, frame: Frame, steps: int = 60) -> float:
    """Milliseconds per step where each is asked for as soon as the one before is drawn."""
    page.keyboard.press("Home")
    page.wait_for_timeout(1500)
    took: float = frame.evaluate(
        """async steps => {
          const drawn = benchmark.drawn;
          const first = performance.now();
          for (let at = 0; at < steps; at++) {
            const before = drawn.length;
            document.body.dispatchEvent(
              new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
            while (drawn.length === before) await new Promise(requestAnimationFrame);
          }
          return (performance.now() - first) / steps;
        }""",
        steps,
    )
    return took


def memory(session: CDPSession, browser_session: CDPSession) -> tuple[float, float]:
    """Megabytes of JavaScript, and of the largest renderer process, after a collection."""
    session.send("HeapProfiler.collectGarbage")
    metrics = {
        one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]
    }
    processes = browser_session.send("SystemInfo.getProcessInfo")["processInfo"]
    sizes = [0.0]
    for process in processes:
        status = Path(f"/proc/{process['id']}/status")
        if process["type"] == "renderer" and status.exists():
            found = re.search(r"VmRSS:\s+(\d+)", status.read_text())
            sizes.append(int(found[1]) / 1000 if found else 0)
    return metrics["JSHeapUsedSize"] / 1e6, max(sizes)


def far_away(page: Page) -> None:
    """Has every request take longer, as through a tunnel to another site."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    conditions = {"latency": LATENCY, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", {"offline": False, **conditions})


def images_tab(
    browser: Browser, url: str, tag: str, *, cards: int = 1, far: bool = False
) -> tuple[float, float]:
    """Milliseconds per step of the stock tab, from its sliders to the pictures of that step.

    Each card has a slider of its own; moving all of them at once is more than a hand can do.

    Returns:
        The median with a rest between two steps, and without.
    """
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    if far:
        far_away(page)
    page.goto(f"{url}#images&run=run1&tagFilter={tag}")
    page.wait_for_selector("tf-image-loader img", timeout=60_000)
    store = "document.createElement('tf-paginated-view-store').tf_paginated_view"
    page.evaluate(f"{store}.setLimit({cards})")  # as in the settings: all cards on one page
    page.wait_for_timeout(3000)
    script = """async ([cards, rounds, rest]) => {
          const all = (root, name) => [...root.querySelectorAll('*')].flatMap(one => [
            ...(one.localName === name ? [one] : []),
            ...(one.shadowRoot ? all(one.shadowRoot, name) : []),
          ]);
          // The first ones are those that the filter found; the same may follow under their names.
          const found = all(document, 'tf-image-loader').slice(0, cards).map(({shadowRoot}) => ({
            slider: all(shadowRoot, 'paper-slider')[0],
            img: () => all(shadowRoot, 'img')[0],
          }));
          if (found.length < cards) throw new Error(`${found.length} cards for ${cards}`);
          const times = [];
          for (let at = 0; at < rounds; at++) {
            const before = found.map(({img}) => img()?.src);
            const drawn = ({img}, at) =>
              img()?.src && img().src !== before[at] && img().complete && img().naturalWidth;
            const started = performance.now();
            for (const {slider} of found) slider.immediateValue = slider.value = slider.value - 1;
            do {
              await new Promise(requestAnimationFrame);
              if (performance.now() - started > 20000) throw new Error('no picture');
            } while (!found.every(drawn));
            times.push(performance.now() - started);
            await new Promise(done => setTimeout(done, rest));
          }
          return times;
        }"""
    rested, hurried = (page.evaluate(script, [cards, ROUNDS, rest]) for rest in (800, 0))
    page.close()
    return statistics.median(rested), statistics.median(hurried)


def measure(logdir: Path, minutes: float) -> None:
    """Prints every figure."""
    query = urllib.parse.urlencode({"run": RUN})
    with tensorboard(logdir) as url, sync_playwright() as playwright:
        others = [ask(url, f"series?run=run{at}/convviz") for at in (2, 3, 4)]
        first = statistics.median(time for _, time in others)
        report("index of a run: time, the first time", first, "ms")
        answers = [ask(url, f"series?{query}") for _ in range(10)]
        report("index of a run: time", statistics.median(time for _, time in answers), "ms", 100)
        report("index of a run: size", len(answers[0][0]) / 1000, "kB", 200)
        report("frontend, compressed", len(gzip.compress(BUNDLE.read_bytes())) / 1000, "kB", 80)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        report("first picture after choosing the tab", first_picture(browser, url), "ms", 1000)
        page, frame = opened(browser, f"{url}#convviz&p.convviz.run={RUN}")
        near = step_change(page, frame, near=True)
        report("another step, prefetched", near, "ms", 50)
        report("another step, not prefetched", step_change(page, frame, near=False), "ms", 250)
        hurried = hurry(page, frame)
        report("a step, each asked for once the one before is drawn", hurried, "ms")
        page.close()
        for kind in ("patterns", "heatmaps"):
            keys = f"&p.convviz.run={RUN}&p.convviz.kind={kind}"
            page, frame = opened(browser, f"{url}#convviz{keys}")
            for how in ("not yet loaded", "again"):
                script, longest, drawn = scrub(page, frame)
                report(f"scrubbing 400 steps of {kind}, {how}: script", script, "ms", 50)
                report("  longest task, painting included, wall time", longest, "ms")
                report("  steps drawn", drawn, "")
            page.close()
        distant = browser.new_page(viewport={"width": 1400, "height": 900})
        far_away(distant)
        distant.goto(f"{url}#convviz&p.convviz.run={RUN}")
        remote = frame_of(distant)
        remote.evaluate(WATCH)
        distant.wait_for_timeout(2000)
        near_far = step_change(distant, remote, near=True)
        report(f"another step, prefetched, {LATENCY} ms away", near_far, "ms")
        distant.close()
        scrub_on(browser, url, minutes)
        compare(browser, logdir, near, hurried, near_far)
        browser.close()


def compare(browser: Browser, logdir: Path, near: float, hurried: float, near_far: float) -> None:
    """Prints how the stock Images tab does: one sheet in one card, and a card for each picture."""
    with tempfile.TemporaryDirectory() as cards:
        write_pictures(Path(cards), steps=40, filters=PICTURES, tile=64, start=1.79e9)
        for what, logs, tag, count in (
            ("the same sheet", logdir, "block1_conv1", 1),
            (f"the same {PICTURES} pictures, one by one,", Path(cards), "conv1", PICTURES),
        ):
            with tensorboard(logs, "--samples_per_plugin=images=1000") as url:
                stock, stock_hurried = images_tab(browser, url, tag, cards=count)
                report(f"{what} in the stock Images tab, a step", stock, "ms")
                report("  without a rest", stock_hurried, "ms")
                far, _ = images_tab(browser, url, tag, cards=count, far=True)
                report(f"  {LATENCY} ms away", far, "ms")
            print(
                f"  times as fast: {stock / near:.1f} beside it, {stock_hurried / hurried:.1f} "
                f"without a rest, {far / near_far:.1f} far away"
            )


def opened(browser: Browser, address: str) -> tuple[Page, Frame]:
    """A page with our tab in it, watched, and at rest."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.goto(address)
    frame = frame_of(page)
    frame.evaluate(WATCH)
    page.wait_for_timeout(2000)
    return page, frame


def scrub_on(browser: Browser, url: str, minutes: float) -> None:
    """Scrubs through one layer after the other, and prints what the page holds each minute."""
    page, frame = opened(browser, f"{url}#convviz&p.convviz.run={RUN}")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    whole = browser.new_browser_cdp_session()
    print("minutes of scrubbing, MB of script, MB of the process:")
    started = time.monotonic()
    shown = -1.0
    while shown < minutes:
        passed = (time.monotonic() - started) / 60
        if passed >= shown + 1 or passed >= minutes:
            heap, process = memory(session, whole)
            shown = passed
            print(f"  {passed:4.1f} {heap:6.0f} {process:6.0f}", flush=True)
        drag(page, frame, 12)
        at_end = frame.locator(".layers-list li:last-child [aria-current=true]").count()
        keys = ["h" if frame.locator(".top-heat").count() == 0 else "p"] if at_end else ["]"]
        if at_end and keys == ["p"]:
            keys += ["["] * 8
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_timeout(500)
    page.close()


def main() -> None:
    """Writes the log, unless it is given, and measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logdir", type=Path, help="written by an earlier call; else a new one")
    parser.add_argument("--minutes", type=float, default=1, help="of scrubbing, for the memory")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        logdir = arguments.logdir or Path(scratch)
        if not any(logdir.glob("*/convviz")):
            started = time.time()
            size = {"runs": 4, "layers": 8, "steps": 200, "filters": PICTURES, "tile": 64}
            write_log(logdir, **size, start=1.79e9)
            print(f"log written in {time.time() - started:.0f} s: {size}")
        measure(logdir, arguments.minutes)


if __name__ == "__main__":
    main()
